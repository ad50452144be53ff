using System.Net;
using System.Security.Cryptography.X509Certificates;
using HealthShare.DevLedger.Gateway;
using HealthShare.DevLedger.Network;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HealthShare.DevLedger.Hosting;

/// <summary>One organization's TLS listener with the services of its peer.</summary>
internal sealed class GatewayListener : IAsyncDisposable
{
    private readonly WebApplication app;
    private volatile Services? services;
    private readonly CancellationTokenSource stopping = new();

    private GatewayListener(IPEndPoint listen, OrganizationMaterial material, ILoggerFactory loggers)
    {
        // The empty builder: neither the environment nor a settings file of the process may change where this listens.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        // Whatever runs on the threads of sockets here only reads and writes frames: requests are served on threads of the pool.
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        var tls = material.Tls;
        var certificate = X509Certificate2.CreateFromPem(tls.Certificate, tls.Key);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenGrpc(listen, new GrpcServerTls(certificate)));
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        app = builder.Build();
        Map();
    }

    /// <summary>Where it listens; the port is the real one once it was started.</summary>
    public IPEndPoint Endpoint { get; private set; } = new(IPAddress.None, 0);

    /// <exception cref="IOException">The address cannot be listened on.</exception>
    public static async Task<GatewayListener> StartAsync(
        IPEndPoint listen, OrganizationMaterial material, ILoggerFactory loggers, CancellationToken ct)
    {
        var listener = new GatewayListener(listen, material, loggers);
        try
        {
            await listener.StartAsync(listen, ct);
            return listener;
        }
        catch
        {
            await listener.DisposeAsync();
            throw;
        }
    }

    private async Task StartAsync(IPEndPoint listen, CancellationToken ct)
    {
        await app.StartAsync(ct);
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Endpoint = new IPEndPoint(listen.Address, new Uri(address).Port);
    }

    /// <summary>Takes calls from now on; those under way end with what they began with.</summary>
    public void Serve(GatewayService gateway, DeliverService deliver) => services = new Services(gateway, deliver);

    /// <summary>Ends the calls under way and takes no more.</summary>
    public async Task StopAsync()
    {
        await stopping.CancelAsync();
        await app.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await app.DisposeAsync();
        stopping.Dispose();
    }

    private Services Current => services ?? throw new RpcException(StatusCode.Unavailable, "the ledger is starting");

    private void Map()
    {
        app.MapGrpcUnary(FabricMethods.Evaluate, (request, context) => Serve(context, ct => Current.Gateway.EvaluateAsync(request, ct)));
        app.MapGrpcUnary(FabricMethods.Endorse, (request, context) => Serve(context, ct => Current.Gateway.EndorseAsync(request, ct)));
        app.MapGrpcUnary(FabricMethods.Submit, (request, context) => Serve(context, ct => Current.Gateway.SubmitAsync(request, ct)));
        app.MapGrpcUnary(FabricMethods.CommitStatus,
            (request, context) => Serve(context, ct => Current.Gateway.CommitStatusAsync(request, ct)));
        app.MapGrpcServerStream(FabricMethods.ChaincodeEvents, (request, context) => Events(request, context));
        MapDeliver(FabricMethods.Deliver, DeliverContent.Blocks);
        MapDeliver(FabricMethods.DeliverFiltered, DeliverContent.Filtered);
        MapDeliver(FabricMethods.DeliverWithPrivateData, DeliverContent.WithPrivateValues);
    }

    private void MapDeliver(
        GrpcMethod<Fabric.Protocol.Common.Envelope, Fabric.Protocol.Peer.DeliverResponse> method, DeliverContent content) =>
        app.MapGrpcDuplex(method, (stream, context) => Serve(context, async ct =>
        {
            await Current.Deliver.ServeAsync(stream, content, ct);
            return true;
        }));

    private async IAsyncEnumerable<ChaincodeEventsResponse> Events(
        SignedChaincodeEventsRequest request, GrpcServerContext context)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, stopping.Token);
        await using var events = Current.Gateway.ChaincodeEventsAsync(request, either.Token).GetAsyncEnumerator(either.Token);
        while (await Serve(context, _ => events.MoveNextAsync().AsTask()))
            yield return events.Current;
    }

    // Calls end when this side stops, as they do when the caller goes away, but the caller is told.
    private async Task<T> Serve<T>(GrpcServerContext context, Func<CancellationToken, Task<T>> serve)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, stopping.Token);
        try
        {
            return await serve(either.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            throw new RpcException(StatusCode.Unavailable, "the ledger is stopping");
        }
    }

    private sealed record Services(GatewayService Gateway, DeliverService Deliver);
}
