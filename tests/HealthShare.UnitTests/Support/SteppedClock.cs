using NSubstitute;

namespace HealthShare.UnitTests.Support;

/// <summary>A clock by which no time passes that a test does not let pass, however slow the machine is; its timers never fire.</summary>
internal sealed class SteppedClock : TimeProvider
{
    private long ticks = 1;

    public long Ticks
    {
        get => Interlocked.Read(ref ticks);
        set => Interlocked.Exchange(ref ticks, value);
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => Substitute.For<ITimer>();
}
