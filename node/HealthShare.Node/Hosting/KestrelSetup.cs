using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Hosting;

/// <summary>Listens where the settings say, with deadlines and bounds.</summary>
internal sealed class KestrelSetup(IOptions<HttpOptions> options) : IConfigureOptions<KestrelServerOptions>, IConfigureOptions<SocketTransportOptions>
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
        var secure = http.Url.Scheme == Uri.UriSchemeHttps;
        Action<ListenOptions> listen = secure ? endpoint => endpoint.UseHttps(https =>
        {
            https.ServerCertificate = Certificate(http);
            https.ServerCertificateChain = []; // a client that has not seen the intermediate authorities has them from here
            https.ServerCertificateChain.ImportFromPemFile(http.CertificateFile!);
            if (http.ClientCertificates)
            {
                // Which certificate is whose the sign-in decides; here one is only taken.
                https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                https.ClientCertificateValidation = (_, _, _) => true;
            }
        }) : _ => { };
        if (IPAddress.TryParse(http.Url.DnsSafeHost, out var address))
            kestrel.Listen(address, http.Url.Port, listen);
        else if (http.Url.Port == 0) // Kestrel cannot give localhost's two addresses one free port
            kestrel.Listen(IPAddress.Loopback, 0, listen);
        else if (http.Url.IsLoopback || http.Url.Host.EndsWith(".localhost", StringComparison.Ordinal))
            kestrel.ListenLocalhost(http.Url.Port, listen);
        else
            kestrel.ListenAnyIP(http.Url.Port, listen);
    }

    private static X509Certificate2 Certificate(HttpOptions http) =>
        http is { CertificateFile: { } certificate, KeyFile: { } key }
            ? X509Certificate2.CreateFromPemFile(certificate, key)
            : throw new NodeStartException(
                "HealthShare:Http:CertificateFile and HealthShare:Http:KeyFile are required for an https address.");
}
