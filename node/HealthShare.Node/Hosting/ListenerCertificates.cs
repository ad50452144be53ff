using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace HealthShare.Node.Hosting;

/// <summary>The certificates that this node shows to who connects.</summary>
internal sealed class ListenerCertificates(TimeProvider clock)
{
    private readonly ConcurrentQueue<ListenerCertificate> all = new();

    /// <summary>One for each listener that speaks TLS, as it is in force.</summary>
    public IEnumerable<ListenerCertificate> All => all;

    /// <summary>Reads a listener's certificate, to be looked after from then on.</summary>
    /// <param name="section">Settings that name the files.</param>
    /// <param name="name">What people call it.</param>
    /// <param name="certificateFile">PEM file of the certificate chain.</param>
    /// <param name="keyFile">PEM file of the private key.</param>
    /// <param name="offline">Whether certificates that the file lacks are not to be fetched from the network.</param>
    /// <exception cref="NodeStartException">The files cannot be read, or do not belong together.</exception>
    public ListenerCertificate Open(string section, string name, string? certificateFile, string? keyFile, bool offline)
    {
        if ((certificateFile, keyFile) is not ({ } chain, { } key))
            throw new NodeStartException($"{section}:CertificateFile and {section}:KeyFile are required for TLS.");
        try
        {
            var opened = new ListenerCertificate(name, chain, key, offline, clock);
            all.Enqueue(opened);
            return opened;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new NodeStartException($"{section}: the files for TLS cannot be read: {e.Message}", e);
        }
    }
}
