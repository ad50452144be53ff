using System.Security.Cryptography.X509Certificates;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Connection;
using HealthShare.Fabric.Protocol.Grpc;
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
            var identity = organization.LoadIdentity(fabric.User);
            var peer = organization.Peers.FirstOrDefault(peer => fabric.Peer is null || peer.Name == fabric.Peer)
                ?? throw new NodeStartException(
                    $"HealthShare:Fabric:Peer: '{fabric.ConnectionFile}' names no such peer of {node.MspId}.");
            var options = new GatewayOptions
            {
                EvaluateTimeout = fabric.EvaluateTimeout,
                EndorseTimeout = fabric.EndorseTimeout,
                CommitTimeout = fabric.CommitTimeout,
                TimeProvider = clock,
            };
            var others = profile.Organizations.Where(other => other.MspId != node.MspId && !other.Peers.IsDefaultOrEmpty)
                .Select(other => Connect(other.Peers[0])).ToList();
            return new GatewayLedger(Connect(peer), others, identity, fabric.Chaincode);

            GatewayClient Connect(PeerConnection to) =>
                GatewayClient.Connect(to.Address, TlsOf(to), identity, profile.Channel, options, logger);
        }
        catch (Exception e) when (e is ConnectionProfileException or FabricDataException or IOException)
        {
            throw new NodeStartException($"HealthShare:Fabric:ConnectionFile: {e.Message}", e);
        }
    }

    private static GrpcChannelOptions TlsOf(PeerConnection peer)
    {
        var roots = new X509Certificate2Collection();
        if (peer.TlsCaCert is { } file)
            roots.ImportFromPemFile(file);
        return new GrpcChannelOptions { TrustedRoots = roots, TargetName = peer.TlsServerName };
    }
}
