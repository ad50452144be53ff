using System.Collections.Concurrent;

namespace HealthShare.UnitTests.Support;

/// <summary>A clock whose waits end at once and are noted, and which stands still but where a test moves it.</summary>
internal sealed class NotedWaits : TimeProvider
{
    private long ticks;

    /// <summary>How long it was to be waited, each time.</summary>
    public ConcurrentQueue<TimeSpan> Waits { get; } = [];

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref ticks);

    public void Forward(TimeSpan by) => Interlocked.Add(ref ticks, by.Ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Waits.Enqueue(dueTime);
        return System.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
