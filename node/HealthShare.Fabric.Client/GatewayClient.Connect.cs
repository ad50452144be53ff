using HealthShare.Fabric.Client.Certificates;
using HealthShare.Fabric.Client.Peers;
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
    /// <param name="identity">Who signs, until <see cref="Renew"/>; stays the caller's.</param>
    /// <param name="channelName">Name of the channel.</param>
    /// <param name="options">Limits; null for the defaults.</param>
    /// <param name="logger">Where commits and reconnections are logged, by ids only; null for nowhere.</param>
    public static GatewayClient Connect(
        Uri endpoint, GrpcChannelOptions tls, SigningIdentity identity, string channelName, GatewayOptions? options = null,
        ILogger<GatewayClient>? logger = null) =>
        Connect([new GatewayEndpoint(endpoint, tls)], identity, channelName, options, logger);

    /// <summary>Makes a client of several gateway peers; each is dialled when first used.</summary>
    /// <param name="endpoints">The peers, 1 to 32, in order of preference: the client's own organization's first.</param>
    /// <param name="identity">Who signs, until <see cref="Renew"/>; stays the caller's.</param>
    /// <param name="channelName">Name of the channel.</param>
    /// <param name="options">Limits; null for the defaults.</param>
    /// <param name="logger">Where commits and reconnections are logged, by ids only; null for nowhere.</param>
    public static GatewayClient Connect(
        IReadOnlyList<GatewayEndpoint> endpoints, SigningIdentity identity, string channelName, GatewayOptions? options = null,
        ILogger<GatewayClient>? logger = null) =>
        new(endpoints.Select(SetUp), identity, channelName, options, logger);

    /// <summary>Makes a client of a member's peers as a connection file describes them; each is dialled when first used.</summary>
    /// <param name="profile">The network, see <see cref="ConnectionFile"/>.</param>
    /// <param name="mspId">MSP id of the member whose peers and users are meant; null takes the first member.</param>
    /// <param name="user">Name of the user who signs; null takes the first. Its key is read once and kept until disposal.</param>
    /// <param name="options">Limits; null for the defaults.</param>
    /// <param name="logger">Where commits and reconnections are logged, by ids only; null for nowhere.</param>
    /// <param name="othersToo">
    /// Whether other members' peers serve as gateways where none of the member's own can. They see the requests, though never
    /// transient data that is not meant for them, and what they say of a query or a commit is another member's unsigned word.
    /// Default: no.
    /// </param>
    /// <exception cref="ConnectionProfileException">The profile holds no such member, peer or user.</exception>
    /// <exception cref="FabricDataException">A certificate or key cannot be read.</exception>
    /// <exception cref="IOException">A file is absent or cannot be opened.</exception>
    public static GatewayClient Connect(
        ConnectionProfile profile, string? mspId = null, string? user = null, GatewayOptions? options = null,
        ILogger<GatewayClient>? logger = null, bool othersToo = false)
    {
        var member = profile.Organization(mspId);
        if (member.Peers.IsDefaultOrEmpty)
        {
            throw new ConnectionProfileException($"organizations[{member.MspId}].peers", "is empty");
        }
        var limits = options ?? new GatewayOptions();
        var others = othersToo ? profile.Organizations.Where(other => other.MspId != member.MspId) : [];
        List<IDisposable> loaded = [];
        try
        {
            var shown = member.LoadTlsClientCertificate(user);
            loaded.AddRange(shown is null ? [] : [shown]);
            var between = member.LoadTlsClientIntermediates(user);
            loaded.AddRange(between);
            var endpoints = others.Prepend(member)
                .SelectMany(organization => organization.Peers.Select(peer => GatewayEndpoint.From(peer, organization.MspId, shown, between)))
                .Take(GatewayPeers.MaxPeers)
                .Select(peer => peer with
                {
                    Tls = peer.Tls with { KeepAliveDelay = limits.KeepAliveDelay, KeepAliveTimeout = limits.KeepAliveTimeout },
                }).ToList();
            var identity = member.LoadIdentity(user);
            loaded.Add(identity);
            var client = Connect(endpoints, identity, profile.Channel, limits, logger);
            client.Owned = loaded;
            return client;
        }
        catch
        {
            loaded.ForEach(part => part.Dispose());
            throw;
        }
    }

    // Each peer may want to see a certificate of its own.
    private static PeerSetup SetUp(GatewayEndpoint endpoint)
    {
        var channel = new GrpcChannel(endpoint.Address, endpoint.Tls);
        return endpoint.Tls.ClientCertificate is { } shown
            ? new(channel, endpoint.Name, endpoint.MspId, ShownCertificate.Of(shown))
            : new(channel, endpoint.Name, endpoint.MspId);
    }
}
