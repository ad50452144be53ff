using System.Diagnostics.Metrics;
using HealthShare.Hl7.Acknowledgements;

namespace HealthShare.Node.Intake;

/// <summary>Counts of the intake (meter <c>HealthShare.Node.Intake</c>); tags hold doors, outcomes and codes only.</summary>
internal sealed class IntakeMetrics : IDisposable
{
    private readonly Meter meter = new("HealthShare.Node.Intake");
    private readonly Counter<long> received;
    private readonly Counter<long> moved;
    private readonly Counter<long> postponed;
    private readonly Histogram<int> together;
    private long quarantined = -1; // until it was counted

    public IntakeMetrics()
    {
        received = meter.CreateCounter<long>("intake.messages.received", description: "Messages answered, by door, outcome and repetition.");
        moved = meter.CreateCounter<long>("intake.messages.moved", description: "Messages that reached a state.");
        postponed = meter.CreateCounter<long>("intake.messages.postponed", description: "Steps to be tried again, by code.");
        together = meter.CreateHistogram<int>("intake.records.together", description: "Records that one ledger transaction registered.");
        meter.CreateObservableGauge("intake.messages.quarantined", LastCount, description: "Messages in quarantine, counted every fifteen seconds.");
    }

    public void Received(string source, Outcome outcome, bool duplicate) =>
        received.Add(1, new("source", source), new("outcome", outcome.ToString()), new("duplicate", duplicate));

    public void Moved(IntakeState state, int count) => moved.Add(count, new KeyValuePair<string, object?>("state", state.ToString()));

    public void Postponed(string code, int count) => postponed.Add(count, new KeyValuePair<string, object?>("code", code));

    public void RegisteredTogether(int count) => together.Record(count);

    /// <summary>How many messages are in quarantine; null where nobody knows.</summary>
    public void Quarantined(long? messages) => Volatile.Write(ref quarantined, messages ?? -1);

    // Nothing is said before it is known: none would be a false relief.
    private IEnumerable<Measurement<long>> LastCount() => Volatile.Read(ref quarantined) is >= 0 and var count ? [new(count)] : [];

    public void Dispose() => meter.Dispose();
}
