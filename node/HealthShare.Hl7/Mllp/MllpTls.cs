using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace HealthShare.Hl7.Mllp;

/// <summary>TLS for MLLP (IHE ATNA's secure node: TLS 1.2 or 1.3, both sides with a certificate).</summary>
public static class MllpTls
{
    /// <summary>A listener's side.</summary>
    /// <param name="certificate">Its certificate, with the private key.</param>
    /// <param name="clientAuthorities">Authorities whose certificates senders must show (mutual TLS); null where senders need none.</param>
    /// <param name="chain">Certificates between its own and the root, sent along; null for none.</param>
    public static SslServerAuthenticationOptions Server(
        X509Certificate2 certificate, X509Certificate2Collection? clientAuthorities = null, X509Certificate2Collection? chain = null) =>
        Server(SslStreamCertificateContext.Create(certificate, chain, offline: true), clientAuthorities);

    /// <summary>A listener's side.</summary>
    /// <param name="certificate">Its certificate, with the private key and those between it and the root.</param>
    /// <param name="clientAuthorities">Authorities whose certificates senders must show (mutual TLS); null where senders need none.</param>
    public static SslServerAuthenticationOptions Server(
        SslStreamCertificateContext certificate, X509Certificate2Collection? clientAuthorities = null) => new()
    {
        ServerCertificateContext = certificate,
        ClientCertificateRequired = clientAuthorities is not null,
        CertificateChainPolicy = clientAuthorities is null ? null : Only(clientAuthorities),
    };

    /// <summary>A sender's side.</summary>
    /// <param name="host">Name that the listener's certificate must bear.</param>
    /// <param name="authorities">Authorities that the listener's certificate must come from; null for those the system trusts.</param>
    /// <param name="certificate">The sender's own certificate with its private key, for mutual TLS; null for none.</param>
    public static SslClientAuthenticationOptions Client(
        string host, X509Certificate2Collection? authorities = null, X509Certificate2? certificate = null) => new()
        {
            TargetHost = host,
            CertificateChainPolicy = authorities is null ? null : Only(authorities),
            ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true),
        };

    // Hospitals' own authorities seldom publish revocation lists; who is shut out loses its place in the file.
    private static X509ChainPolicy Only(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }
}
