using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HealthShare.Node.Hosting;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Cli;

/// <summary>The node that runs on this machine with the given settings, for commands that ask it something.</summary>
internal static class LocalNode
{
    /// <summary>A client of it. Over TLS only the certificate that the node was given is believed.</summary>
    /// <exception cref="OptionsValidationException">The settings of the REST interface are wrong.</exception>
    /// <exception cref="NodeStartException">The certificate cannot be read.</exception>
    public static HttpClient Connect(IConfiguration settings, TimeSpan timeout)
    {
        var http = settings.GetSection("HealthShare:Http").Get<HttpOptions>() ?? new HttpOptions();
        if (new HttpOptionsValidator().Validate(null, http) is { Failed: true, Failures: { } failures })
            throw new OptionsValidationException("Http", typeof(HttpOptions), failures.Select(failure => $"HealthShare:Http: {failure}"));
        var handler = new SocketsHttpHandler { UseProxy = false };
        if (http is { Url.Scheme: "https", CertificateFile: { } file })
            handler.SslOptions = Pinned(file);
        return new HttpClient(handler) { BaseAddress = Near(http.Url), Timeout = timeout };
    }

    // What listens on any address, or under a name, is asked on the loopback interface.
    private static Uri Near(Uri url) => IPAddress.TryParse(url.DnsSafeHost, out var address) && !IsAny(address)
        ? url
        : new UriBuilder(url)
        {
            Host = (address?.AddressFamily is AddressFamily.InterNetworkV6 ? IPAddress.IPv6Loopback : IPAddress.Loopback).ToString(),
        }.Uri;

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    // The certificate names the hospital, not the loopback address: it must be the very one that the node was given.
    private static SslClientAuthenticationOptions Pinned(string certificateFile)
    {
        try
        {
            var given = HashOf(certificateFile);
            return new SslClientAuthenticationOptions
            {
                // The node shows a renewed one within the minute, and a command that runs for long meets both.
                RemoteCertificateValidationCallback = (_, shown, _, _) =>
                    shown?.GetCertHash(HashAlgorithmName.SHA256) is { } hash && (Same(hash, given) || Same(hash, HashOf(certificateFile))),
            };
        }
        catch (Exception e) when (e is CryptographicException or UnauthorizedAccessException)
        {
            throw new NodeStartException($"HealthShare:Http:CertificateFile: {e.Message}", e);
        }
    }

    private static byte[] HashOf(string certificateFile)
    {
        using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(certificateFile));
        return certificate.GetCertHash(HashAlgorithmName.SHA256);
    }

    private static bool Same(byte[] one, byte[] other) => CryptographicOperations.FixedTimeEquals(one, other);
}
