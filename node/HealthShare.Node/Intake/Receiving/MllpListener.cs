using System.Net;
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
        server = new MllpServer(new MllpServerOptions
        {
            Endpoint = new IPEndPoint(IPAddress.Parse(options.Address), port),
            MaxFrameBytes = intake.Value.MaxMessageBytes,
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

    [LoggerMessage(4121, LogLevel.Information, "MLLP listens on {Endpoint}.")]
    private partial void LogListening(IPEndPoint endpoint);
}
