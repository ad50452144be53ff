namespace HealthShare.Fabric.Client;

/// <summary>What a certificate is for.</summary>
public enum CertificateUse
{
    /// <summary>Signs proposals and transactions.</summary>
    Signing,
    /// <summary>Shown by this client to peers that demand mutual TLS.</summary>
    TlsClient,
    /// <summary>Shown by a gateway peer; known from the first connection on.</summary>
    TlsServer,
}

/// <summary>When a certificate ends that the client depends on.</summary>
/// <param name="Use">What it is for.</param>
/// <param name="Owner">MSP id of the signer, or name of the gateway peer it is for or from.</param>
/// <param name="NotAfter">Last instant of its validity.</param>
public sealed record CertificateExpiry(CertificateUse Use, string Owner, DateTimeOffset NotAfter);
