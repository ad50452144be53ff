using System.Diagnostics;
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
    public async Task Half_open_connections_give_their_places_back_and_others_are_served_meanwhile()
    {
        var handler = new MllpRecorder();
        await using var server = MllpScene.Start(handler,
            o => o with { MaxConnections = 4, IdleTimeout = TimeSpan.FromSeconds(10), ExchangeTimeout = TimeSpan.FromSeconds(1) });
        using var silent = await MllpScene.ConnectRawAsync(server);
        using var half = await MllpScene.ConnectRawAsync(server);
        await half.GetStream().WriteAsync((byte[])[0x0B, .. Encoding.ASCII.GetBytes("MSH|^~\\&|half" + new string('x', 100_000))]);
        using var deaf = new TcpClient { ReceiveBufferSize = 4096 };
        await deaf.ConnectAsync(server.LocalEndpoint);
        await using var sender = await MllpScene.ConnectAsync(server);
        await MllpScene.EventuallyAsync(() => server.ConnectionCount == 4); // before the first of them can be closed
        var flood = FloodAsync(deaf.GetStream());
        var (started, sent) = (Stopwatch.GetTimestamp(), 0);
        for (; server.ConnectionCount > 1; sent++)
        {
            Assert.Equal("AA", (await sender.SendAsync(MllpScene.Message($"meanwhile-{sent}"))).Code);
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(1), "The half-open connections were not closed.");
            await Task.Delay(20);
        }
        await flood;
        Assert.True(sent > 10, $"Only {sent} messages got through meanwhile.");
        Assert.Equal(2, handler.Closings.Count(closing => closing.Reason.Contains("idle time", StringComparison.Ordinal)));
        Assert.Equal(1, handler.Closings.Count(closing => closing.Reason.Contains("acknowledgements", StringComparison.Ordinal)));
        Assert.Equal(0, server.OpenFrameBytes);
        for (var i = 0; i < 3; i++)
        {
            await using var next = await MllpScene.ConnectAsync(server);
            Assert.Equal("AA", (await next.SendAsync(MllpScene.Message($"next-{i}"))).Code);
        }
        await sender.DisposeAsync();
        await MllpScene.EventuallyAsync(() => server.ConnectionCount == 0);

        // Each acknowledgement repeats the control id: together they fill whatever lies between the listener and a peer that reads nothing.
        static async Task FloodAsync(NetworkStream stream)
        {
            try
            {
                for (var i = 0; i < 32; i++)
                    await stream.WriteAsync(MllpFraming.Wrap(MllpScene.Message($"{i}-{new string('7', 1_000_000)}")));
                Assert.Fail("The listener took everything in.");
            }
            catch (IOException)
            {
                // closed
            }
        }
    }

    [Fact]
    public async Task A_peer_that_went_away_is_looked_for_within_a_minute()
    {
        if (!OperatingSystem.IsLinux())
            return; // where connections show their timers
        await using var server = MllpScene.Start(new MllpRecorder());
        using var tcp = await MllpScene.ConnectRawAsync(server);
        await MllpScene.EventuallyAsync(() => server.ConnectionCount == 1 && Timer() is { Kind: "02" });
        Assert.InRange(Timer()!.Value.Hundredths, 1, 60 * 100);

        // The accepted end of the connection: local address, remote address, …, timer (02 is the one for probes) and its time.
        (string Kind, int Hundredths)? Timer()
        {
            var (own, other) = (server.LocalEndpoint.Port, ((System.Net.IPEndPoint)tcp.Client.LocalEndPoint!).Port);
            var fields = File.ReadLines("/proc/net/tcp").Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .SingleOrDefault(fields => fields[1].EndsWith($":{own:X4}", StringComparison.Ordinal) && fields[2].EndsWith($":{other:X4}", StringComparison.Ordinal));
            return fields?[5].Split(':') is [var kind, var time] ? (kind, Convert.ToInt32(time, 16)) : null;
        }
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
