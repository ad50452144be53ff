using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace HealthShare.Fabric.Protocol.Grpc;

/// <summary>TLS of a server's endpoint.</summary>
/// <param name="Certificate">The server's certificate, with private key and a SAN for every name that clients verify.</param>
public sealed record GrpcServerTls(X509Certificate2 Certificate)
{
    /// <summary>Intermediate certificates sent along with the server's own. Default: none.</summary>
    public X509Certificate2Collection Intermediates { get; init; } = [];

    /// <summary>Roots that a client's certificate must chain to. Empty (the default) asks clients for no certificate.</summary>
    public X509Certificate2Collection ClientRoots { get; init; } = [];

    /// <summary>
    /// Whether a client without a certificate is refused, where <see cref="ClientRoots"/> are given. Default true. A
    /// certificate that is sent must always be valid.
    /// </summary>
    public bool ClientCertificateRequired { get; init; } = true;
}

/// <summary>Makes Kestrel fit for gRPC.</summary>
public static class GrpcListener
{
    private const int StreamsPerConnection = 1000; // a Fabric peer's own limits are per service, not per connection
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Adds an endpoint that speaks HTTP/2 only, with TLS where given. Rates of bodies are not limited any more, for the whole
    /// server: streams fall silent, and readers pause. A host made with <c>CreateSlimBuilder</c> needs
    /// <c>UseKestrelHttpsConfiguration()</c> for TLS.
    /// </summary>
    /// <param name="kestrel">The server's options.</param>
    /// <param name="endpoint">Address and port to listen on; port 0 lets the system choose.</param>
    /// <param name="tls">Certificates; null listens in plaintext.</param>
    public static void ListenGrpc(this KestrelServerOptions kestrel, IPEndPoint endpoint, GrpcServerTls? tls = null)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.Http2.MaxStreamsPerConnection = StreamsPerConnection;
        kestrel.Limits.Http2.KeepAlivePingDelay = PingDelay;
        kestrel.Limits.Http2.KeepAlivePingTimeout = PingTimeout;
        kestrel.Listen(endpoint, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            if (tls is not null)
            {
                listen.UseHttps(HttpsOf(tls));
            }
        });
    }

    private static HttpsConnectionAdapterOptions HttpsOf(GrpcServerTls tls)
    {
        var https = new HttpsConnectionAdapterOptions
        {
            ServerCertificate = tls.Certificate,
            ServerCertificateChain = tls.Intermediates,
            SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        };
        if (tls.ClientRoots.Count > 0)
        {
            https.ClientCertificateMode = tls.ClientCertificateRequired
                ? ClientCertificateMode.RequireCertificate
                : ClientCertificateMode.AllowCertificate;
            https.ClientCertificateValidation = (certificate, chain, _) =>
                GrpcTrust.AcceptsClient(certificate, chain?.ChainPolicy.ExtraStore, tls.ClientRoots);
        }
        return https;
    }
}
