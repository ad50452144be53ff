using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace HealthShare.Fabric.Client;

/// <summary>
/// What the clients of this process tell OpenTelemetry, through <see cref="ActivitySource"/> and <see cref="Meter"/>: add both
/// by <see cref="Name"/>. Ids, names, codes and durations only; never an argument, a result or a payload.
/// </summary>
/// <remarks>
/// Activities: <c>fabric transaction</c> from proposal to commit, and one per call of a peer, <c>fabric evaluate</c>,
/// <c>endorse</c>, <c>submit</c> and <c>commit_status</c>. Instruments: <c>fabric.client.stage.duration</c> in seconds,
/// <c>fabric.client.retries</c>, <c>fabric.client.failovers</c>, <c>fabric.client.conflicts</c>,
/// <c>fabric.client.peer.state</c> (0 healthy, 1 degraded, 2 open) and <c>fabric.client.certificate.remaining</c> in seconds.
/// </remarks>
public static class GatewayTelemetry
{
    /// <summary>Name of the activity source and of the meter: <c>HealthShare.Fabric.Client</c>.</summary>
    public const string Name = "HealthShare.Fabric.Client";

    internal static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);
    private static readonly ConcurrentDictionary<GatewayClient, byte> Clients = new();

    internal static readonly Histogram<double> StageDuration = Meter.CreateHistogram<double>(
        "fabric.client.stage.duration", "s", "Duration of one call of one peer.");

    internal static readonly Counter<long> Retries = Meter.CreateCounter<long>(
        "fabric.client.retries", "{retry}", "Transactions proposed or handed over again, and queries asked again.");

    internal static readonly Counter<long> Failovers = Meter.CreateCounter<long>(
        "fabric.client.failovers", "{failover}", "Calls that went on at another peer.");

    internal static readonly Counter<long> Conflicts = Meter.CreateCounter<long>(
        "fabric.client.conflicts", "{transaction}", "Transactions found invalid at commit for a version or phantom conflict.");

    static GatewayTelemetry()
    {
        Meter.CreateObservableGauge("fabric.client.peer.state", StatesOfPeers, null, "0 healthy, 1 degraded, 2 open.");
        Meter.CreateObservableGauge(
            "fabric.client.certificate.remaining", RemainingTimes, "s", "Time until a certificate ends; negative afterwards.");
    }

    internal static void Add(GatewayClient client) => Clients.TryAdd(client, 0);

    internal static void Remove(GatewayClient client) => Clients.TryRemove(client, out _);

    private static IEnumerable<Measurement<int>> StatesOfPeers() =>
        from client in Clients.Keys
        from peer in client.Peers
        select new Measurement<int>(
            (int)peer.State, new("fabric.channel", client.ChannelName), new("fabric.peer", peer.Name),
            new("server.address", peer.Address.Host), new("server.port", peer.Address.Port));

    private static IEnumerable<Measurement<double>> RemainingTimes() =>
        from client in Clients.Keys
        from certificate in client.Certificates
        select new Measurement<double>(
            (certificate.NotAfter - client.Now).TotalSeconds, new("fabric.channel", client.ChannelName),
            new("fabric.certificate.use", certificate.Use.ToString()), new("fabric.certificate.owner", certificate.Owner));
}
