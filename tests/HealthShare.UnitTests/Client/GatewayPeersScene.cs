using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.UnitTests.Protocol.Grpc;

namespace HealthShare.UnitTests.Client;

/// <summary>Several fake gateways of Org1MSP, Org2MSP, … and one client of Org1MSP that knows them in this order.</summary>
internal sealed class GatewayPeersScene : IAsyncDisposable
{
    private readonly TestAuthority authority = new("identity authority");

    private GatewayPeersScene(IReadOnlyList<FakeGateway> gateways, GatewayOptions options)
    {
        Gateways = gateways;
        Identity = FakeGateway.NewIdentity(authority);
        Client = GatewayClient.Connect(
            [
                .. gateways.Select((gateway, i) =>
                    new GatewayEndpoint(gateway.Address, new GrpcChannelOptions()) { Name = $"peer{i}", MspId = $"Org{i + 1}MSP" }),
            ],
            Identity, "channel-1", options);
    }

    public IReadOnlyList<FakeGateway> Gateways { get; }

    public FakeGateway First => Gateways[0];

    public FakeGateway Second => Gateways[1];

    public SigningIdentity Identity { get; }

    public GatewayClient Client { get; }

    /// <summary>
    /// Short pauses, and limits that a busy machine does not come near: a test whose subject is a limit sets that one itself.
    /// </summary>
    public static GatewayOptions Quick { get; } = new()
    {
        EvaluateTimeout = TimeSpan.FromMinutes(2),
        EndorseTimeout = TimeSpan.FromMinutes(2),
        SubmitTimeout = TimeSpan.FromMinutes(2),
        CommitTimeout = TimeSpan.FromMinutes(4),
        CommitWaitPerPeer = TimeSpan.FromMinutes(1),
        ResubmitAfter = TimeSpan.FromMinutes(1),
        SilenceLimit = TimeSpan.FromMinutes(1),
        ReconnectDelay = TimeSpan.FromMilliseconds(1),
        MaxReconnectDelay = TimeSpan.FromMilliseconds(20),
        BreakDuration = TimeSpan.FromMilliseconds(1),
        MaxBreakDuration = TimeSpan.FromMilliseconds(20),
    };

    public static async Task<GatewayPeersScene> StartAsync(int count = 2, Func<GatewayOptions, GatewayOptions>? change = null)
    {
        var gateways = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => FakeGateway.StartAsync()));
        return new GatewayPeersScene(gateways, change?.Invoke(Quick) ?? Quick);
    }

    /// <summary>Never answers, until the client gives up.</summary>
    public static async Task<T> HangAsync<T>(GrpcServerContext context)
    {
        // Not until the deadline, which it would answer itself, sometimes before the client has noticed it: what hangs answers nothing.
        await Task.Delay(Timeout.Infinite, context.Http.RequestAborted);
        throw new InvalidOperationException("A delay without end has ended.");
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        foreach (var gateway in Gateways)
            await gateway.DisposeAsync();
        Identity.Dispose();
        authority.Dispose();
    }
}
