namespace HealthShare.Chaincode.Shim.Server;

/// <summary>What a chaincode service is doing, as its health endpoint tells it.</summary>
/// <param name="Status"><c>serving</c>, <c>stopping</c>, or <c>refused</c>: no peer accepts the package id.</param>
/// <param name="PackageId">The package id that it registers at peers.</param>
/// <param name="Peers">Peers that are ready to send transactions; a peer dials at the first call, so none may be no fault.</param>
/// <param name="Transactions">Transactions that run now.</param>
/// <param name="Problem">What to look into; null when nothing is wrong.</param>
public sealed record ServiceStatus(string Status, string PackageId, int Peers, int Transactions, string? Problem)
{
    internal const string Serving = "serving";

    /// <summary>Whether transactions are served, as far as it depends on this service.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsHealthy => Status == Serving;
}

/// <summary>Counts what the peers' streams and transactions tell.</summary>
internal sealed class StatusBoard(string packageId)
{
    private int peers;
    private int transactions;
    private volatile bool refused;
    private volatile bool stopping;

    public void PeerReady()
    {
        refused = false;
        Interlocked.Increment(ref peers);
    }

    public void PeerGone() => Interlocked.Decrement(ref peers);

    public void PackageIdRefused() => refused = true;

    public void Stopping() => stopping = true;

    public void TransactionBegun() => Interlocked.Increment(ref transactions);

    public void TransactionEnded() => Interlocked.Decrement(ref transactions);

    public ServiceStatus Read()
    {
        var ready = Volatile.Read(ref peers);
        var status = stopping ? "stopping" : refused && ready == 0 ? "refused" : ServiceStatus.Serving;
        return new ServiceStatus(status, packageId, ready, Volatile.Read(ref transactions), refused
            ? $"A peer dialled but did not accept the package id {packageId}: compare it with what the peer has installed."
            : null);
    }
}
