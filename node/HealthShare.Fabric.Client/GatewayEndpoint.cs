using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Connection;
using HealthShare.Fabric.Protocol.Grpc;

namespace HealthShare.Fabric.Client;

/// <summary>A gateway peer and how to connect to it.</summary>
/// <param name="Address">Where it listens, such as <c>https://peer0.north.example:7051</c>.</param>
/// <param name="Tls">Trusted roots, name to verify, client certificate.</param>
public sealed record GatewayEndpoint(Uri Address, GrpcChannelOptions Tls)
{
    /// <summary>Its name in errors, logs and metrics. Default: host and port of the address.</summary>
    public string Name { get; init; } = Address.Authority;

    /// <summary>
    /// MSP id of the organization that runs it; null, the default, counts as the client's own. Requests with transient data go
    /// only to peers of the client's own organization and of those the request names.
    /// </summary>
    public string? MspId { get; init; }

    /// <summary>A peer as a connection file describes it.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="mspId">MSP id of its organization.</param>
    /// <param name="clientCertificate">What to show to a peer that demands mutual TLS; null shows none.</param>
    /// <param name="clientIntermediates">What to send along with it; null sends nothing else.</param>
    /// <exception cref="FabricDataException">A certificate cannot be read.</exception>
    /// <exception cref="IOException">A file is absent or cannot be opened.</exception>
    public static GatewayEndpoint From(
        PeerConnection peer, string mspId, X509Certificate2? clientCertificate = null, X509Certificate2Collection? clientIntermediates = null) =>
        new(peer.Address, new GrpcChannelOptions
        {
            TrustedRoots = peer.TlsCaCert is { } file ? ReadRoots(file) : [],
            TargetName = peer.TlsServerName,
            ClientCertificate = clientCertificate,
            ClientIntermediates = clientIntermediates ?? [],
        })
        {
            Name = peer.Name,
            MspId = mspId,
        };

    // An empty set of roots would mean the machine's own, which nobody asked for here.
    private static X509Certificate2Collection ReadRoots(string file)
    {
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPemFile(file);
        }
        catch (CryptographicException e)
        {
            throw new FabricDataException($"'{file}' holds a certificate that cannot be read.", e);
        }
        return roots.Count > 0 ? roots : throw new FabricDataException($"'{file}' holds no certificate in PEM.");
    }
}
