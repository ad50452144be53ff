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
        var handler = new MllpRecorder();
        await using var server = MllpScene.Start(handler);
        await Parallel.ForEachAsync(Enumerable.Range(0, 8), async (connection, ct) =>
        {
            await using var client = await MllpScene.ConnectAsync(server, ct);
            for (var i = 0; i < 20; i++)
            {
                var answer = await client.SendAsync(MllpScene.Message($"{connection}-{i}"), ct);
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
        await using var server = MllpScene.Start(new MllpRecorder());
        using var tcp = await MllpScene.ConnectRawAsync(server);
        var all = Enumerable.Range(0, 10).SelectMany(i => MllpFraming.Wrap(MllpScene.Message($"n-{i}"))).ToArray();
        foreach (var part in all.Chunk(13))
            await tcp.GetStream().WriteAsync(part);
        var reader = new MllpFrameReader(System.IO.Pipelines.PipeReader.Create(tcp.GetStream()), 4096);
        for (var i = 0; i < 10; i++)
            Assert.Equal($"n-{i}", Er7Message.Parse(await reader.ReadAsync()).Get("MSA-2").Text);
    }

    [Fact]
    public async Task A_stop_finishes_the_message_in_hand_and_closes_idle_connections()
    {
        var handler = new MllpRecorder { Gate = new TaskCompletionSource() };
        await using var server = MllpScene.Start(handler);
        await using var idle = await MllpScene.ConnectAsync(server);
        await using var busy = await MllpScene.ConnectAsync(server);
        var sending = busy.SendAsync(MllpScene.Message("last"));
        await handler.Entered.Task;
        var stopping = server.StopAsync();
        Assert.False(stopping.IsCompleted);
        handler.Gate.SetResult();
        Assert.Equal("AA", (await sending).Code);
        await stopping;
        await Assert.ThrowsAsync<MllpException>(() => idle.SendAsync(MllpScene.Message("late")));
        await Assert.ThrowsAnyAsync<SocketException>(() => MllpScene.ConnectAsync(server));
    }

    [Fact]
    public async Task A_stop_gives_up_on_a_handler_that_never_ends()
    {
        var handler = new MllpRecorder { Gate = new TaskCompletionSource() };
        await using var server = MllpScene.Start(handler, o => o with { DrainTimeout = TimeSpan.FromMilliseconds(50) });
        await using var client = await MllpScene.ConnectAsync(server);
        var sending = client.SendAsync(MllpScene.Message("stuck"));
        await handler.Entered.Task;
        await server.StopAsync();
        await Assert.ThrowsAsync<MllpException>(() => sending);
    }

    [Fact]
    public async Task A_failing_handler_sends_no_acknowledgement_and_other_connections_go_on()
    {
        var handler = new MllpRecorder { FailOn = "bad" };
        await using var server = MllpScene.Start(handler);
        await using var good = await MllpScene.ConnectAsync(server);
        await using var bad = await MllpScene.ConnectAsync(server);
        await Assert.ThrowsAsync<MllpException>(() => bad.SendAsync(MllpScene.Message("bad")));
        Assert.Equal("AA", (await good.SendAsync(MllpScene.Message("good"))).Code);
        await MllpScene.EventuallyAsync(() => handler.Closings.Any(closing => closing.Failure is InvalidOperationException));
        await Assert.ThrowsAsync<MllpException>(() => bad.SendAsync(MllpScene.Message("again")));
    }

    [Fact]
    public async Task A_connection_above_the_limit_is_told_the_reason_and_closed_and_a_place_that_gets_free_is_given_again()
    {
        var handler = new MllpRecorder();
        await using var server = MllpScene.Start(handler, o => o with { MaxConnections = 1 });
        var first = await MllpScene.ConnectAsync(server);
        await first.SendAsync(MllpScene.Message("1"));
        await using (var second = await MllpScene.ConnectAsync(server))
        {
            var answer = await second.SendAsync(MllpScene.Message("2"));
            Assert.Equal(("AR", "2"), (answer.Code, answer.Message.Get("MSA-2").Text));
            await Assert.ThrowsAsync<MllpException>(() => second.SendAsync(MllpScene.Message("3")));
        }
        Assert.Equal("AA", (await first.SendAsync(MllpScene.Message("4"))).Code);
        Assert.Equal(["1", "4"], handler.Received);
        await first.DisposeAsync();
        await MllpScene.EventuallyAsync(() => server.ConnectionCount == 0);
        await using var third = await MllpScene.ConnectAsync(server);
        Assert.Equal("AA", (await third.SendAsync(MllpScene.Message("5"))).Code);
    }

    [Fact]
    public async Task More_refusals_than_can_wait_are_closed_at_once()
    {
        await using var server = MllpScene.Start(new MllpRecorder(), o => o with { MaxConnections = 0 });
        var silent = new List<TcpClient>();
        for (var i = 0; i < 32; i++)
            silent.Add(await MllpScene.ConnectRawAsync(server));
        using var last = await MllpScene.ConnectRawAsync(server);
        Assert.Equal(0, await last.GetStream().ReadAsync(new byte[1]));
        silent.ForEach(tcp => tcp.Dispose());
    }

    [Theory]
    [InlineData("")]
    [InlineData("\u000bMSH|^~")]
    public async Task A_silent_or_half_sent_connection_is_closed_after_the_idle_time(string sent)
    {
        var handler = new MllpRecorder();
        await using var server = MllpScene.Start(handler, o => o with { IdleTimeout = TimeSpan.FromMilliseconds(60) });
        using var tcp = await MllpScene.ConnectRawAsync(server);
        try
        {
            await tcp.GetStream().WriteAsync(Encoding.ASCII.GetBytes(sent));
            Assert.Equal(0, await tcp.GetStream().ReadAsync(new byte[1]));
        }
        catch (IOException) when (sent.Length > 0)
        {
            // A busy machine may close it before it is sent.
        }
        await MllpScene.EventuallyAsync(() => handler.Closings.Any(closing => closing.Reason.Contains("idle time", StringComparison.Ordinal)));
        Assert.Empty(handler.Received);
    }

    [Fact]
    public async Task A_frame_above_the_limit_is_answered_with_the_reason_and_the_connection_goes_on()
    {
        await using var server = MllpScene.Start(new MllpRecorder(), o => o with { MaxFrameBytes = 5000 });
        await using var client = await MllpScene.ConnectAsync(server);
        for (var i = 0; i < 3; i++)
        {
            var answer = await client.SendAsync(MllpScene.Message("big", new string('x', 3_000_000)));
            Assert.Equal(("AR", "big", "207"), (answer.Code, answer.Message.Get("MSA-2").Text, answer.Message.Get("ERR-3.1").Text));
            Assert.Equal("AA", (await client.SendAsync(MllpScene.Message("next"))).Code);
        }
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
            var answer = Acknowledgement.Write(Er7Message.Parse(MllpScene.Message(id)), "AE", "x", DateTimeOffset.UnixEpoch);
            await server.GetStream().WriteAsync(MllpFraming.Wrap(answer));
        }
        Assert.Equal("b", (await client.SendAsync(MllpScene.Message("b"))).Message.Get("MSA-2").Text);
        Assert.Equal(2, client.UnmatchedAcknowledgements);
    }

    [Theory]
    [InlineData("MSH|^~\\&|A\rMSA|AR|\r", false)]
    [InlineData("MSH|^~\\&|A\rMSA|AA|b\r", true)]
    [InlineData("MSH!@~\\&!A\rMSA!AA!b\r", true)]
    public async Task An_answer_without_a_control_id_is_taken_for_no_message(string answer, bool matches)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var told = new List<string>();
        await using var client = await MllpClient.ConnectAsync(new MllpClientOptions
        {
            Host = "127.0.0.1", Port = ((IPEndPoint)listener.LocalEndpoint).Port, Unmatched = unmatched => told.Add(unmatched.Code),
        });
        using var server = await listener.AcceptTcpClientAsync();
        await server.GetStream().WriteAsync(MllpFraming.Wrap(Encoding.ASCII.GetBytes(answer)));
        if (matches)
            Assert.Equal("AA", (await client.SendAsync(MllpScene.Message("b"))).Code);
        else
            await Assert.ThrowsAsync<MllpException>(() => client.SendAsync(MllpScene.Message("b")));
        Assert.Equal(matches ? [] : ["AR"], told);
    }

    [Theory]
    [InlineData("AL", "NE", true)]
    [InlineData("", "", true)]
    [InlineData("NE", "NE", false)]
    [InlineData("ER", "NE", false)]
    [InlineData("NE", "SU", true)]
    public async Task A_message_that_asks_for_no_answer_is_not_waited_for(string accept, string application, bool answered)
    {
        var message = Encoding.ASCII.GetBytes($"MSH|^~\\&|A|B|C|D|2024||ADT^A01|quiet|P|2.5.1|||{accept}|{application}\rEVN|A01\r");
        Assert.Equal(answered, MllpClient.IsAnswered(Er7Message.Parse(message)));
        var handler = new MllpRecorder();
        await using var server = MllpScene.Start(handler);
        await using var client = await MllpScene.ConnectAsync(server);
        await client.PostAsync(message);
        Assert.Equal("AA", (await client.SendAsync(MllpScene.Message("loud"))).Code);
        Assert.Equal(["quiet", "loud"], handler.Received);
        Assert.Equal(1, client.UnmatchedAcknowledgements); // the recorder answers everything
        await client.PostAsync(MllpScene.Message("last"));
        await client.CloseAsync(TimeSpan.FromMinutes(1));
        Assert.Equal("last", handler.Received.Last());
        Assert.Equal(2, client.UnmatchedAcknowledgements);
    }

    [Fact]
    public async Task A_client_does_not_wait_longer_than_its_time_and_needs_a_control_id()
    {
        await using var server = MllpScene.Start(new MllpRecorder { Gate = new TaskCompletionSource() }, o => o with { DrainTimeout = TimeSpan.Zero });
        await using var client = await MllpClient.ConnectAsync("127.0.0.1", server.LocalEndpoint.Port, TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAsync<ArgumentException>(() => client.SendAsync("MSH|^~\\&|a"u8.ToArray()));
        await Assert.ThrowsAsync<MllpException>(() => client.SendAsync(MllpScene.Message("a")));
    }
}
