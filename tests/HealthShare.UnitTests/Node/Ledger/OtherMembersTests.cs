using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Node.Ledger;
using HealthShare.UnitTests.Client;

namespace HealthShare.UnitTests.Node.Ledger;

/// <summary>What goes through other members' peers, and what they are asked.</summary>
public sealed class OtherMembersTests : IAsyncLifetime
{
    private GatewayScene scene = null!;
    private FakeGateway south = null!, east = null!;

    [Fact]
    public async Task Only_members_whose_peers_have_it_as_valid_have_committed_it()
    {
        await using var ledger = Open();
        Assert.Equal(2, (await ledger.CommittedByAsync("tx", 2, CancellationToken.None)).Count);
        Answer(south, TxValidationCode.MvccReadConflict);
        Assert.Equal(new[] { "EastMSP", scene.Identity.MspId }.Order(StringComparer.Ordinal), await ledger.CommittedByAsync("tx", 3, CancellationToken.None));
        Assert.Equal(3, ledger.MembersWithPeers);
        // One that is away is asked again until nobody waits.
        using var patience = new CancellationTokenSource();
        var asked = 0;
        east.CommitStatus = (_, _) =>
        {
            if (++asked == 3)
                patience.CancelAfter(TimeSpan.FromSeconds(10)); // by then the own peer, which was asked first, has answered
            throw new RpcException(StatusCode.Unavailable, "away");
        };
        Assert.Equal([scene.Identity.MspId], await ledger.CommittedByAsync("tx", 2, patience.Token));
    }

    [Fact]
    public async Task Who_has_committed_by_the_end_of_the_wait_is_the_answer()
    {
        await using var ledger = Open();
        south.CommitStatus = east.CommitStatus = async (_, context) =>
        {
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
            return new CommitStatusResponse();
        };
        using var patience = new CancellationTokenSource();
        var asked = ledger.CommittedByAsync("tx", 2, patience.Token);
        while (scene.Gateway.Requests.IsEmpty || south.Requests.IsEmpty || east.Requests.IsEmpty)
            await Task.Delay(10);
        await patience.CancelAsync();
        Assert.Subset(new HashSet<string> { scene.Identity.MspId }, (await asked).ToHashSet());
    }

    [Fact]
    public async Task A_transaction_goes_through_the_next_member_when_one_is_away_and_ends_with_what_the_contract_refuses()
    {
        await using var ledger = Open();
        south.Endorse = (_, _) => throw new RpcException(StatusCode.Unavailable, "away");
        var commit = await ledger.SubmitElsewhereAsync(new LedgerCall("Consents:Revoke"), CancellationToken.None);
        Assert.Equal(7ul, commit.Block);
        Assert.Contains(east.Requests, request => request is SubmitRequest);
        Assert.DoesNotContain(scene.Gateway.Requests, request => request is EndorseRequest);

        east.Endorse = south.Endorse;
        var nobody = await Assert.ThrowsAsync<LedgerException>(() => ledger.SubmitElsewhereAsync(new LedgerCall("Consents:Revoke"), CancellationToken.None));
        Assert.Equal(LedgerStage.Endorse, nobody.Stage);
    }

    [Fact]
    public async Task One_member_that_stalls_keeps_nothing_from_the_next()
    {
        await using var ledger = Open();
        south.Endorse = async (_, context) =>
        {
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
            return new EndorseResponse();
        };
        var commit = await ledger.SubmitElsewhereAsync(new LedgerCall("Consents:Revoke"), CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(7ul, commit.Block);
        Assert.Contains(east.Requests, request => request is SubmitRequest);
    }

    public async Task InitializeAsync()
    {
        scene = await GatewayScene.StartAsync();
        (south, east) = (await FakeGateway.StartAsync(), await FakeGateway.StartAsync());
    }

    public async Task DisposeAsync()
    {
        await south.DisposeAsync();
        await east.DisposeAsync();
        await scene.DisposeAsync();
    }

    private GatewayLedger Open() =>
        new(scene.Client, [("SouthMSP", Connect(south)), ("EastMSP", Connect(east))], scene.Identity, "healthshare");

    private static void Answer(FakeGateway gateway, TxValidationCode code) =>
        gateway.CommitStatus = (_, _) => Task.FromResult(new CommitStatusResponse { Result = code, BlockNumber = 7 });

    private GatewayClient Connect(FakeGateway gateway) => new(new GrpcChannel(gateway.Address), scene.Identity, "channel-1", new GatewayOptions
    {
        Retry = new RetryOptions { Attempts = 1 },
    });
}
