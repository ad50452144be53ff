using System.Net.Sockets;
using System.Text;
using HealthShare.Hl7.Mllp;

namespace HealthShare.UnitTests.Hl7.Mllp;

public sealed class MllpHostileTests
{
    [Fact]
    public async Task Five_hundred_connections_are_served_at_the_same_time()
    {
        var handler = new MllpRecorder();
        await using var server = MllpScene.Start(handler);
        var clients = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => MllpScene.ConnectAsync(server)));
        var answers = await Task.WhenAll(clients.Select((client, i) => client.SendAsync(MllpScene.Message($"c-{i}"))));
        Assert.All(answers, answer => Assert.Equal("AA", answer.Code));
        Assert.Equal(500, handler.Received.Distinct().Count());
        foreach (var client in clients)
            await client.DisposeAsync();
        await MllpScene.EventuallyAsync(() => server.ConnectionCount == 0);
    }

    [Fact]
    public async Task A_sender_of_one_byte_at_a_time_holds_nobody_up()
    {
        var handler = new MllpRecorder();
        await using var server = MllpScene.Start(handler);
        using var slow = await MllpScene.ConnectRawAsync(server);
        slow.NoDelay = true;
        await using var quick = await MllpScene.ConnectAsync(server);
        foreach (var value in MllpFraming.Wrap(MllpScene.Message("slow")))
        {
            await slow.GetStream().WriteAsync(new[] { value });
            if (value == (byte)'|')
                Assert.Equal("AA", (await quick.SendAsync(MllpScene.Message("quick"))).Code);
        }
        await MllpScene.EventuallyAsync(() => handler.Received.Contains("slow"));
    }

    [Fact]
    public async Task A_sender_that_dribbles_past_the_idle_time_is_closed()
    {
        var handler = new MllpRecorder();
        await using var server = MllpScene.Start(handler, o => o with { IdleTimeout = TimeSpan.FromMilliseconds(150) });
        using var tcp = await MllpScene.ConnectRawAsync(server);
        try
        {
            for (var i = 0; i < 1000; i++)
            {
                await tcp.GetStream().WriteAsync("\u000bM"u8.ToArray());
                await Task.Delay(10);
            }
            Assert.Fail("The connection was not closed.");
        }
        catch (IOException)
        {
            await MllpScene.EventuallyAsync(() => handler.Closings.Any(closing => closing.Reason.Contains("idle time", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task A_sender_that_takes_no_acknowledgements_is_closed()
    {
        var handler = new MllpRecorder { Answer = new byte[4_000_000] };
        await using var server = MllpScene.Start(handler, o => o with { ExchangeTimeout = TimeSpan.FromMilliseconds(200) });
        using var tcp = await MllpScene.ConnectRawAsync(server);
        try
        {
            for (var i = 0; i < 20; i++)
                await tcp.GetStream().WriteAsync(MllpFraming.Wrap(MllpScene.Message($"{i}")));
        }
        catch (IOException)
        {
            // closed while it was still sending
        }
        await MllpScene.EventuallyAsync(() => handler.Closings.Any(closing => closing.Reason.Contains("acknowledgements", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_connection_that_is_reset_in_a_frame_leaves_the_listener_well()
    {
        var handler = new MllpRecorder();
        await using var server = MllpScene.Start(handler);
        for (var i = 0; i < 20; i++)
        {
            using var tcp = await MllpScene.ConnectRawAsync(server);
            await tcp.GetStream().WriteAsync("\u000bMSH|^~\\&|half"u8.ToArray());
            tcp.LingerState = new LingerOption(true, 0); // ends with RST, as a crashed sender's does
        }
        await using var client = await MllpScene.ConnectAsync(server);
        Assert.Equal("AA", (await client.SendAsync(MllpScene.Message("after"))).Code);
        await MllpScene.EventuallyAsync(() => server.ConnectionCount == 1);
        Assert.Equal(["after"], handler.Received);
    }

    [Fact]
    public async Task Random_bytes_between_and_inside_frames_never_give_a_message_that_was_not_sent()
    {
        var random = new Random(7);
        var handler = new MllpRecorder();
        await using var server = MllpScene.Start(handler);
        using var tcp = await MllpScene.ConnectRawAsync(server);
        var stream = new MemoryStream();
        for (var i = 0; i < 300; i++)
        {
            var noise = new byte[random.Next(40)];
            random.NextBytes(noise);
            stream.Write(Array.FindAll(noise, value => value is not 0x0B));
            if (i % 3 == 0)
                stream.Write([0x0B, .. "MSH|^~\\&|given up"u8]);
            stream.Write(MllpFraming.Wrap(MllpScene.Message($"{i}")));
        }
        var reading = tcp.GetStream().CopyToAsync(Stream.Null);
        foreach (var part in stream.ToArray().Chunk(random.Next(1, 200)))
            await tcp.GetStream().WriteAsync(part);
        tcp.Client.Shutdown(SocketShutdown.Send);
        await reading;
        Assert.Equal(Enumerable.Range(0, 300).Select(i => $"{i}"), handler.Received);
    }

    [Fact]
    public async Task A_frame_without_end_is_passed_over_only_so_far()
    {
        await using var server = MllpScene.Start(new MllpRecorder(), o => o with { MaxFrameBytes = 1000 });
        using var tcp = await MllpScene.ConnectRawAsync(server);
        var answer = ReadAllAsync(tcp.GetStream());
        var part = Encoding.ASCII.GetBytes(new string('x', 1_000_000));
        var sent = 0L;
        try
        {
            await tcp.GetStream().WriteAsync((byte[])[0x0B, .. MllpScene.Message("endless")]);
            for (; sent < 200_000_000; sent += part.Length)
                await tcp.GetStream().WriteAsync(part);
        }
        catch (IOException)
        {
            // closed
        }
        Assert.InRange(sent, 60_000_000, 150_000_000);
        _ = await answer;

        static async Task<long> ReadAllAsync(NetworkStream stream)
        {
            try
            {
                var copy = new MemoryStream();
                await stream.CopyToAsync(copy);
                return copy.Length;
            }
            catch (IOException)
            {
                return 0; // a reset may overtake the answer
            }
        }
    }
}
