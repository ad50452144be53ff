using HealthShare.Vault.Content;
using HealthShare.Vault.Content.Cluster;

namespace HealthShare.Node.Content.Keeping;

/// <summary>What the peers of an IPFS Cluster say, by the names of the replicas beside them.</summary>
internal sealed class ClusterClaims(ClusterClient cluster, IReadOnlyList<ReplicaOptions> replicas) : IPinClaims
{
    public async Task<PinClaims> AskAsync(Cid cid, CancellationToken ct)
    {
        var all = await cluster.GetStatusAsync(cid, local: false, ct);
        var own = await cluster.GetStatusAsync(cid, local: true, ct);
        var names = replicas.ToLookup(replica => replica.ClusterPeer ?? replica.Name, replica => replica.Name, StringComparer.Ordinal);
        var pinned = Pinned(all).SelectMany(peer => names[peer.PeerName]).ToHashSet(StringComparer.Ordinal);
        if (Pinned(own).Any())
            pinned.Add(Replicas.OwnName);
        return new(pinned, all.NeedsRecovery);
    }

    public Task RecoverAsync(Cid cid, CancellationToken ct) => cluster.RecoverAsync(cid, ct);

    private static IEnumerable<ClusterPeerStatus> Pinned(ClusterPinStatus status) =>
        status.Peers.Where(peer => peer.State is ClusterPinState.Pinned);
}
