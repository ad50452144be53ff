using HealthShare.Fabric.Protocol.Grpc;

namespace HealthShare.Fabric.Client.Peers;

/// <summary>What a gateway peer is made of.</summary>
/// <param name="Channel">Connection to it.</param>
/// <param name="Name">Its name.</param>
/// <param name="MspId">MSP id of its organization; null where not known.</param>
/// <param name="ClientCertificateNotAfter">End of the certificate shown to it; null where none is shown.</param>
/// <param name="TlsCertificateHash">SHA-256 of that certificate; null takes what the options say.</param>
internal sealed record PeerSetup(
    IGrpcChannel Channel, string Name, string? MspId = null, DateTimeOffset? ClientCertificateNotAfter = null,
    byte[]? TlsCertificateHash = null);
