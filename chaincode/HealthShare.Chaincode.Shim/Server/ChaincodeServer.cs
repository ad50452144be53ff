using System.Net;
using HealthShare.Fabric.Protocol.Grpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace HealthShare.Chaincode.Shim.Server;

/// <summary>
/// A chaincode as a service: a gRPC server that peers dial and drive over <c>/protos.Chaincode/Connect</c>. It serves any number
/// of peers, answers every transaction, and can run beside anything else in the process.
/// </summary>
public sealed class ChaincodeServer : IAsyncDisposable
{
    private readonly ChaincodeServerOptions options;
    private readonly ILogger logger;
    private readonly ILoggerFactory loggers;
    private readonly ServerParts parts;
    private readonly CancellationTokenSource stop = new();
    private WebApplication? host;

    /// <summary>Prepares a server.</summary>
    /// <param name="chaincode">What to run, usually a <see cref="ChaincodeRouter"/>.</param>
    /// <param name="options">Settings.</param>
    /// <param name="loggers">Where logs go: ids and durations, never arguments or state. Default: nowhere.</param>
    /// <param name="time">Clock of the execution limit. Default: the system's.</param>
    /// <exception cref="ArgumentException">A setting is out of range; the message names it.</exception>
    public ChaincodeServer(
        IChaincode chaincode, ChaincodeServerOptions options, ILoggerFactory? loggers = null, TimeProvider? time = null)
    {
        options.Validate();
        this.options = options;
        this.loggers = loggers ?? NullLoggerFactory.Instance;
        logger = this.loggers.CreateLogger<ChaincodeServer>();
        var slots = new TransactionSlots(options.MaxConcurrentTransactions, options.MaxWaitingTransactions);
        parts = new ServerParts(chaincode, options, slots, new StatusBoard(options.PackageId), time ?? TimeProvider.System, logger);
    }

    /// <summary>Where the server listens; the port is the real one. Null before <see cref="StartAsync"/> and after the stop.</summary>
    public IPEndPoint? Endpoint { get; private set; }

    /// <summary>Where health is asked for; null where it is not offered or the server does not run.</summary>
    public IPEndPoint? HealthEndpoint { get; private set; }

    /// <summary>What the health endpoint answers now.</summary>
    public ServiceStatus Status => parts.Status.Read();

    /// <summary>Begins to listen.</summary>
    /// <exception cref="IOException">The address is taken.</exception>
    /// <exception cref="InvalidOperationException">The server was started before.</exception>
    public async Task StartAsync(CancellationToken ct = default)
    {
        if (host is not null)
            throw new InvalidOperationException("The server was started before.");
        var endpoint = await options.ResolveAsync(ct);
        var health = await options.ResolveHealthAsync(ct);
        // The empty builder: neither the environment nor a settings file of the process may change where this listens.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        // Whatever runs on the threads of sockets here only parses and hands over: chaincode has threads of its own.
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ListenGrpc(endpoint, options.Tls);
            if (health is not null)
                Server.HealthEndpoint.Listen(kestrel, health);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.StopTimeout);
        var app = host = builder.Build();
        app.UseHealth(() => Status);
        app.MapGrpcDuplex(FabricMethods.ChaincodeConnect, (stream, context) =>
            new PeerStream(stream, parts, context.Peer?.ToString() ?? "unknown").ServeAsync(context.CancellationToken, stop.Token),
            new GrpcServerOptions { MaxMessageSize = options.MaxMessageSize });
        await app.StartAsync(ct);
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToArray();
        Endpoint = new IPEndPoint(endpoint.Address, new Uri(addresses[0]).Port);
        HealthEndpoint = health is null ? null : new IPEndPoint(health.Address, new Uri(addresses[1]).Port);
        logger.LogListening(Endpoint, options.PackageId, options.Tls is { } tls ? (tls.ClientRoots.Count > 0 ? "mutual TLS" : "TLS") : "plaintext");
    }

    /// <summary>
    /// Refuses new transactions, waits for those that run, at most <see cref="ChaincodeServerOptions.StopTimeout"/>, and closes
    /// the peers' streams. Does nothing when it does not run.
    /// </summary>
    /// <param name="ct">Cuts the wait short.</param>
    public async Task StopAsync(CancellationToken ct = default)
    {
        if (host is not { } running || Endpoint is null)
            return;
        Endpoint = null;
        parts.Status.Stopping();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(options.StopTimeout);
        await stop.CancelAsync();
        await running.StopAsync(limit.Token);
        HealthEndpoint = null;
        logger.LogStopped(options.PackageId);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (host is not null)
            await host.DisposeAsync();
        stop.Dispose();
    }

    /// <summary>Leaves signals of the process to whoever runs the process.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken ct) => Task.CompletedTask;

        public Task StopAsync(CancellationToken ct) => Task.CompletedTask;
    }
}
