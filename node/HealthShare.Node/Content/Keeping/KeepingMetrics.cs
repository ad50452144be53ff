using System.Diagnostics.Metrics;

namespace HealthShare.Node.Content.Keeping;

/// <summary>Counts of the keeper (meter <c>HealthShare.Node.Keeping</c>); tags hold names of replicas and states only.</summary>
internal sealed class KeepingMetrics : IDisposable
{
    private readonly Meter meter = new("HealthShare.Node.Keeping");
    private readonly Counter<long> challenges;
    private readonly Counter<long> found;
    private readonly Counter<long> repairs;
    private readonly Counter<long> pinnedAgain;
    private readonly Counter<long> scrubbed;
    private long open;

    public KeepingMetrics()
    {
        challenges = meter.CreateCounter<long>("content.challenges", description: "Challenges, by replica and what it showed.");
        found = meter.CreateCounter<long>("content.findings.found", description: "Copies found missing or corrupt, by replica and state.");
        repairs = meter.CreateCounter<long>("content.repairs", description: "Repairs, by replica and outcome.");
        pinnedAgain = meter.CreateCounter<long>("content.pinned_again", description: "Contents of records that were held and not pinned.");
        scrubbed = meter.CreateCounter<long>("content.scrubbed", "By", "Bytes of the own store that were read and verified.");
        meter.CreateObservableGauge("content.findings.open", () => Volatile.Read(ref open), description: "Findings that are open.");
    }

    public void Challenged(string replica, ReplicaState state) =>
        challenges.Add(1, new("replica", replica), new("state", state.ToString()));

    public void Found(string replica, ReplicaState state) => found.Add(1, new("replica", replica), new("state", state.ToString()));

    public void Repaired(string replica, bool done) => repairs.Add(1, new("replica", replica), new("outcome", done ? "done" : "failed"));

    public void PinnedAgain() => pinnedAgain.Add(1);

    public void Scrubbed(long bytes) => scrubbed.Add(bytes);

    public void Open(long findings) => Volatile.Write(ref open, findings);

    public void Dispose() => meter.Dispose();
}
