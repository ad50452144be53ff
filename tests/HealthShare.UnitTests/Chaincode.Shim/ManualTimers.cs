namespace HealthShare.UnitTests.Chaincode.Shim;

/// <summary>A clock whose timers fire when a test says so.</summary>
internal sealed class ManualTimers : TimeProvider
{
    private readonly List<Timer> timers = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(() => callback(state), dueTime);
        lock (timers)
            timers.Add(timer);
        return timer;
    }

    /// <summary>Fires every timer that was set to the given time and is still wanted.</summary>
    /// <returns>How many were ever set to it.</returns>
    public int Fire(TimeSpan dueTime)
    {
        Timer[] due;
        lock (timers)
            due = [.. timers.Where(timer => timer.Due == dueTime)];
        foreach (var timer in due.Where(timer => !timer.Disposed))
            timer.Callback();
        return due.Length;
    }

    private sealed class Timer(Action callback, TimeSpan due) : ITimer
    {
        public Action Callback { get; } = callback;

        public TimeSpan Due { get; private set; } = due;

        public bool Disposed { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Due = dueTime;
            return true;
        }

        public void Dispose() => Disposed = true;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
