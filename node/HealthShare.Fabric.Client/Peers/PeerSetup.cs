using HealthShare.Fabric.Client.Certificates;
using HealthShare.Fabric.Protocol.Grpc;

namespace HealthShare.Fabric.Client.Peers;

/// <summary>What a gateway peer is made of.</summary>
/// <param name="Channel">Connection to it.</param>
/// <param name="Name">Its name.</param>
/// <param name="MspId">MSP id of its organization; null where not known.</param>
/// <param name="Shown">The certificate shown to it; null where none is shown, or only the options know.</param>
internal sealed record PeerSetup(IGrpcChannel Channel, string Name, string? MspId = null, ShownCertificate? Shown = null);
