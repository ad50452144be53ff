using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace HealthShare.Fabric.Protocol.Grpc;

/// <summary>
/// Judges a server's certificate as the platform does, and remembers when it ends and what was wrong with one that was refused:
/// the platform's own words for that do not reach the caller.
/// </summary>
internal sealed class ServerCertificateCheck(string expectedName, TimeProvider clock)
{
    private volatile Verdict? last;

    /// <summary>End of validity of the certificate that the server showed last; null before the first handshake.</summary>
    public DateTimeOffset? NotAfter => last?.NotAfter;

    public bool Accept(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        // The platform's own object stays the platform's to dispose of.
        var shown = certificate as X509Certificate2;
        DateTimeOffset? notAfter = shown is null ? null : new DateTimeOffset(shown.NotAfter.ToUniversalTime(), TimeSpan.Zero);
        var expired = notAfter < clock.GetUtcNow();
        last = new Verdict(notAfter, expired, errors is SslPolicyErrors.None ? null : Explain(shown, chain, errors, notAfter, expired));
        return errors is SslPolicyErrors.None;
    }

    /// <summary>What TLS failed of; null where a failure has another cause.</summary>
    public RpcException? Explain(Exception failure, Uri address)
    {
        var (tls, said) = (false, "");
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            // An alert of the other side comes as an I/O error whose innermost cause is OpenSSL's.
            if (cause is AuthenticationException || cause.Message.Contains("SSL alert", StringComparison.OrdinalIgnoreCase)
                || cause.Message.Contains("tlsv1", StringComparison.Ordinal) || cause.Message.Contains("sslv3", StringComparison.Ordinal))
            {
                (tls, said) = (true, cause.Message);
            }
        }
        if (!tls)
        {
            return null;
        }
        var verdict = last;
        return new RpcException(
            StatusCode.Unavailable, $"TLS with {address.Authority} failed: {verdict?.Fault ?? $"refused by the server or no TLS at all ({said})."}",
            inner: failure)
        {
            Origin = verdict is { Fault: not null, Expired: true } ? RpcOrigin.ExpiredCertificate : RpcOrigin.Tls,
        };
    }

    private string Explain(
        X509Certificate2? shown, X509Chain? chain, SslPolicyErrors errors, DateTimeOffset? notAfter, bool expired)
    {
        if (shown is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            return "the server showed no certificate.";
        }
        if (expired)
        {
            return string.Create(CultureInfo.InvariantCulture, $"the server's certificate expired at {notAfter:u}.");
        }
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return $"the server's certificate is not for '{expectedName}'; it names {string.Join(", ", NamesOf(shown))}.";
        }
        var statuses = chain?.ChainStatus.Select(status => status.Status.ToString()).Distinct() ?? [];
        return $"the server's certificate does not lead to a trusted root ({string.Join(", ", statuses)}).";
    }

    private static IEnumerable<string> NamesOf(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        return names is null
            ? [certificate.GetNameInfo(X509NameType.DnsName, forIssuer: false)]
            : names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(ip => ip.ToString()));
    }

    private sealed record Verdict(DateTimeOffset? NotAfter, bool Expired, string? Fault);
}
