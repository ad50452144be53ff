using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using HealthShare.Hl7;
using HealthShare.Hl7.Acknowledgements;
using HealthShare.Hl7.Mllp;

namespace HealthShare.UnitTests.Hl7.Mllp;

public sealed class MllpServerTests
{
    [Fact]
    public async Task Messages_of_many_connections_are_answered_each_in_its_order()
    {
        var handler = new Recorder();
        await using var server = Start(handler);
        await Parallel.ForEachAsync(Enumerable.Range(0, 8), async (connection, ct) =>
        {
            await using var client = await Connect(server, ct);
            for (var i = 0; i < 20; i++)
            {
                var answer = await client.SendAsync(Message($"{connection}-{i}"), ct);
                Assert.Equal(("AA", $"{connection}-{i}"), (answer.Code, answer.Message.Get("MSA-2").Text));
            }
        });
        Assert.Equal(160, handler.Received.Count);
        foreach (var group in handler.Received.GroupBy(id => id.Split('-')[0]))
            Assert.Equal(Enumerable.Range(0, 20), group.Select(id => int.Parse(id.Split('-')[1], null)));
    }

    [Fact]
    public async Task Messages_sent_without_waiting_are_answered_in_order()
    {
        await using var server = Start(new Recorder());
        using var tcp = await ConnectRaw(server);
        var all = Enumerable.Range(0, 10).SelectMany(i => MllpFraming.Wrap(Message($"n-{i}"))).ToArray();
        foreach (var part in all.Chunk(13))
            await tcp.GetStream().WriteAsync(part);
        var reader = new MllpFrameReader(System.IO.Pipelines.PipeReader.Create(tcp.GetStream()), 4096);
        for (var i = 0; i < 10; i++)
            Assert.Equal($"n-{i}", Er7Message.Parse(await reader.ReadAsync()).Get("MSA-2").Text);
    }

    [Fact]
    public async Task A_stop_finishes_the_message_in_hand_and_closes_idle_connections()
    {
        var handler = new Recorder { Gate = new TaskCompletionSource() };
        await using var server = Start(handler);
        await using var idle = await Connect(server);
        await using var busy = await Connect(server);
        var sending = busy.SendAsync(Message("last"));
        await handler.Entered.Task;
        var stopping = server.StopAsync();
        Assert.False(stopping.IsCompleted);
        handler.Gate.SetResult();
        Assert.Equal("AA", (await sending).Code);
        await stopping;
        await Assert.ThrowsAsync<MllpException>(() => idle.SendAsync(Message("late")));
        await Assert.ThrowsAnyAsync<SocketException>(() => Connect(server));
    }

    [Fact]
    public async Task A_stop_gives_up_on_a_handler_that_never_ends()
    {
        var handler = new Recorder { Gate = new TaskCompletionSource() };
        await using var server = Start(handler, o => o with { DrainTimeout = TimeSpan.FromMilliseconds(50) });
        await using var client = await Connect(server);
        var sending = client.SendAsync(Message("stuck"));
        await handler.Entered.Task;
        await server.StopAsync();
        await Assert.ThrowsAsync<MllpException>(() => sending);
    }

    [Fact]
    public async Task A_failing_handler_sends_no_acknowledgement_and_other_connections_go_on()
    {
        var handler = new Recorder { FailOn = "bad" };
        await using var server = Start(handler);
        await using var good = await Connect(server);
        await using var bad = await Connect(server);
        await Assert.ThrowsAsync<MllpException>(() => bad.SendAsync(Message("bad")));
        Assert.Equal("AA", (await good.SendAsync(Message("good"))).Code);
        // The sender sees its connection close a moment before the handler is told.
        for (var i = 0; i < 500 && handler.Closings.IsEmpty; i++)
            await Task.Delay(10);
        Assert.Contains(handler.Closings, c => c.Failure is InvalidOperationException);
        await Assert.ThrowsAsync<MllpException>(() => bad.SendAsync(Message("again")));
    }

    [Fact]
    public async Task Connections_above_the_limit_are_closed_at_once()
    {
        var handler = new Recorder();
        await using var server = Start(handler, o => o with { MaxConnections = 1 });
        await using var first = await Connect(server);
        await first.SendAsync(Message("1"));
        using var second = await ConnectRaw(server);
        Assert.Equal(0, await second.GetStream().ReadAsync(new byte[1]));
        Assert.Equal("AA", (await first.SendAsync(Message("2"))).Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\u000bMSH|^~")]
    public async Task A_silent_or_half_sent_connection_is_closed_after_the_idle_time(string sent)
    {
        var handler = new Recorder();
        await using var server = Start(handler, o => o with { IdleTimeout = TimeSpan.FromMilliseconds(60) });
        using var tcp = await ConnectRaw(server);
        await tcp.GetStream().WriteAsync(Encoding.ASCII.GetBytes(sent));
        Assert.Equal(0, await tcp.GetStream().ReadAsync(new byte[1]));
        Assert.Empty(handler.Received);
    }

    [Fact]
    public async Task A_frame_above_the_limit_is_answered_and_the_connection_closed()
    {
        await using var server = Start(new Recorder(), o => o with { MaxFrameBytes = 500 });
        await using var client = await Connect(server);
        var answer = await client.SendAsync(Message("big", new string('x', 600)));
        Assert.Equal(("AR", "big"), (answer.Code, answer.Message.Get("MSA-2").Text));
        await Assert.ThrowsAsync<MllpException>(() => client.SendAsync(Message("next")));
    }

    [Fact]
    public async Task An_acknowledgement_of_another_message_is_not_taken_for_this_one()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var client = await MllpClient.ConnectAsync("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port);
        using var server = await listener.AcceptTcpClientAsync();
        foreach (var id in new[] { "late-1", "late-2", "b" })
        {
            var answer = Acknowledgement.Write(Er7Message.Parse(Message(id)), "AE", "x", DateTimeOffset.UnixEpoch);
            await server.GetStream().WriteAsync(MllpFraming.Wrap(answer));
        }
        Assert.Equal("b", (await client.SendAsync(Message("b"))).Message.Get("MSA-2").Text);
        Assert.Equal(2, client.UnmatchedAcknowledgements);
    }

    [Fact]
    public async Task A_client_does_not_wait_longer_than_its_time_and_needs_a_control_id()
    {
        await using var server = Start(new Recorder { Gate = new TaskCompletionSource() }, o => o with { DrainTimeout = TimeSpan.Zero });
        await using var client = await MllpClient.ConnectAsync("127.0.0.1", server.LocalEndpoint.Port, TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAsync<ArgumentException>(() => client.SendAsync("MSH|^~\\&|a"u8.ToArray()));
        await Assert.ThrowsAsync<MllpException>(() => client.SendAsync(Message("a")));
    }

    private static MllpServer Start(Recorder handler, Func<MllpServerOptions, MllpServerOptions>? change = null)
    {
        var options = new MllpServerOptions { Endpoint = new IPEndPoint(IPAddress.Loopback, 0) };
        var server = new MllpServer(change is null ? options : change(options), handler);
        server.Start();
        return server;
    }

    private static Task<MllpClient> Connect(MllpServer server, CancellationToken ct = default) =>
        MllpClient.ConnectAsync("127.0.0.1", server.LocalEndpoint.Port, cancellationToken: ct);

    private static async Task<TcpClient> ConnectRaw(MllpServer server)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(server.LocalEndpoint);
        return tcp;
    }

    private static byte[] Message(string id, string note = "") =>
        Encoding.UTF8.GetBytes($"MSH|^~\\&|A|B|C|D|2024||ADT^A01|{id}|P|2.5.1\rEVN|A01|2024|{note}\r");

    private sealed class Recorder : IMllpHandler
    {
        public ConcurrentQueue<string> Received { get; } = new();

        public ConcurrentQueue<(string Reason, Exception? Failure)> Closings { get; } = new();

        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource? Gate { get; init; }

        public string? FailOn { get; init; }

        public async ValueTask<ReadOnlyMemory<byte>> HandleAsync(
            ReadOnlyMemory<byte> message, EndPoint? sender, CancellationToken cancellationToken)
        {
            var parsed = Er7Message.Parse(message);
            var id = parsed.Get("MSH-10").Text;
            Entered.TrySetResult();
            if (Gate is not null)
                await Gate.Task.WaitAsync(cancellationToken);
            if (id == FailOn)
                throw new InvalidOperationException("The handler failed.");
            Received.Enqueue(id);
            return Acknowledgement.Write(parsed, "AA", "x", DateTimeOffset.UnixEpoch);
        }

        public ReadOnlyMemory<byte> RefuseTooLarge(ReadOnlyMemory<byte> beginning, int limit) => Acknowledgement.Write(
            Er7Message.ParseHeader(beginning), "AR", "x", DateTimeOffset.UnixEpoch, MessageFault.Internal("Too large."));

        public void Closed(EndPoint? sender, string reason, Exception? failure) => Closings.Enqueue((reason, failure));
    }
}
