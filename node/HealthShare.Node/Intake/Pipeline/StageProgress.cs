using HealthShare.Node.Intake.Journal;

namespace HealthShare.Node.Intake.Pipeline;

/// <summary>What the stages know of each other: whether more is on its way to the last one. Thread-safe.</summary>
internal sealed class StageProgress(IntakeSignal signal)
{
    private int working;

    /// <summary>True while a stage before the last has messages in hand.</summary>
    public bool MoreMayCome => Volatile.Read(ref working) > 0;

    /// <summary>A stage has messages in hand until the result is disposed.</summary>
    public IDisposable Begin()
    {
        Interlocked.Increment(ref working);
        return new Work(this);
    }

    /// <summary>Messages have reached a state: the next stage wakes.</summary>
    public void Reached(IntakeState state) => signal.Set(state);

    private sealed class Work(StageProgress progress) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref progress.working);
    }
}
