using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.UnitTests.Protocol.Grpc;

namespace HealthShare.UnitTests.Client;

/// <summary>A fake gateway, an identity and a client of both.</summary>
internal sealed class GatewayScene : IAsyncDisposable
{
    private readonly TestAuthority authority = new("identity authority");

    private GatewayScene(FakeGateway gateway, GatewayOptions options)
    {
        Gateway = gateway;
        Identity = FakeGateway.NewIdentity(authority);
        Client = new GatewayClient(new GrpcChannel(gateway.Address), Identity, "channel-1", options);
    }

    private static GatewayOptions Defaults { get; } = new();

    public FakeGateway Gateway { get; }

    public SigningIdentity Identity { get; }

    public GatewayClient Client { get; }

    public static TransactionRequest Request { get; } = new("basic", "put", "key", "value");

    public static async Task<GatewayScene> StartAsync(Func<GatewayOptions, GatewayOptions>? change = null)
    {
        var options = GatewayPeersScene.Quick with { BreakDuration = Defaults.BreakDuration, MaxBreakDuration = Defaults.MaxBreakDuration };
        return new GatewayScene(await FakeGateway.StartAsync(), change?.Invoke(options) ?? options);
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Gateway.DisposeAsync();
        Identity.Dispose();
        authority.Dispose();
    }
}
