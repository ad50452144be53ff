using HealthShare.Fabric.Protocol.Msp;

namespace HealthShare.Fabric.Client.Certificates;

/// <summary>Who signs from one renewal to the next.</summary>
internal sealed class Signer(SigningIdentity identity)
{
    public SigningIdentity Identity { get; } = identity;

    public DateTimeOffset NotAfter { get; } = new(identity.Certificate.NotAfter.ToUniversalTime(), TimeSpan.Zero);
}
