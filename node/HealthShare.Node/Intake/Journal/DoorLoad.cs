namespace HealthShare.Node.Intake.Journal;

/// <summary>Whether senders keep the journal busy, so that what can be done later gives way to them. Thread-safe.</summary>
internal sealed class DoorLoad
{
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(100);
    private readonly Lock gate = new();
    private long? began;
    private TimeSpan worked;
    private bool busy;
    private bool hasRoom = true;

    /// <summary>The journal has written for senders.</summary>
    /// <param name="took">How long.</param>
    /// <param name="roomy">Whether much more may wait for the ledger; where not, nothing gives way any more.</param>
    /// <param name="clock">The node's clock.</param>
    public void Worked(TimeSpan took, bool roomy, TimeProvider clock)
    {
        lock (gate)
        {
            Roll(clock);
            worked += took;
            hasRoom = roomy;
        }
    }

    /// <summary>True while the journal writes for senders more than half of the time, and there is room for what waits meanwhile.</summary>
    public bool ComesFirst(TimeProvider clock)
    {
        lock (gate)
        {
            Roll(clock);
            return busy && hasRoom;
        }
    }

    private void Roll(TimeProvider clock)
    {
        var now = clock.GetTimestamp();
        began ??= now;
        var passed = clock.GetElapsedTime(began.Value, now);
        if (passed < Window)
            return;
        busy = worked * 2 > passed;
        (began, worked) = (now, TimeSpan.Zero);
    }
}
