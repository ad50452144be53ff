using HealthShare.Node.ReadModel;
using Microsoft.Extensions.Options;

namespace HealthShare.UnitTests.Node.ReadModel;

public sealed class FreshnessTests
{
    private readonly SettableClock clock = new(DateTimeOffset.Parse("2026-03-01T08:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
    private readonly ReadModelState state;

    public FreshnessTests() => state = new ReadModelState(Options.Create(new ReadModelOptions()), clock);

    [Fact]
    public void A_copy_never_compared_is_not_fresh() => Assert.False(state.IsFresh);

    [Fact]
    public void A_copy_that_holds_every_block_is_fresh_for_its_time_and_no_longer()
    {
        state.Applied(10);
        state.Compared(10, clock.GetUtcNow(), clock.GetTimestamp());
        clock.Pass(TimeSpan.FromSeconds(60));
        Assert.True(state.IsFresh);
        clock.Pass(TimeSpan.FromSeconds(1));
        Assert.False(state.IsFresh);
    }

    [Fact]
    public void A_clock_that_is_set_back_makes_no_copy_fresh_nor_one_that_stood_still()
    {
        state.Applied(10);
        state.Compared(10, clock.GetUtcNow(), clock.GetTimestamp());
        clock.Pass(TimeSpan.FromSeconds(61));
        clock.Now -= TimeSpan.FromHours(1);
        Assert.False(state.IsFresh);

        state.Compared(10, clock.GetUtcNow(), clock.GetTimestamp());
        Assert.True(state.IsFresh);
        clock.Now += TimeSpan.FromHours(1); // the machine slept: its timestamps did not move
        Assert.False(state.IsFresh);
    }

    [Fact]
    public void A_copy_that_lags_behind_another_member_does_not_become_fresh_by_asking()
    {
        state.Applied(9);
        state.Compared(10, clock.GetUtcNow(), clock.GetTimestamp());
        Assert.False(state.IsFresh);
    }

    [Fact]
    public void A_copy_that_stopped_is_not_fresh_whatever_it_held()
    {
        state.Applied(10);
        state.Compared(10, clock.GetUtcNow(), clock.GetTimestamp());
        state.Stopped("a gap");
        Assert.False(state.IsFresh);
    }

    private sealed class SettableClock(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        private long ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => Now;

        public override long GetTimestamp() => ticks;

        /// <summary>Time passes, which both its forms show.</summary>
        public void Pass(TimeSpan time)
        {
            Now += time;
            ticks += time.Ticks;
        }
    }
}
