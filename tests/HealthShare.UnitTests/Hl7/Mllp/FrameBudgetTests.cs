using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using HealthShare.Hl7;
using HealthShare.Hl7.Mllp;
using HealthShare.UnitTests.Support;
using TestAuthority = HealthShare.UnitTests.Protocol.Grpc.TestAuthority;

namespace HealthShare.UnitTests.Hl7.Mllp;

/// <summary>What all connections of a listener hold in memory together.</summary>
public sealed class FrameBudgetTests
{
    private const int MiB = 1024 * 1024;
    private static readonly byte[] End = [MllpFraming.EndOfFrame, MllpFraming.CarriageReturn];
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Twenty_open_frames_of_a_mebibyte_stay_within_four_and_small_messages_go_through()
    {
        var handler = new MllpRecorder();
        await using var server = MllpScene.Start(handler, o => o with { OpenFrameBytes = 4 * MiB, ExchangeTimeout = Long });
        var senders = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => MllpScene.ConnectRawAsync(server)));
        var sending = senders.Select((tcp, i) => tcp.GetStream().WriteAsync(Open($"{i}", MiB)).AsTask()).ToList();
        await MllpScene.EventuallyAsync(() => server.OpenFrameBytes > 3 * MiB);
        await using var client = await MllpScene.ConnectAsync(server);
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal("AA", (await client.SendAsync(MllpScene.Message($"small-{i}"))).Code);
            Assert.InRange(server.OpenFrameBytes, 0, 4 * MiB);
        }
        var answers = await Task.WhenAll(senders.Select(async (tcp, i) =>
        {
            await sending[i];
            await tcp.GetStream().WriteAsync(End);
            return await AnswerAsync(tcp.GetStream());
        }));
        Assert.All(answers, code => Assert.True(code is "AA" or "AR", code));
        Assert.InRange(answers.Count(code => code == "AA"), 3, 20); // four fit
        Assert.Equal(answers.Count(code => code == "AA"), handler.Received.Count(id => !id.StartsWith("small", StringComparison.Ordinal)));
        await MllpScene.EventuallyAsync(() => server.OpenFrameBytes == 0);
        foreach (var tcp in senders)
            tcp.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_frame_that_stands_still_is_given_up_for_one_that_wants_room_and_its_connection_lives(bool secure)
    {
        using var hospital = new TestAuthority("hospital");
        var (handler, clock) = (new MllpRecorder(), new SteppedClock());
        await using var server = MllpScene.Start(handler, o => o with
        {
            OpenFrameBytes = 256 * 1024, ExchangeTimeout = Long, Clock = clock, Tls = secure ? () => MllpTls.Server(hospital.Issue("localhost")) : null,
        });
        var tls = secure ? MllpTls.Client("localhost", hospital.Roots) : null;
        using var tcp = await MllpScene.ConnectRawAsync(server);
        await using var still = await OpenAsync(tcp, tls);
        await still.WriteAsync(Open("still", 310_000));
        await MllpScene.EventuallyAsync(() => server.OpenFrameBytes == 256 * 1024);
        clock.Ticks += Long.Ticks;
        await using var client = await MllpClient.ConnectAsync(new MllpClientOptions { Host = "127.0.0.1", Port = server.LocalEndpoint.Port, Tls = tls });
        Assert.Equal("AA", (await client.SendAsync(MllpScene.Message("wants", new string('x', 200_000)))).Code);
        await still.WriteAsync(End);
        Assert.Equal("AR", await AnswerAsync(still));
        await still.WriteAsync(MllpFraming.Wrap(MllpScene.Message("again", new string('x', 200_000))));
        Assert.Equal("AA", await AnswerAsync(still));
        Assert.Equal(["wants", "again"], handler.Received);
    }

    [Fact]
    public async Task What_is_handled_counts_until_it_was_and_a_frame_larger_than_all_passes_alone()
    {
        var gate = new TaskCompletionSource();
        var handler = new MllpRecorder { Gate = gate };
        await using var server = MllpScene.Start(handler, o => o with { OpenFrameBytes = 64 * 1024 });
        await using var client = await MllpScene.ConnectAsync(server);
        var answer = client.SendAsync(MllpScene.Message("large", new string('x', MiB)));
        await handler.Entered.Task;
        Assert.InRange(server.OpenFrameBytes, MiB - (64 * 1024), MiB + (64 * 1024));
        gate.SetResult();
        Assert.Equal("AA", (await answer).Code);
        await MllpScene.EventuallyAsync(() => server.OpenFrameBytes == 0);
    }

    [Fact]
    public async Task Frames_that_are_given_up_dropped_or_cut_off_give_their_room_back()
    {
        await using var server = MllpScene.Start(new MllpRecorder(), o => o with { OpenFrameBytes = 4 * MiB, MaxFrameBytes = MiB });
        using (var tcp = await MllpScene.ConnectRawAsync(server))
        {
            await tcp.GetStream().WriteAsync(Open("given up", 500_000));
            await MllpScene.EventuallyAsync(() => server.OpenFrameBytes > 0);
            await tcp.GetStream().WriteAsync(Open("too large", 50));
            await MllpScene.EventuallyAsync(() => server.OpenFrameBytes == 0);
            await tcp.GetStream().WriteAsync(new byte[2 * MiB]);
            await MllpScene.EventuallyAsync(() => server.OpenFrameBytes == 0);
            await tcp.GetStream().WriteAsync(Open("cut off", 500_000));
            await MllpScene.EventuallyAsync(() => server.OpenFrameBytes > 0);
        }
        await MllpScene.EventuallyAsync(() => server.OpenFrameBytes == 0 && server.ConnectionCount == 0);
    }

    [Fact]
    public async Task What_is_told_is_what_the_buffer_holds()
    {
        var budget = new FrameBudget(10 * MiB, Long, TimeProvider.System);
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        using var share = new FrameShare(budget, pipe.Reader.CancelPendingRead);
        var reader = new MllpFrameReader(pipe.Reader, 16 * MiB, share);
        var content = new byte[3_333_333];
        Array.Fill(content, (byte)'x');
        for (var i = 0; i < 3; i++)
        {
            await pipe.Writer.WriteAsync(MllpFraming.Wrap(content));
            Assert.Equal(content, await reader.ReadAsync());
            Assert.InRange(budget.Taken, content.Length - FrameBuffer.FirstPart, content.Length);
            share.Release();
            Assert.Equal(0, budget.Taken);
        }
    }

    [Fact]
    public async Task Frames_of_every_size_around_the_buffer_s_pieces_are_the_bytes_that_were_sent_however_the_stream_is_cut()
    {
        var random = new Random(11);
        var sent = new List<byte[]>();
        var stream = new MemoryStream();
        foreach (var size in Enumerable.Range(1, 4).SelectMany(pieces => new[] { -1, 0, 1, 4097 }.Select(more => (pieces * FrameBuffer.Piece) + more)))
        {
            var content = new byte[size];
            random.NextBytes(content);
            sent.Add(Array.ConvertAll(content, value => (byte)(value | 0x40))); // no framing bytes
            stream.Write(MllpFraming.Wrap(sent[^1]));
        }
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var writing = Task.Run(async () =>
        {
            var bytes = stream.ToArray();
            for (var at = 0; at < bytes.Length;)
            {
                var step = Math.Min(random.Next(1, 30_000), bytes.Length - at);
                await pipe.Writer.WriteAsync(bytes.AsMemory(at, step));
                at += step;
            }
            await pipe.Writer.CompleteAsync();
        });
        var budget = new FrameBudget(FrameBuffer.Piece, Long, TimeProvider.System);
        using var share = new FrameShare(budget, pipe.Reader.CancelPendingRead);
        var reader = new MllpFrameReader(pipe.Reader, MiB, share);
        foreach (var content in sent)
        {
            Assert.Equal(content, await reader.ReadAsync());
            share.Release();
        }
        Assert.Null(await reader.ReadAsync());
        await writing;
        Assert.Equal(0, budget.Taken);
    }

    [Fact]
    public async Task Where_all_wait_for_each_other_the_first_goes_on_and_the_last_gives_up()
    {
        var budget = new FrameBudget(100, Long, TimeProvider.System);
        using var first = new FrameShare(budget, Nothing);
        using var second = new FrameShare(budget, Nothing);
        using var third = new FrameShare(budget, Nothing);
        Assert.True(await first.TakeAsync(50, default));
        Assert.True(await second.TakeAsync(50, default));
        var (more, none, later) = (second.TakeAsync(50, default).AsTask(), third.TakeAsync(10, default).AsTask(), first.TakeAsync(50, default).AsTask());
        Assert.False(await more);
        Assert.False(later.IsCompleted);
        second.Release();
        Assert.True(await later);
        Assert.False(none.IsCompleted);
        first.Release();
        Assert.True(await none);
        Assert.Equal(10, budget.Taken);

        static void Nothing()
        {
        }
    }

    [Fact]
    public async Task Whoever_ends_while_waiting_leaves_the_way_free()
    {
        var budget = new FrameBudget(100, Long, TimeProvider.System);
        using var large = new FrameShare(budget, () => { });
        using var waits = new FrameShare(budget, () => { });
        using var behind = new FrameShare(budget, () => { });
        Assert.True(await large.TakeAsync(80, default));
        using var ends = new CancellationTokenSource();
        var impatient = waits.TakeAsync(50, ends.Token).AsTask();
        var small = behind.TakeAsync(10, default).AsTask();
        Assert.False(small.IsCompleted); // in its turn
        await ends.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        waits.Dispose();
        Assert.True(await small);
    }

    private static byte[] Open(string id, int size) => [MllpFraming.StartOfFrame, .. MllpScene.Message(id, new string('x', size))];

    private static async Task<Stream> OpenAsync(TcpClient tcp, SslClientAuthenticationOptions? tls)
    {
        if (tls is null)
            return tcp.GetStream();
        var secure = new SslStream(tcp.GetStream());
        await secure.AuthenticateAsClientAsync(tls);
        return secure;
    }

    private static async Task<string> AnswerAsync(Stream stream)
    {
        var reader = new MllpFrameReader(PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true)), 4096);
        return Er7Message.Parse((await reader.ReadAsync())!).Get("MSA-1").Text;
    }
}
