using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HealthShare.Node.Hosting;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Auth.Certificates;

/// <summary>The authority that issues certificates to the hospital's programs; without one only certificates named by their hash count.</summary>
internal sealed class ClientAuthority(IOptions<HttpOptions> options, TimeProvider clock)
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private readonly Lazy<X509Certificate2Collection?> roots = new(() => Read(options.Value.ClientCaFile));

    /// <summary>True between the certificate's two dates.</summary>
    public bool IsInForce(X509Certificate2 certificate)
    {
        var now = clock.GetUtcNow();
        return certificate.NotBefore.ToUniversalTime() <= now && now < certificate.NotAfter.ToUniversalTime();
    }

    /// <summary>True when the authority issued it for clients; then its subject can be believed.</summary>
    public bool Vouches(X509Certificate2 certificate)
    {
        if (roots.Value is not { } trusted)
            return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(trusted);
        chain.ChainPolicy.DisableCertificateDownloads = true;
        // A hospital takes a program's certificate out of its settings to end it.
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        chain.ChainPolicy.VerificationTime = clock.GetUtcNow().UtcDateTime;
        return chain.Build(certificate);
    }

    private static X509Certificate2Collection? Read(string? file)
    {
        if (file is null)
            return null;
        try
        {
            var collection = new X509Certificate2Collection();
            collection.ImportFromPemFile(file);
            return collection;
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new NodeStartException($"HealthShare:Http:ClientCaFile: {e.Message}", e);
        }
    }
}
