using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace HealthShare.Fabric.Client.Certificates;

/// <summary>What a client shows to a peer that demands mutual TLS.</summary>
/// <param name="NotAfter">Last instant of its validity.</param>
/// <param name="Hash">SHA-256 of its DER, which the peer wants to see in requests for blocks.</param>
internal sealed record ShownCertificate(DateTimeOffset NotAfter, ReadOnlyMemory<byte> Hash)
{
    public static ShownCertificate Of(X509Certificate2 certificate) =>
        new(new DateTimeOffset(certificate.NotAfter.ToUniversalTime(), TimeSpan.Zero), SHA256.HashData(certificate.RawData));
}
