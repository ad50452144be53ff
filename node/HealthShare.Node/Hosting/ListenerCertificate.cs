using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace HealthShare.Node.Hosting;

/// <summary>
/// The certificate that one listener shows, and the files it comes from. A renewed one is shown to who connects afterwards; connections
/// under way keep what they began with, so that nothing of an earlier one is disposed of here.
/// </summary>
internal sealed class ListenerCertificate
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1", AnyUse = "2.5.29.37.0";

    private readonly string certificateFile;
    private readonly string keyFile;
    private readonly bool offline;
    private readonly TimeProvider clock;
    private volatile InForce inForce;

    /// <summary>Reads the files, however long the certificate has ended: what the node is given at its start is what it shows.</summary>
    /// <param name="name">What people call it.</param>
    /// <param name="certificateFile">PEM file of the certificate and those between it and the root.</param>
    /// <param name="keyFile">PEM file of its private key.</param>
    /// <param name="offline">Whether certificates that the file lacks are not to be fetched from the network.</param>
    /// <param name="clock">Tells whether a renewed certificate is valid.</param>
    /// <exception cref="IOException">A file is absent or cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    /// <exception cref="CryptographicException">The files hold no certificate with its key, or one that is not for servers.</exception>
    public ListenerCertificate(string name, string certificateFile, string keyFile, bool offline, TimeProvider clock)
    {
        (Name, this.certificateFile, this.keyFile, this.offline, this.clock) = (name, certificateFile, keyFile, offline, clock);
        inForce = Load(Hash(), mustBeValid: false);
    }

    public string Name { get; }

    /// <summary>What new connections are shown.</summary>
    public SslStreamCertificateContext Context => inForce.Context;

    /// <summary>The earliest end in the chain in force.</summary>
    public DateTimeOffset NotAfter => inForce.NotAfter;

    /// <summary>Shows what the files hold from now on, where they have changed. To be called by one at a time.</summary>
    /// <returns>The earliest end in the new chain; null where nothing has changed.</returns>
    /// <exception cref="IOException">A file is absent or cannot be opened; the earlier certificate is kept, as in all that follows.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    /// <exception cref="CryptographicException">The files are not whole, do not belong together, or the certificate is not valid now or not for servers.</exception>
    public DateTimeOffset? Renew()
    {
        var hash = Hash();
        if (CryptographicOperations.FixedTimeEquals(hash, inForce.Hash))
            return null;
        inForce = Load(hash, mustBeValid: true);
        return inForce.NotAfter;
    }

    // Files are compared by it, so that no copy of the key stays behind.
    private byte[] Hash()
    {
        var key = File.ReadAllBytes(keyFile);
        try
        {
            return [.. SHA256.HashData(File.ReadAllBytes(certificateFile)), .. SHA256.HashData(key)];
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private InForce Load(byte[] hash, bool mustBeValid)
    {
        var text = File.ReadAllText(certificateFile);
        // The beginning of a chain that is still being written would pass for a shorter chain.
        if (mustBeValid && text.AsSpan().Count("-----BEGIN CERTIFICATE-----") != text.AsSpan().Count("-----END CERTIFICATE-----"))
            throw new CryptographicException($"The certificate file '{certificateFile}' is not whole.");
        X509Certificate2Collection chain = [];
        var certificate = X509Certificate2.CreateFromPem(text, File.ReadAllText(keyFile));
        try
        {
            CheckUse(certificate);
            if (mustBeValid)
                CheckValidity(certificate);
            chain.ImportFromPem(text);
            return new InForce(hash, SslStreamCertificateContext.Create(certificate, chain, offline), chain.Min(one => one.NotAfter));
        }
        catch
        {
            certificate.Dispose();
            foreach (var one in chain)
                one.Dispose();
            throw;
        }
    }

    // RFC 5280 section 4.2.1.12: a certificate that names uses is for no other; clients would refuse it, each for itself.
    private void CheckUse(X509Certificate2 certificate)
    {
        var uses = certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>()
            .SelectMany(extension => extension.EnhancedKeyUsages.Cast<Oid>()).Select(use => use.Value).ToList();
        if (uses.Count > 0 && !uses.Contains(ServerAuthentication) && !uses.Contains(AnyUse))
            throw new CryptographicException($"The certificate in '{certificateFile}' is not for servers: its extended key usage leaves out serverAuth.");
    }

    private void CheckValidity(X509Certificate2 certificate)
    {
        var now = clock.GetUtcNow();
        if (now < certificate.NotBefore.ToUniversalTime() || certificate.NotAfter.ToUniversalTime() <= now)
            throw new CryptographicException($"The certificate in '{certificateFile}' is valid from {certificate.NotBefore.ToUniversalTime():u} "
                + $"to {certificate.NotAfter.ToUniversalTime():u}, which is not now.");
    }

    private sealed record InForce(byte[] Hash, SslStreamCertificateContext Context, DateTimeOffset NotAfter);
}
