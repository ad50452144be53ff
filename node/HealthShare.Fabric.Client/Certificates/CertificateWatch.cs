using System.Globalization;
using HealthShare.Fabric.Client.Peers;
using HealthShare.Fabric.Protocol.Msp;
using Microsoft.Extensions.Logging;

namespace HealthShare.Fabric.Client.Certificates;

/// <summary>Warns once of each certificate that is about to end, and stops the use of a signer's that has.</summary>
internal sealed partial class CertificateWatch(
    SigningIdentity identity, IReadOnlyList<GatewayPeer> peers, GatewayOptions options, ILogger logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly HashSet<CertificateExpiry> warned = [];
    private volatile Signer signer = new(identity);
    private long nextLook;

    /// <summary>Who signs now; another object after each renewal.</summary>
    public Signer Signer => signer;

    public IEnumerable<CertificateExpiry> All
    {
        get
        {
            var now = signer;
            yield return new CertificateExpiry(CertificateUse.Signing, now.Identity.MspId, now.NotAfter);
            foreach (var peer in peers)
            {
                if (peer.ClientCertificateNotAfter is { } client)
                {
                    yield return new CertificateExpiry(CertificateUse.TlsClient, peer.Name, client);
                }
                if (peer.ServerCertificateNotAfter is { } server)
                {
                    yield return new CertificateExpiry(CertificateUse.TlsServer, peer.Name, server);
                }
            }
        }
    }

    /// <summary>To be called before each signature; looks at all certificates once a minute.</summary>
    /// <returns>Who is to sign.</returns>
    /// <exception cref="LedgerException">The signer's certificate has expired: every peer would refuse it.</exception>
    public SigningIdentity Check(DateTimeOffset now, LedgerStage stage, string transactionId)
    {
        var due = Volatile.Read(ref nextLook);
        if (now.UtcTicks >= due && Interlocked.CompareExchange(ref nextLook, (now + Interval).UtcTicks, due) == due)
        {
            Warn(now);
        }
        var current = signer;
        if (now > current.NotAfter)
        {
            throw new LedgerException(stage, transactionId, LedgerCodes.CertificateExpired, string.Create(
                CultureInfo.InvariantCulture, $"The signing certificate of {current.Identity.MspId} expired at {current.NotAfter:u}."));
        }
        return current.Identity;
    }

    /// <summary>Another one signs from now on; all certificates are looked at before its first signature.</summary>
    public void Renew(SigningIdentity renewed)
    {
        signer = new Signer(renewed);
        Volatile.Write(ref nextLook, 0);
    }

    private void Warn(DateTimeOffset now)
    {
        lock (warned)
        {
            foreach (var certificate in All)
            {
                if (certificate.NotAfter - now < options.CertificateWarning && warned.Add(certificate))
                {
                    LogEnds(certificate.Use, certificate.Owner, certificate.NotAfter);
                }
            }
        }
    }

    [LoggerMessage(2009, LogLevel.Warning, "The {Use} certificate of {Owner} ends at {NotAfter:u}: renew it.")]
    private partial void LogEnds(CertificateUse use, string owner, DateTimeOffset notAfter);
}
