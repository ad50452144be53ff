using HealthShare.Fabric.Client;

namespace HealthShare.Node.Ledger;

/// <summary>How the way to the channel is.</summary>
/// <param name="Peers">This member's gateway peers, in order of preference.</param>
/// <param name="IdentityNotAfter">End of the certificate under which this node acts; null where none is used.</param>
public sealed record LedgerConnection(IReadOnlyList<GatewayPeerHealth> Peers, DateTimeOffset? IdentityNotAfter)
{
    /// <summary>Names of the peers that failed lately and are asked last, or not at all.</summary>
    public IReadOnlyList<string> PeersAway =>
        [.. Peers.Where(peer => peer.State is not GatewayPeerState.Healthy).Select(peer => peer.Name)];

    /// <summary>What ends when: the node's certificate, and the TLS certificates that peers showed.</summary>
    public IEnumerable<(string Name, DateTimeOffset NotAfter)> Certificates =>
        Peers.Where(peer => peer.CertificateNotAfter is not null).Select(peer => ($"TLS certificate of {peer.Name}", peer.CertificateNotAfter!.Value))
            .Concat(IdentityNotAfter is { } end ? [("identity certificate of this node", end)] : []);
}
