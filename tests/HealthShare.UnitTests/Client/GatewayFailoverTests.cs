using System.Net.Sockets;
using System.Text;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.UnitTests.Protocol.Grpc;

namespace HealthShare.UnitTests.Client;

/// <summary>Several gateway peers, of which some fail.</summary>
public sealed class GatewayFailoverTests
{
    private static readonly TimeSpan Never = TimeSpan.FromHours(1);

    [Fact]
    public async Task All_requests_go_to_the_preferred_peer_while_it_is_well()
    {
        await using var scene = await GatewayPeersScene.StartAsync();

        await scene.Client.SubmitAsync(GatewayScene.Request);
        await scene.Client.EvaluateAsync(GatewayScene.Request);

        Assert.Equal((4, 0), (scene.First.Requests.Count, scene.Second.Requests.Count));
        Assert.Equal([GatewayPeerState.Healthy, GatewayPeerState.Healthy], scene.Client.Peers.Select(peer => peer.State));
        Assert.NotNull(scene.Client.Peers[0].LastSuccessAt);
        Assert.Null(scene.Client.Peers[1].LastSuccessAt);
    }

    [Fact]
    public async Task A_dead_peer_is_left_for_the_next_and_named_in_the_health()
    {
        await using var scene = await GatewayPeersScene.StartAsync(change: o => o with { BreakDuration = Never, MaxBreakDuration = Never });
        await scene.First.DisposeAsync();

        for (var i = 0; i < 5; i++)
            await scene.Client.SubmitAsync(GatewayScene.Request);

        Assert.Equal(15, scene.Second.Requests.Count);
        var health = scene.Client.Peers[0];
        Assert.Equal(("peer0", "Org1MSP", GatewayPeerState.Degraded, 1), (health.Name, health.MspId, health.State, health.Failures));
        Assert.Contains("No connection", health.LastError, StringComparison.Ordinal);
        Assert.NotNull(health.LastErrorAt);
    }

    [Theory]
    [InlineData(StatusCode.Unavailable)]
    [InlineData(StatusCode.ResourceExhausted)]
    [InlineData(StatusCode.DeadlineExceeded)]
    [InlineData(StatusCode.FailedPrecondition)]
    public async Task A_query_that_one_peer_cannot_serve_is_asked_of_the_next(StatusCode status)
    {
        await using var scene = await GatewayPeersScene.StartAsync();
        scene.First.Evaluate = (_, _) => throw new RpcException(status, "no peers available to evaluate chaincode asset in channel health");

        await scene.Client.EvaluateAsync(GatewayScene.Request);

        Assert.Equal((1, 1), (scene.First.Requests.Count, scene.Second.Requests.Count));
    }

    [Fact]
    public void Options_that_no_client_could_work_with_are_refused_by_name()
    {
        GatewayOptions[] bad =
        [
            new() { EndorseTimeout = Timeout.InfiniteTimeSpan }, new() { CommitTimeout = TimeSpan.Zero }, new() { BreakAfter = 0 },
            new() { ReconnectDelay = TimeSpan.FromDays(60) }, new() { Retry = new() { Attempts = 0 } },
            new() { Retry = new() { FirstDelay = TimeSpan.FromSeconds(-1) } },
            new() { KeepAliveDelay = TimeSpan.FromMilliseconds(999) }, new() { KeepAliveTimeout = TimeSpan.Zero },
        ];
        using var authority = new TestAuthority("identity authority");
        using var identity = FakeGateway.NewIdentity(authority);
        Assert.Equal(["EndorseTimeout", "CommitTimeout", "BreakAfter", "ReconnectDelay", "Retry", "Retry", "KeepAliveDelay", "KeepAliveTimeout"], bad.Select(options =>
            Assert.Throws<ArgumentOutOfRangeException>(() => { GatewayClient.Connect(new Uri("http://127.0.0.1:1"), new GrpcChannelOptions(), identity, "c", options); }).ParamName));
    }

    [Theory]
    [InlineData(StatusCode.Unavailable)]
    [InlineData(StatusCode.ResourceExhausted)]
    [InlineData(StatusCode.DeadlineExceeded)]
    [InlineData(StatusCode.FailedPrecondition)]
    public async Task An_endorsement_that_one_peer_cannot_serve_is_asked_of_the_next(StatusCode status)
    {
        await using var scene = await GatewayPeersScene.StartAsync();
        scene.First.Endorse = (_, _) => throw new RpcException(status, "not here");

        await scene.Client.EndorseAsync(GatewayScene.Request);

        var (first, second) = ((EndorseRequest)scene.First.Requests.Single(), (EndorseRequest)scene.Second.Requests.Single());
        Assert.Equal(first.TransactionId, second.TransactionId); // the same proposal, signed once
        Assert.Equal(GatewayPeerState.Healthy, scene.Client.Peers[0].State); // who answers is not dead
    }

    [Theory]
    [InlineData(StatusCode.Aborted)]
    [InlineData(StatusCode.Unknown)]
    [InlineData(StatusCode.PermissionDenied)]
    [InlineData(StatusCode.InvalidArgument)]
    public async Task A_refusal_is_the_answer_and_asked_of_nobody_else(StatusCode status)
    {
        await using var scene = await GatewayPeersScene.StartAsync();
        scene.First.Endorse = (_, _) => throw new RpcException(status, "no");

        await Assert.ThrowsAsync<LedgerException>(() => scene.Client.EndorseAsync(GatewayScene.Request));

        Assert.Empty(scene.Second.Requests);
    }

    [Fact]
    public async Task A_peer_that_hangs_leaves_time_for_the_next()
    {
        await using var scene = await GatewayPeersScene.StartAsync(change: o => o with { EvaluateTimeout = TimeSpan.FromSeconds(30) });
        // Not even the deadline is noticed there: a peer that answers that it passed is alive.
        var hang = new TaskCompletionSource<EvaluateResponse>(TaskCreationOptions.RunContinuationsAsynchronously);
        scene.First.Evaluate = (_, _) => hang.Task;

        var result = await scene.Client.EvaluateAsync(GatewayScene.Request);

        Assert.Equal("evaluated", Encoding.UTF8.GetString(result.Span));
        Assert.Equal(1, scene.Client.Peers[0].Failures);
        hang.SetResult(new EvaluateResponse());
    }

    [Fact]
    public async Task A_peer_killed_in_the_middle_of_an_endorsement_costs_nothing_but_the_way_to_the_next()
    {
        await using var scene = await GatewayPeersScene.StartAsync();
        scene.First.Endorse = async (_, context) =>
        {
            scene.First.Kill();
            return await GatewayPeersScene.HangAsync<EndorseResponse>(context);
        };

        var result = await scene.Client.SubmitAsync(GatewayScene.Request);

        Assert.Equal(7ul, result.BlockNumber);
    }

    [Fact]
    public async Task A_peer_killed_in_the_middle_of_a_submit_has_its_envelope_submitted_by_the_next()
    {
        await using var scene = await GatewayPeersScene.StartAsync();
        SubmitRequest? first = null;
        scene.First.Submit = async (request, context) =>
        {
            first = request;
            scene.First.Kill();
            return await GatewayPeersScene.HangAsync<SubmitResponse>(context);
        };

        await scene.Client.SubmitAsync(GatewayScene.Request);

        var second = scene.Second.Requests.OfType<SubmitRequest>().Single();
        Assert.Equal(first!.PreparedTransaction, second.PreparedTransaction);
    }

    [Fact]
    public async Task A_peer_killed_in_the_middle_of_a_commit_wait_is_replaced_by_the_next()
    {
        await using var scene = await GatewayPeersScene.StartAsync();
        scene.First.CommitStatus = async (_, context) =>
        {
            scene.First.Kill();
            return await GatewayPeersScene.HangAsync<CommitStatusResponse>(context);
        };

        var result = await scene.Client.SubmitAsync(GatewayScene.Request);

        Assert.Equal(7ul, result.BlockNumber);
        Assert.IsType<SignedCommitStatusRequest>(scene.Second.Requests.Single());
    }

    [Fact]
    public async Task A_commit_wait_moves_on_from_a_silent_peer_without_calling_it_dead()
    {
        await using var scene = await GatewayPeersScene.StartAsync(change: o => o with { CommitWaitPerPeer = TimeSpan.FromMilliseconds(500) });
        scene.First.CommitStatus = (_, context) => GatewayPeersScene.HangAsync<CommitStatusResponse>(context);

        var result = await scene.Client.SubmitAsync(GatewayScene.Request);

        Assert.Equal(7ul, result.BlockNumber);
        Assert.Equal(0, scene.Client.Peers[0].Failures);
    }

    [Fact]
    public async Task Peers_that_all_fail_are_each_named_in_the_error()
    {
        await using var scene = await GatewayPeersScene.StartAsync();
        await scene.First.DisposeAsync();
        scene.Second.Evaluate = (_, _) => throw new RpcException(StatusCode.Unknown, "too many requests for /gateway.Gateway");

        var failure = await Assert.ThrowsAsync<LedgerException>(() => scene.Client.EvaluateAsync(GatewayScene.Request));

        Assert.Equal((LedgerCodes.Busy, true), (failure.Code, failure.IsTransient));
        Assert.Equal(["Org1MSP", "Org2MSP"], failure.PeerErrors.Select(error => error.MspId));
        Assert.Equal("too many requests for /gateway.Gateway", failure.PeerErrors[1].Message);
    }

    [Fact]
    public async Task A_peer_that_fails_again_and_again_is_not_asked_until_its_pause_is_over()
    {
        await using var scene = await GatewayPeersScene.StartAsync(1, o => o with { BreakDuration = Never, MaxBreakDuration = Never });
        var port = scene.First.Address.Port;
        await scene.First.DisposeAsync();
        for (var i = 0; i < 3; i++)
            await Assert.ThrowsAsync<LedgerException>(() => scene.Client.EvaluateAsync(GatewayScene.Request));
        Assert.Equal(GatewayPeerState.Open, scene.Client.Peers[0].State);

        await using var back = await FakeGateway.StartAsync(port);
        var failure = await Assert.ThrowsAsync<LedgerException>(() => scene.Client.EvaluateAsync(GatewayScene.Request));

        Assert.Equal(LedgerCodes.Unavailable, failure.Code);
        Assert.Contains("peer0", failure.Message, StringComparison.Ordinal);
        Assert.Empty(back.Requests);
    }

    [Fact]
    public async Task A_peer_that_is_back_is_found_without_a_restart_and_preferred_again()
    {
        await using var scene = await GatewayPeersScene.StartAsync();
        var port = scene.First.Address.Port;
        await scene.First.DisposeAsync();
        for (var i = 0; i < 10; i++)
            await scene.Client.EvaluateAsync(GatewayScene.Request);

        await using var back = await FakeGateway.StartAsync(port);
        while (back.Requests.IsEmpty)
            await scene.Client.EvaluateAsync(GatewayScene.Request);

        Assert.Equal(GatewayPeerState.Healthy, scene.Client.Peers[0].State);
        Assert.NotNull(scene.Client.Peers[0].LastError);
    }

    [Fact]
    public async Task Requests_do_not_pile_up_behind_a_peer_that_answers_nobody()
    {
        await using var scene = await GatewayPeersScene.StartAsync(change: o => o with { SilenceLimit = TimeSpan.FromMilliseconds(20), EvaluateTimeout = TimeSpan.FromMinutes(10) });
        var waiting = new SemaphoreSlim(0);
        scene.First.Evaluate = (_, context) =>
        {
            waiting.Release();
            return GatewayPeersScene.HangAsync<EvaluateResponse>(context);
        };
        using var stop = new CancellationTokenSource();
        var stuck = Enumerable.Range(0, 8).Select(_ => scene.Client.EvaluateAsync(GatewayScene.Request, stop.Token)).ToList();
        for (var i = 0; i < 8; i++)
            await waiting.WaitAsync();
        while (scene.Client.Peers[0].State is GatewayPeerState.Healthy)
            await Task.Delay(5);

        await scene.Client.EvaluateAsync(GatewayScene.Request);

        Assert.Equal((8, 1), (scene.First.Requests.Count, scene.Second.Requests.Count));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(stuck));
    }

    [Fact]
    public async Task A_slow_chaincode_opens_no_breaker_while_its_peer_answers_others()
    {
        await using var scene = await GatewayPeersScene.StartAsync(1, o => o with { EndorseTimeout = TimeSpan.FromMilliseconds(100) });
        var reached = new SemaphoreSlim(0);
        scene.First.Endorse = (_, context) =>
        {
            reached.Release();
            return GatewayPeersScene.HangAsync<EndorseResponse>(context);
        };

        for (var i = 0; i < 4; i++)
        {
            var slow = scene.Client.EndorseAsync(GatewayScene.Request);
            await Task.WhenAny(reached.WaitAsync(), slow); // on a busy machine its time may be over before it gets there
            await scene.Client.EvaluateAsync(GatewayScene.Request);
            Assert.Equal(LedgerCodes.Timeout, (await Assert.ThrowsAsync<LedgerException>(() => slow)).Code);
        }

        Assert.Equal(0, scene.Client.Peers[0].Failures);
    }

    [Fact]
    public async Task A_lone_peer_that_was_only_late_is_still_asked_for_something_else()
    {
        await using var scene = await GatewayPeersScene.StartAsync(1, o => o with
        {
            EndorseTimeout = TimeSpan.FromMilliseconds(200), BreakDuration = Never, MaxBreakDuration = Never,
        });
        scene.First.Endorse = (_, context) => GatewayPeersScene.HangAsync<EndorseResponse>(context);
        var late = Enumerable.Range(0, 4).Select(_ => scene.Client.EndorseAsync(GatewayScene.Request)).ToList();
        foreach (var endorsement in late)
            Assert.Equal(LedgerCodes.Timeout, (await Assert.ThrowsAsync<LedgerException>(() => endorsement)).Code);
        Assert.Equal(GatewayPeerState.Open, scene.Client.Peers[0].State);

        scene.First.Ledger["tx-1"] = (TxValidationCode.Valid, new Fabric.Protocol.Common.Envelope());
        Assert.NotNull(await scene.Client.GetTransactionAsync("tx-1"));
        await scene.Client.EvaluateAsync(GatewayScene.Request);

        Assert.Equal(GatewayPeerState.Healthy, scene.Client.Peers[0].State);
    }

    [Fact]
    public async Task A_lone_peer_that_answers_nobody_keeps_only_a_few_requests_waiting()
    {
        await using var scene = await GatewayPeersScene.StartAsync(1, o => o with
        {
            EndorseTimeout = TimeSpan.FromMilliseconds(200), EvaluateTimeout = TimeSpan.FromMinutes(10), BreakDuration = Never, MaxBreakDuration = Never,
        });
        scene.First.Endorse = (_, context) => GatewayPeersScene.HangAsync<EndorseResponse>(context);
        scene.First.Evaluate = (_, context) => GatewayPeersScene.HangAsync<EvaluateResponse>(context);
        for (var i = 0; i < 3; i++)
            await Assert.ThrowsAsync<LedgerException>(() => scene.Client.EndorseAsync(GatewayScene.Request));
        using var stop = new CancellationTokenSource();

        var asked = Enumerable.Range(0, 20).Select(_ => scene.Client.EvaluateAsync(GatewayScene.Request, stop.Token)).ToList();

        Assert.Equal(12, asked.Count(request => request.IsFaulted));
        await stop.CancelAsync();
    }

    [Fact]
    public async Task Transient_data_goes_to_no_peer_of_an_organization_that_was_not_named()
    {
        await using var scene = await GatewayPeersScene.StartAsync(3);
        await scene.First.DisposeAsync();
        var secret = new Dictionary<string, ReadOnlyMemory<byte>> { ["secret"] = new byte[] { 1 } };

        await Assert.ThrowsAsync<LedgerException>(() => scene.Client.EndorseAsync(GatewayScene.Request with { Transient = secret }));
        Assert.Empty(scene.Second.Requests);

        await scene.Client.EndorseAsync(GatewayScene.Request with { Transient = secret, Organizations = ["Org3MSP"] });
        Assert.Empty(scene.Second.Requests);
        Assert.Single(scene.Gateways[2].Requests);
    }

    [Fact]
    public async Task A_cancelled_request_moves_nowhere()
    {
        await using var scene = await GatewayPeersScene.StartAsync();
        using var cancel = new CancellationTokenSource();
        scene.First.Endorse = async (_, context) =>
        {
            await cancel.CancelAsync();
            return await GatewayPeersScene.HangAsync<EndorseResponse>(context);
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scene.Client.SubmitAsync(GatewayScene.Request, cancel.Token));

        Assert.Empty(scene.Second.Requests);
        Assert.Equal(0, scene.Client.Peers[0].Failures);
    }

    [Fact]
    public async Task Something_that_listens_and_speaks_no_gRPC_is_left_for_the_next_peer()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        await using var scene = await GatewayPeersScene.StartAsync(1);
        await using var client = GatewayClient.Connect(
            [
                new GatewayEndpoint(new Uri($"http://{listener.LocalEndpoint}"), new GrpcChannelOptions()) { Name = "mute" },
                new GatewayEndpoint(scene.First.Address, new GrpcChannelOptions()),
            ],
            scene.Identity, "channel-1", GatewayPeersScene.Quick with { EvaluateTimeout = TimeSpan.FromSeconds(30) });

        await client.EvaluateAsync(GatewayScene.Request);

        Assert.Equal(("mute", 1), (client.Peers[0].Name, client.Peers[0].Failures));
    }
}
