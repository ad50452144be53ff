using HealthShare.Fabric.Protocol.Grpc;

namespace HealthShare.Fabric.Client.Peers;

/// <summary>What a gateway peer is made of.</summary>
internal sealed record PeerSetup(
    IGrpcChannel Channel, string Name, string? MspId = null, DateTimeOffset? ClientCertificateNotAfter = null);
