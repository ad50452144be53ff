using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HealthShare.Hl7.Mllp;
using HealthShare.Node.Hosting;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Intake.Receiving;

/// <summary>Runs the MLLP listener as long as the node runs.</summary>
internal sealed partial class MllpListener(
    MllpIntakeHandler handler, IOptions<MllpOptions> mllp, IOptions<IntakeOptions> intake, ListenerCertificates certificates,
    ILogger<MllpListener> logger) : IHostedService, IAsyncDisposable
{
    private MllpServer? server;

    /// <summary>Where it listens; null while it does not.</summary>
    public IPEndPoint? Endpoint { get; private set; }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (mllp.Value is not { Port: { } port } options)
            return Task.CompletedTask;
        var (address, tls) = (IPAddress.Parse(options.Address), Tls(options));
        if (tls is null && !IPAddress.IsLoopback(address))
            LogPlain(address);
        server = new MllpServer(new MllpServerOptions
        {
            Endpoint = new IPEndPoint(address, port),
            Tls = tls,
            MaxFrameBytes = intake.Value.MaxMessageBytes,
            OpenFrameBytes = options.OpenFrameBytes,
            MaxConnections = options.MaxConnections,
            IdleTimeout = options.IdleTimeout,
            DrainTimeout = options.DrainTimeout,
        }, handler);
        server.Start();
        Endpoint = server.LocalEndpoint;
        LogListening(Endpoint);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => server?.StopAsync() ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => server?.DisposeAsync() ?? ValueTask.CompletedTask;

    private Func<SslServerAuthenticationOptions>? Tls(MllpOptions options)
    {
        if (options is { CertificateFile: null, KeyFile: null, ClientAuthoritiesFile: null })
            return null;
        var authorities = options.ClientAuthoritiesFile is { } file ? Authorities(file) : null;
        var own = certificates.Open("HealthShare:Mllp", "certificate of the MLLP listener", options.CertificateFile, options.KeyFile, offline: true);
        return () => MllpTls.Server(own.Context, authorities);
    }

    private static X509Certificate2Collection Authorities(string file)
    {
        try
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(file);
            return authorities.Count > 0 ? authorities : throw new NodeStartException($"HealthShare:Mllp:ClientAuthoritiesFile '{file}' holds no certificate.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new NodeStartException($"HealthShare:Mllp:ClientAuthoritiesFile cannot be read: {e.Message}", e);
        }
    }

    [LoggerMessage(4121, LogLevel.Information, "MLLP listens on {Endpoint}.")]
    private partial void LogListening(IPEndPoint endpoint);

    [LoggerMessage(4122, LogLevel.Warning, "MLLP listens on {Address} without TLS: whoever is in that network can read and send messages. Set HealthShare:Mllp:CertificateFile, or let nobody but the interface engine reach it.")]
    private partial void LogPlain(IPAddress address);
}
