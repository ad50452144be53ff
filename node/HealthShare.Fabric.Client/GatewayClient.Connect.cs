using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Connection;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Msp;
using Microsoft.Extensions.Logging;

namespace HealthShare.Fabric.Client;

public sealed partial class GatewayClient
{
    /// <summary>Makes a client of the gateway at an address; dialled when first used.</summary>
    /// <param name="endpoint">Address of the peer, such as <c>https://peer0.north.example:7051</c>.</param>
    /// <param name="tls">Trusted roots, name to verify, client certificate.</param>
    /// <param name="identity">Who signs; stays the caller's.</param>
    /// <param name="channelName">Name of the channel.</param>
    /// <param name="options">Limits; null for the defaults.</param>
    /// <param name="logger">Where commits and reconnections are logged, by ids only; null for nowhere.</param>
    public static GatewayClient Connect(
        Uri endpoint, GrpcChannelOptions tls, SigningIdentity identity, string channelName, GatewayOptions? options = null,
        ILogger<GatewayClient>? logger = null)
    {
        var settings = options ?? new GatewayOptions();
        if (tls.ClientCertificate is { } certificate)
        {
            settings = settings with { TlsCertificateHash = SHA256.HashData(certificate.RawData) };
        }
        return new GatewayClient(new GrpcChannel(endpoint, tls), identity, channelName, settings, logger);
    }

    /// <summary>Makes a client of a member's first peer as a connection file describes it; dialled when first used.</summary>
    /// <param name="profile">The network, see <see cref="ConnectionFile"/>.</param>
    /// <param name="mspId">MSP id of the member whose peer and users are meant; null takes the first member.</param>
    /// <param name="user">Name of the user who signs; null takes the first. Its key is read once and kept until disposal.</param>
    /// <param name="options">Limits; null for the defaults.</param>
    /// <param name="logger">Where commits and reconnections are logged, by ids only; null for nowhere.</param>
    /// <exception cref="ConnectionProfileException">The profile holds no such member, peer or user.</exception>
    /// <exception cref="FabricDataException">A certificate or key cannot be read.</exception>
    /// <exception cref="IOException">A file is absent or cannot be opened.</exception>
    public static GatewayClient Connect(
        ConnectionProfile profile, string? mspId = null, string? user = null, GatewayOptions? options = null,
        ILogger<GatewayClient>? logger = null)
    {
        var member = profile.Organization(mspId);
        if (member.Peers is not [var peer, ..])
        {
            throw new ConnectionProfileException($"organizations[{member.MspId}].peers", "is empty");
        }
        var roots = peer.TlsCaCert is { } file ? ReadRoots(file) : [];
        var identity = member.LoadIdentity(user);
        var tls = new GrpcChannelOptions { TrustedRoots = roots, TargetName = peer.TlsServerName };
        var client = Connect(peer.Address, tls, identity, profile.Channel, options, logger);
        client.owned = identity;
        return client;
    }

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
