using Google.Protobuf;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Node.Ledger;
using HealthShare.UnitTests.Client;

namespace HealthShare.UnitTests.Node.Ledger;

public sealed class ChannelHeightTests
{
    [Theory]
    [InlineData(7, new ulong[0], 7)]
    [InlineData(7, new ulong[] { 9 }, 9)] // only one other: it may be right
    [InlineData(9, new ulong[] { 7 }, 9)]
    [InlineData(7, new ulong[] { 9, 9 }, 9)] // the own peer is behind
    [InlineData(7, new ulong[] { 7, ulong.MaxValue }, 7)] // one lies
    [InlineData(7, new ulong[] { 0, 7 }, 7)] // one hides
    [InlineData(7, new ulong[] { 8, 9, ulong.MaxValue }, 9)]
    public void The_height_is_the_highest_that_two_peers_report(ulong own, ulong[] others, ulong expected) =>
        Assert.Equal(expected, ChannelHeight.Agreed(own, others));

    [Fact]
    public async Task A_peer_that_overstates_its_height_or_does_not_answer_changes_nothing()
    {
        await using var scene = await GatewayScene.StartAsync();
        await using var honest = await FakeGateway.StartAsync();
        await using var liar = await FakeGateway.StartAsync();
        await using var away = await FakeGateway.StartAsync();
        Report(scene.Gateway, 12);
        Report(honest, 12);
        Report(liar, 1_000_000);
        away.Evaluate = (_, _) => throw new RpcException(StatusCode.Unavailable, "shutting down");
        await using var ledger = new GatewayLedger(
            scene.Client, [("SouthMSP", Connect(honest)), ("EastMSP", Connect(liar)), ("WestMSP", Connect(away))], scene.Identity, "healthshare");

        Assert.Equal(12ul, await ledger.HeightAsync(CancellationToken.None));
        Report(scene.Gateway, 11); // now the own peer lags behind what an honest one has
        Assert.Equal(12ul, await ledger.HeightAsync(CancellationToken.None));

        foreach (var other in (FakeGateway[])[honest, liar])
            other.Evaluate = away.Evaluate;
        var nobody = await Assert.ThrowsAsync<LedgerException>(() => ledger.HeightAsync(CancellationToken.None));
        Assert.Equal(LedgerCodes.Unavailable, nobody.Code);

        GatewayClient Connect(FakeGateway gateway) => new(new GrpcChannel(gateway.Address), scene.Identity, "channel-1");
    }

    private static void Report(FakeGateway gateway, ulong height) => gateway.Evaluate = (_, _) => Task.FromResult(new EvaluateResponse
    {
        Result = new Response { Status = 200, Payload = new BlockchainInfo { Height = height }.ToByteString() },
    });
}
