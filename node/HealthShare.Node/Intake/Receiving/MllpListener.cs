using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HealthShare.Hl7.Mllp;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Intake.Receiving;

/// <summary>Runs the MLLP listener as long as the node runs.</summary>
internal sealed partial class MllpListener(
    MllpIntakeHandler handler, IOptions<MllpOptions> mllp, IOptions<IntakeOptions> intake, ILogger<MllpListener> logger) : IHostedService, IAsyncDisposable
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

    private static SslServerAuthenticationOptions? Tls(MllpOptions options)
    {
        if (options is { CertificateFile: null, KeyFile: null, ClientAuthoritiesFile: null })
            return null;
        if (options is not { CertificateFile: { } certificate, KeyFile: { } key })
            throw new NodeStartException("HealthShare:Mllp:CertificateFile and HealthShare:Mllp:KeyFile are required for TLS.");
        try
        {
            X509Certificate2Collection? authorities = null;
            if (options.ClientAuthoritiesFile is { } file)
            {
                authorities = [];
                authorities.ImportFromPemFile(file);
                if (authorities.Count == 0)
                    throw new NodeStartException($"HealthShare:Mllp:ClientAuthoritiesFile '{file}' holds no certificate.");
            }
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(certificate);
            return MllpTls.Server(X509Certificate2.CreateFromPemFile(certificate, key), authorities, chain);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new NodeStartException($"HealthShare:Mllp: the files for TLS cannot be read: {e.Message}", e);
        }
    }

    [LoggerMessage(4121, LogLevel.Information, "MLLP listens on {Endpoint}.")]
    private partial void LogListening(IPEndPoint endpoint);

    [LoggerMessage(4122, LogLevel.Warning, "MLLP listens on {Address} without TLS: whoever is in that network can read and send messages. Set HealthShare:Mllp:CertificateFile, or let nobody but the interface engine reach it.")]
    private partial void LogPlain(IPAddress address);
}
