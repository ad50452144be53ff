using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace HealthShare.Fabric.Protocol.Msp;

/// <summary>Builds chains to one MSP's authorities and to nothing else: no system store, no download.</summary>
internal sealed class CertificateChain
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private readonly X509Certificate2[] roots;
    private readonly X509Certificate2[] intermediates;
    private readonly HashSet<string> trusted;

    public CertificateChain(X509Certificate2[] roots, X509Certificate2[] intermediates)
    {
        this.roots = roots;
        this.intermediates = intermediates;
        trusted = [.. roots.Concat(intermediates).Select(authority => authority.Thumbprint)];
    }

    /// <summary>The certificate, its issuers, its root; or null and the reason.</summary>
    public X509Certificate2[]? Build(X509Certificate2 certificate, out string fault)
    {
        using var chain = new X509Chain();
        var policy = chain.ChainPolicy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(roots);
        policy.ExtraStore.AddRange(intermediates);
        policy.DisableCertificateDownloads = true;
        policy.RevocationMode = X509RevocationMode.NoCheck; // the MSP brings its own lists
        // Blocks stay valid after the certificates in them expire, so a peer judges each certificate as of its first second.
        policy.VerificationTime = certificate.NotBefore.AddSeconds(1);
        // A peer asks Go's verifier with its default usage; certificates that name no usage at all pass either way.
        policy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        try
        {
            if (!chain.Build(certificate))
            {
                fault = string.Join(", ", chain.ChainStatus.Select(status => status.Status.ToString()).Distinct());
                return null;
            }
        }
        catch (CryptographicException)
        {
            // The platform gives up on some malformed certificates instead of finding them invalid.
            fault = "the platform cannot read it";
            return null;
        }
        var elements = chain.ChainElements.Select(element => element.Certificate).ToArray();
        // The platform may have found an intermediate of its own that leads to the same root.
        if (elements.Skip(1).Any(issuer => !trusted.Contains(issuer.Thumbprint)))
        {
            fault = "an issuer is not among the MSP's authorities";
            return null;
        }
        fault = "";
        return elements;
    }
}
