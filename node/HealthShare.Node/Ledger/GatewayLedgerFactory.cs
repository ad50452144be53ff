using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Connection;
using HealthShare.Node.Hosting;

namespace HealthShare.Node.Ledger;

/// <summary>Opens the way to the channel as the settings and the connection file say; nothing is dialled yet.</summary>
internal static class GatewayLedgerFactory
{
    /// <exception cref="NodeStartException">File, member, peer or identity is not there or not readable.</exception>
    public static GatewayLedger Create(FabricOptions fabric, NodeOptions node, TimeProvider clock, ILogger<GatewayClient> logger)
    {
        try
        {
            var profile = ConnectionFile.Read(fabric.ConnectionFile);
            var organization = profile.Organization(node.MspId);
            var files = new CertificateFiles(organization, fabric.User, clock);
            var identity = organization.LoadIdentity(fabric.User);
            if (!organization.Peers.Any(peer => fabric.Peer is null || peer.Name == fabric.Peer))
                throw new NodeStartException($"HealthShare:Fabric:Peer: '{fabric.ConnectionFile}' names no such peer of {node.MspId}.");
            var options = new GatewayOptions
            {
                EvaluateTimeout = fabric.EvaluateTimeout,
                EndorseTimeout = fabric.EndorseTimeout,
                CommitTimeout = fabric.CommitTimeout,
                Retry = new RetryOptions { Attempts = fabric.Attempts, FirstDelay = fabric.RetryDelay },
                Outcomes = new NoOutcomes(),
                TimeProvider = clock,
            };
            var shown = organization.LoadTlsClientCertificate(fabric.User);
            var between = organization.LoadTlsClientIntermediates(fabric.User);
            var others = profile.Organizations.Where(other => other.MspId != node.MspId && !other.Peers.IsDefaultOrEmpty)
                .Select(other => (other.MspId, Connect(other))).ToList();
            return new GatewayLedger(Connect(organization), others, identity, fabric.Chaincode, files);

            // The preferred peer first; the member's others serve while it is away.
            GatewayClient Connect(OrganizationConnection member) => GatewayClient.Connect(
                [.. member.Peers.OrderBy(peer => peer.Name == fabric.Peer ? 0 : 1).Select(peer => GatewayEndpoint.From(peer, member.MspId, shown, between))],
                identity, profile.Channel, options, logger);
        }
        catch (Exception e) when (e is ConnectionProfileException or FabricDataException or IOException)
        {
            throw new NodeStartException($"HealthShare:Fabric:ConnectionFile: {e.Message}", e);
        }
    }
}
