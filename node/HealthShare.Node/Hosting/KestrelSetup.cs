using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Hosting;

/// <summary>Listens where the settings say, with deadlines and bounds.</summary>
internal sealed class KestrelSetup(IOptions<HttpOptions> options, ListenerCertificates certificates)
    : IConfigureOptions<KestrelServerOptions>, IConfigureOptions<SocketTransportOptions>
{
    /// <summary>Bytes that one connection may have sent and nobody has asked for yet; then its sender waits.</summary>
    public const int MostUnread = 64 * 1024;

    /// <summary>The same for HTTP/2, whose requests share a connection.</summary>
    public const int MostUnreadShared = 256 * 1024;

    public void Configure(SocketTransportOptions sockets) => sockets.MaxReadBufferSize = MostUnread;

    public void Configure(KestrelServerOptions kestrel)
    {
        var http = options.Value;
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = http.MaxBodyBytes;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        kestrel.Limits.MaxRequestBufferSize = MostUnread;
        kestrel.Limits.Http2.InitialStreamWindowSize = MostUnreadShared / 2;
        kestrel.Limits.Http2.InitialConnectionWindowSize = MostUnreadShared;
        Action<ListenOptions> listen = http.Url.Scheme == Uri.UriSchemeHttps ? Secure(http) : _ => { };
        if (IPAddress.TryParse(http.Url.DnsSafeHost, out var address))
            kestrel.Listen(address, http.Url.Port, listen);
        else if (http.Url.Port == 0) // Kestrel cannot give localhost's two addresses one free port
            kestrel.Listen(IPAddress.Loopback, 0, listen);
        else if (http.Url.IsLoopback || http.Url.Host.EndsWith(".localhost", StringComparison.Ordinal))
            kestrel.ListenLocalhost(http.Url.Port, listen);
        else
            kestrel.ListenAnyIP(http.Url.Port, listen);
    }

    private Action<ListenOptions> Secure(HttpOptions http)
    {
        var own = certificates.Open("HealthShare:Http", "certificate of the pages and the API", http.CertificateFile, http.KeyFile, offline: false);
        return endpoint => endpoint.UseHttps(new TlsHandshakeCallbackOptions
        {
            // At each handshake: the certificate may have been renewed.
            OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = own.Context, // with the intermediate authorities, for a client that has not seen them
                // Which certificate is whose the sign-in decides; here one is only taken.
                ClientCertificateRequired = http.ClientCertificates,
                RemoteCertificateValidationCallback = (_, shown, _, _) => shown is null || http.ClientCertificates,
            }),
        });
    }
}
