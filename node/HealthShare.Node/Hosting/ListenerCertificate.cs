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
    /// <exception cref="CryptographicException">The files hold no certificate with its key.</exception>
    public ListenerCertificate(string name, string certificateFile, string keyFile, bool offline, TimeProvider clock)
    {
        (Name, this.certificateFile, this.keyFile, this.offline, this.clock) = (name, certificateFile, keyFile, offline, clock);
        inForce = Load(Read());
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
    /// <exception cref="CryptographicException">The files are not whole, do not belong together, or the certificate is not valid now.</exception>
    public DateTimeOffset? Renew()
    {
        var files = Read();
        if (files == inForce.Files)
            return null;
        // The beginning of a chain that is still being written would pass for a shorter chain.
        var text = files.Certificate.AsSpan();
        if (text.Count("-----BEGIN CERTIFICATE-----") != text.Count("-----END CERTIFICATE-----"))
            throw new CryptographicException($"The certificate file '{certificateFile}' is not whole.");
        var found = Load(files);
        var (certificate, now) = (found.Context.TargetCertificate, clock.GetUtcNow());
        if (now < certificate.NotBefore.ToUniversalTime() || certificate.NotAfter.ToUniversalTime() <= now)
            throw new CryptographicException($"The certificate in '{certificateFile}' is valid from {certificate.NotBefore.ToUniversalTime():u} "
                + $"to {certificate.NotAfter.ToUniversalTime():u}, which is not now.");
        inForce = found;
        return found.NotAfter;
    }

    private (string Certificate, string Key) Read() => (File.ReadAllText(certificateFile), File.ReadAllText(keyFile));

    private InForce Load((string Certificate, string Key) files)
    {
        var certificate = X509Certificate2.CreateFromPem(files.Certificate, files.Key);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(files.Certificate);
        return new InForce(files, SslStreamCertificateContext.Create(certificate, chain, offline), chain.Min(one => one.NotAfter));
    }

    private sealed record InForce((string Certificate, string Key) Files, SslStreamCertificateContext Context, DateTimeOffset NotAfter);
}
