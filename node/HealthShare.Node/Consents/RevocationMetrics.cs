using System.Diagnostics.Metrics;

namespace HealthShare.Node.Consents;

/// <summary>How long patients' revocations take (meter <c>HealthShare.Node.Consents</c>); tags say the way and the outcome only.</summary>
internal sealed class RevocationMetrics : IDisposable
{
    private readonly Histogram<double> delay;

    public RevocationMetrics() => delay = Meter.CreateHistogram<double>("consents.revocation.delay", "s",
        "Time from the arrival of a revocation until two members' peers have committed it, by way (own or other peers) and outcome.");

    /// <summary>This node's own: a process may have several nodes.</summary>
    public Meter Meter { get; } = new("HealthShare.Node.Consents");

    public void Took(TimeSpan time, bool elsewhere, bool isDone) => delay.Record(
        time.TotalSeconds, new("way", elsewhere ? "other" : "own"), new("outcome", isDone ? "done" : "pending"));

    public void Dispose() => Meter.Dispose();
}
