using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace HealthShare.Fabric.Protocol.Grpc;

/// <summary>Trust in given roots and in nothing else.</summary>
internal static class GrpcTrust
{
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");

    /// <summary>A chain policy that ends in the roots given, asks no network, and checks no revocation lists.</summary>
    public static X509ChainPolicy PolicyFor(X509Certificate2Collection roots)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(roots);
        return policy;
    }

    /// <summary>Whether a TLS client's certificate chains to one of the roots, given what it sent along.</summary>
    public static bool AcceptsClient(X509Certificate2 certificate, X509Certificate2Collection? sent, X509Certificate2Collection roots)
    {
        using var chain = new X509Chain { ChainPolicy = PolicyFor(roots) };
        chain.ChainPolicy.ApplicationPolicy.Add(ClientAuthentication);
        if (sent is not null)
        {
            chain.ChainPolicy.ExtraStore.AddRange(sent);
        }
        return chain.Build(certificate);
    }
}
