using System.Diagnostics.Metrics;

namespace HealthShare.Vault.Content.Ipfs;

/// <summary>What this process asks of daemons. Tags: the call's name and how it ended, never a CID.</summary>
internal static class IpfsMetrics
{
    private static readonly Meter Meter = new("HealthShare.Ipfs");

    private static readonly Histogram<double> Calls = Meter.CreateHistogram<double>(
        "healthshare.ipfs.call.duration", "s", "Attempts at calls of IPFS and Cluster daemons, until the answer's head");

    private static readonly Counter<long> Received = Meter.CreateCounter<long>(
        "healthshare.ipfs.received", "By", "Bytes of answers received from daemons");

    public static void Called(string call, TimeSpan duration, string outcome) =>
        Calls.Record(duration.TotalSeconds, new("call", call), new("outcome", outcome));

    public static void Got(string call, int bytes) => Received.Add(bytes, new KeyValuePair<string, object?>("call", call));
}
