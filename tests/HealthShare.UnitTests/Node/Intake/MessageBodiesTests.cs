using System.IO.Pipelines;
using HealthShare.Node.Intake;
using HealthShare.Node.Intake.Journal;
using HealthShare.Node.Intake.Receiving;
using HealthShare.UnitTests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace HealthShare.UnitTests.Node.Intake;

/// <summary>What the HTTP door holds in memory, of all callers together.</summary>
public sealed class MessageBodiesTests
{
    private const int MiB = 1024 * 1024;
    private readonly SteppedClock clock = new();

    [Fact]
    public async Task A_body_is_the_bytes_that_were_sent_and_gives_its_room_back()
    {
        var bodies = Bodies(4 * MiB);
        var sent = new byte[(3 * MiB) + 17];
        new Random(7).NextBytes(sent);
        var pipe = new Pipe();
        var reading = bodies.ReadAsync(Request(pipe), default);
        for (var at = 0; at < sent.Length; at += 100_000)
            await pipe.Writer.WriteAsync(sent.AsMemory(at, Math.Min(100_000, sent.Length - at)));
        Assert.InRange(bodies.Taken, MiB, 3 * MiB);
        await pipe.Writer.CompleteAsync();
        using (var body = await reading)
        {
            Assert.True(body.Bytes.Span.SequenceEqual(sent));
            Assert.InRange(bodies.Taken, (3 * MiB) - (64 * 1024), 3 * MiB); // until it was handled
        }
        Assert.Equal(0, bodies.Taken);
    }

    [Fact]
    public async Task Twenty_open_bodies_of_a_mebibyte_stay_within_four_small_ones_go_through_and_at_least_three_are_read()
    {
        var bodies = Bodies(4 * MiB);
        var pipes = Enumerable.Range(0, 20).Select(_ => new Pipe()).ToList();
        var reading = pipes.Select(pipe => OutcomeAsync(bodies, pipe)).ToList();
        var writing = pipes.Select(async pipe =>
        {
            await pipe.Writer.WriteAsync(new byte[MiB]);
            await pipe.Writer.CompleteAsync();
        }).ToList();
        for (var i = 0; i < 50; i++)
        {
            var small = new Pipe();
            await small.Writer.WriteAsync(new byte[2000]);
            await small.Writer.CompleteAsync();
            using var body = await bodies.ReadAsync(Request(small), default);
            Assert.Equal(2000, body.Bytes.Length);
            Assert.InRange(bodies.Taken, 0, 4 * MiB);
        }
        await Task.WhenAll(writing).WaitAsync(TimeSpan.FromSeconds(60));
        var outcomes = await Task.WhenAll(reading).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.InRange(outcomes.Count(read => read), 3, 20);
        Assert.Equal(0, bodies.Taken);
    }

    [Fact]
    public async Task A_body_that_stands_still_is_given_up_for_one_that_wants_room()
    {
        var bodies = Bodies(MiB);
        var (still, moves) = (new Pipe(), new Pipe());
        var stands = OutcomeAsync(bodies, still);
        await still.Writer.WriteAsync(new byte[900_000]);
        using (var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60)))
        {
            while (bodies.Taken < 800_000)
                await Task.Delay(5, limit.Token);
        }
        clock.Ticks += MessageBodies.Patience.Ticks;
        var goesOn = OutcomeAsync(bodies, moves);
        await moves.Writer.WriteAsync(new byte[900_000]).AsTask().WaitAsync(TimeSpan.FromSeconds(60));
        await moves.Writer.CompleteAsync();
        Assert.Equal((false, true), (await stands.WaitAsync(TimeSpan.FromSeconds(60)), await goesOn.WaitAsync(TimeSpan.FromSeconds(60))));
        Assert.Equal(0, bodies.Taken);
    }

    [Fact]
    public async Task A_caller_that_goes_away_or_breaks_off_gives_its_room_back()
    {
        var bodies = Bodies(MiB);
        var (gone, broken) = (new Pipe(), new Pipe());
        using var caller = new CancellationTokenSource();
        var first = bodies.ReadAsync(Request(gone), caller.Token);
        await gone.Writer.WriteAsync(new byte[500_000]);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        var second = bodies.ReadAsync(Request(broken), default);
        await broken.Writer.WriteAsync(new byte[500_000]);
        await broken.Writer.CompleteAsync(new IOException("The connection broke."));
        await Assert.ThrowsAsync<IOException>(() => second);
        Assert.Equal(0, bodies.Taken);
    }

    [Fact]
    public async Task More_bodies_at_a_time_than_may_be_are_refused_at_once_and_taken_again_later()
    {
        var bodies = Bodies(MiB);
        var pipes = Enumerable.Range(0, MessageBodies.MostAtOnce).Select(_ => new Pipe()).ToList();
        var reading = pipes.Select(pipe => OutcomeAsync(bodies, pipe)).ToList();
        var refusal = await Assert.ThrowsAsync<IntakeBusyException>(() => bodies.ReadAsync(Request(new Pipe()), default));
        Assert.Equal(IntakeBusyException.Overloaded, refusal.Code);
        foreach (var pipe in pipes)
            await pipe.Writer.CompleteAsync();
        Assert.All(await Task.WhenAll(reading).WaitAsync(TimeSpan.FromSeconds(60)), Assert.True);
        var one = new Pipe();
        await one.Writer.CompleteAsync();
        using var body = await bodies.ReadAsync(Request(one), default);
    }

    private MessageBodies Bodies(long bytes) => new(Microsoft.Extensions.Options.Options.Create(new IntakeOptions { OpenBodyBytes = bytes }), clock);

    // True where it was read; false where there was no room.
    private static async Task<bool> OutcomeAsync(MessageBodies bodies, Pipe pipe)
    {
        try
        {
            using var body = await bodies.ReadAsync(Request(pipe), default);
            return true;
        }
        catch (IntakeBusyException)
        {
            await pipe.Reader.CompleteAsync();
            return false;
        }
    }

    internal static DefaultHttpContext Request(Pipe pipe)
    {
        var http = new DefaultHttpContext();
        http.Features.Set<IRequestBodyPipeFeature>(new Body(pipe.Reader));
        return http;
    }

    private sealed record Body(PipeReader Reader) : IRequestBodyPipeFeature;
}
