using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.UnitTests.Client;

/// <summary>What becomes of a transaction when the way to the ledger breaks in the middle: never lost, never done twice.</summary>
public sealed class GatewayOutcomeTests
{
    [Fact]
    public async Task A_transaction_whose_submit_failed_and_that_did_commit_is_found_and_not_submitted_again()
    {
        await using var scene = await GatewayPeersScene.StartAsync(1);
        scene.First.Submit = (request, _) =>
        {
            scene.First.Commit(request);
            throw new RpcException(StatusCode.Unavailable, "no orderers could successfully process transaction");
        };

        var result = await scene.Client.SubmitAsync(GatewayScene.Request);

        Assert.Equal(7ul, result.BlockNumber);
        Assert.Single(scene.First.Requests.OfType<SubmitRequest>());
        Assert.Single(scene.First.Requests.OfType<EndorseRequest>());
    }

    [Fact]
    public async Task A_transaction_that_nobody_has_is_handed_over_again_as_it_is()
    {
        await using var scene = await GatewayPeersScene.StartAsync(1);
        scene.First.Evaluate = (request, _) => throw FakeGateway.NoSuchTransaction(request.TransactionId);
        var submits = new List<SubmitRequest>();
        scene.First.Submit = (request, _) =>
        {
            submits.Add(request);
            return submits.Count < 3
                ? throw new RpcException(StatusCode.Unavailable, "no orderers could successfully process transaction")
                : Task.FromResult(new SubmitResponse());
        };

        await scene.Client.SubmitAsync(GatewayScene.Request);

        Assert.Equal(3, submits.Count);
        Assert.All(submits, submit => Assert.Equal(submits[0], submit));
        Assert.Single(scene.First.Requests.OfType<EndorseRequest>());
    }

    [Fact]
    public async Task A_transaction_that_the_orderer_took_and_lost_is_handed_over_again()
    {
        await using var scene = await GatewayPeersScene.StartAsync(1, o => o with { ResubmitAfter = TimeSpan.FromSeconds(3) });
        scene.First.Evaluate = (request, _) => throw FakeGateway.NoSuchTransaction(request.TransactionId);
        scene.First.CommitStatus = (_, context) => scene.First.Requests.OfType<SubmitRequest>().Count() < 2
            ? GatewayPeersScene.HangAsync<CommitStatusResponse>(context)
            : Task.FromResult(new CommitStatusResponse { BlockNumber = 8 });

        var result = await scene.Client.SubmitAsync(GatewayScene.Request);

        Assert.Equal(8ul, result.BlockNumber);
        Assert.Equal(2, scene.First.Requests.OfType<SubmitRequest>().Count());
    }

    [Fact]
    public async Task A_commit_wait_that_fails_again_and_again_is_no_reason_to_hand_over_again_what_was_just_taken()
    {
        await using var scene = await GatewayPeersScene.StartAsync(1);
        scene.First.Evaluate = (request, _) => throw FakeGateway.NoSuchTransaction(request.TransactionId);
        var asked = 0;
        scene.First.CommitStatus = (_, _) => ++asked < 4
            ? throw new RpcException(StatusCode.PermissionDenied, "not now")
            : Task.FromResult(new CommitStatusResponse { BlockNumber = 9 });

        var result = await scene.Client.SubmitAsync(GatewayScene.Request);

        Assert.Equal(9ul, result.BlockNumber);
        Assert.Equal(4, asked);
        Assert.Single(scene.First.Requests.OfType<SubmitRequest>());
    }

    [Fact]
    public async Task Another_peer_that_has_the_transaction_is_believed()
    {
        await using var scene = await GatewayPeersScene.StartAsync();
        scene.First.Submit = (request, _) =>
        {
            scene.Second.Commit(request);
            scene.First.Kill();
            throw new RpcException(StatusCode.Internal, "gone in the middle");
        };
        scene.Second.Submit = (_, _) => throw new InvalidOperationException("It was not to be submitted again.");

        var result = await scene.Client.SubmitAsync(GatewayScene.Request);

        Assert.Equal(7ul, result.BlockNumber);
    }

    [Fact]
    public async Task A_copy_that_is_invalid_because_the_first_one_counts_is_no_failure()
    {
        await using var scene = await GatewayPeersScene.StartAsync(1);
        scene.First.Submit = (request, _) =>
        {
            scene.First.Commit(request);
            return Task.FromResult(new SubmitResponse());
        };
        var asked = 0;
        scene.First.CommitStatus = (_, _) => Task.FromResult(new CommitStatusResponse
        {
            Result = ++asked == 1 ? TxValidationCode.DuplicateTxid : TxValidationCode.Valid,
            BlockNumber = 7,
        });

        await scene.Client.SubmitAsync(GatewayScene.Request);
    }

    [Fact]
    public async Task An_outcome_that_stays_unknown_is_told_as_such_and_never_as_a_failure_to_repeat()
    {
        await using var scene = await GatewayPeersScene.StartAsync(1, o => o with
        {
            CommitTimeout = TimeSpan.FromMilliseconds(300), ResubmitAfter = TimeSpan.FromMilliseconds(50),
        });
        scene.First.Evaluate = (request, _) => throw FakeGateway.NoSuchTransaction(request.TransactionId);
        scene.First.CommitStatus = (_, context) => GatewayPeersScene.HangAsync<CommitStatusResponse>(context);

        var failure = await Assert.ThrowsAsync<LedgerException>(() => scene.Client.SubmitAsync(GatewayScene.Request with { IdempotencyKey = "a" }));

        Assert.True(failure.MayHaveCommitted);
        Assert.False(failure.IsTransient);
        Assert.Single(scene.First.Requests.OfType<EndorseRequest>());
        Assert.Equal(((EndorseRequest)scene.First.Requests.First()).TransactionId, failure.TransactionId);
    }

    [Fact]
    public async Task Orderers_that_refuse_what_nobody_has_leave_the_outcome_open()
    {
        await using var scene = await GatewayPeersScene.StartAsync(1, ShortSubmit);
        scene.First.Evaluate = (request, _) => throw FakeGateway.NoSuchTransaction(request.TransactionId);
        scene.First.Submit = (_, _) => throw Forbidden();

        var failure = await Assert.ThrowsAsync<LedgerException>(() => scene.Client.SubmitAsync(GatewayScene.Request));

        Assert.Equal((LedgerStage.Submit, LedgerCodes.Refused, true), (failure.Stage, failure.Code, failure.MayHaveCommitted));
    }

    [Fact]
    public async Task A_transaction_that_is_ordered_while_other_orderers_still_refuse_it_is_found_and_not_proposed_anew()
    {
        await using var scene = await GatewayPeersScene.StartAsync(1);
        scene.First.Evaluate = (request, _) => throw FakeGateway.NoSuchTransaction(request.TransactionId);
        var refusals = 0;
        scene.First.Submit = (request, _) =>
        {
            if (++refusals == 8) // the first one took it and died; by now another leads and has ordered it
                scene.First.Commit(request);
            throw Forbidden();
        };

        var result = await scene.Client.SubmitAsync(GatewayScene.Request with { IdempotencyKey = "a" });

        Assert.Equal(7ul, result.BlockNumber);
        Assert.Equal(8, refusals);
        Assert.Single(scene.First.Requests.OfType<EndorseRequest>());
    }

    [Fact]
    public async Task Refusals_without_a_look_up_that_was_answered_leave_the_outcome_open_and_the_key_taken()
    {
        await using var scene = await GatewayPeersScene.StartAsync(1, ShortSubmit);
        scene.First.Evaluate = (_, _) => throw new RpcException(StatusCode.Unavailable, "not now");
        scene.First.Submit = (_, _) => throw Forbidden();
        var keyed = GatewayScene.Request with { IdempotencyKey = "a" };

        var failure = await Assert.ThrowsAsync<LedgerException>(() => scene.Client.SubmitAsync(keyed));

        Assert.True(failure.MayHaveCommitted);
        scene.First.Ledger[failure.TransactionId] = (TxValidationCode.Valid, ((SubmitRequest)scene.First.Requests.First(r => r is SubmitRequest)).PreparedTransaction);
        Assert.Equal(failure.TransactionId, (await scene.Client.SubmitAsync(keyed)).TransactionId);
        Assert.Single(scene.First.Requests.OfType<EndorseRequest>());
    }

    [Fact]
    public async Task A_gateways_own_refusal_is_no_last_word_after_an_orderers()
    {
        await using var scene = await GatewayPeersScene.StartAsync(1);
        scene.First.Evaluate = (request, _) => throw FakeGateway.NoSuchTransaction(request.TransactionId);
        var asked = 0;
        scene.First.Submit = (request, _) =>
        {
            switch (++asked)
            {
                case 1:
                    throw Forbidden();
                case < 5:
                    throw new RpcException(StatusCode.PermissionDenied, "not now");
            }
            scene.First.Commit(request);
            return Task.FromResult(new SubmitResponse());
        };

        Assert.Equal(7ul, (await scene.Client.SubmitAsync(GatewayScene.Request)).BlockNumber);
    }

    [Theory]
    [InlineData(StatusCode.Aborted, true)]
    [InlineData(StatusCode.PermissionDenied, false)]
    public async Task Step_by_step_an_orderers_refusal_may_hide_another_that_took_it_and_a_gateways_cannot(StatusCode status, bool mayHaveCommitted)
    {
        await using var scene = await GatewayPeersScene.StartAsync(1);
        scene.First.Submit = (request, _) =>
        {
            scene.First.Commit(request);
            throw new RpcException(status, "received unsuccessful response from orderer: status=BAD_REQUEST, info=no such channel");
        };
        var endorsed = await scene.Client.EndorseAsync(GatewayScene.Request);

        var failure = await Assert.ThrowsAsync<LedgerException>(() => scene.Client.SubmitEndorsedAsync(endorsed));

        Assert.Equal((LedgerStage.Submit, mayHaveCommitted, false), (failure.Stage, failure.MayHaveCommitted, failure.IsTransient));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_refusal_of_one_orderer_says_nothing_about_another_that_took_the_transaction_or_will(bool taken)
    {
        await using var scene = await GatewayPeersScene.StartAsync(1);
        scene.First.Submit = (request, _) =>
        {
            if (taken)
                scene.First.Commit(request);
            return scene.First.Requests.OfType<SubmitRequest>().Count() == 1
                ? throw new RpcException(StatusCode.Aborted, "received unsuccessful response from orderer: status=BAD_REQUEST, info=no such channel")
                : Commit(request);
        };

        var result = await scene.Client.SubmitAsync(GatewayScene.Request);

        Assert.Equal(7ul, result.BlockNumber);
        Assert.Equal(taken ? 1 : 2, scene.First.Requests.OfType<SubmitRequest>().Count());

        Task<SubmitResponse> Commit(SubmitRequest request)
        {
            scene.First.Commit(request);
            return Task.FromResult(new SubmitResponse());
        }
    }

    [Fact]
    public async Task A_peer_that_aborts_the_question_about_a_commit_is_left_for_the_next()
    {
        await using var scene = await GatewayPeersScene.StartAsync();
        scene.First.CommitStatus = (_, _) => throw new RpcException(StatusCode.Aborted, "error finding transaction status");
        scene.Second.CommitStatus = (_, _) => Task.FromResult(new CommitStatusResponse { BlockNumber = 12 });

        Assert.Equal(12ul, (await scene.Client.GetCommitStatusAsync(new string('a', 64))).BlockNumber);
    }

    [Fact]
    public async Task A_transaction_that_a_peer_is_still_at_work_on_is_late_and_not_refused()
    {
        await using var scene = await GatewayPeersScene.StartAsync(2, o => o with { EndorseTimeout = TimeSpan.FromMilliseconds(400) });
        scene.First.Endorse = (_, context) => GatewayPeersScene.HangAsync<EndorseResponse>(context);
        scene.Second.Endorse = (request, _) => throw FakeGateway.Refusal(StatusCode.Aborted, "failed to endorse transaction, see attached details for more info",
            ("Org1MSP", $"error in simulation: failed to execute transaction {request.TransactionId}: error sending: txid: {request.TransactionId}(channel-1) exists"));

        var failure = await Assert.ThrowsAsync<LedgerException>(() => scene.Client.SubmitAsync(GatewayScene.Request));

        Assert.Equal((LedgerStage.Endorse, LedgerCodes.Timeout, true), (failure.Stage, failure.Code, failure.IsTransient));
        Assert.Contains("peer0", failure.Message, StringComparison.Ordinal); // what the first one failed of is told, too
    }

    [Fact]
    public async Task A_message_that_is_too_large_is_told_at_once_and_not_repeated()
    {
        await using var scene = await GatewayPeersScene.StartAsync();
        scene.First.Evaluate = (_, _) => throw new RpcException(StatusCode.ResourceExhausted, "grpc: received message larger than max (200000000 vs. 104857600)");

        var failure = await Assert.ThrowsAsync<LedgerException>(() => scene.Client.EvaluateAsync(GatewayScene.Request));

        Assert.Equal((LedgerCodes.TooLarge, false), (failure.Code, failure.IsTransient));
        Assert.Equal((1, 0), (scene.First.Requests.Count, scene.Second.Requests.Count));
    }

    [Fact]
    public async Task A_look_up_finds_what_only_one_of_the_peers_has_and_fails_only_where_no_peer_answers()
    {
        await using var scene = await GatewayPeersScene.StartAsync(3);
        scene.First.Evaluate = (_, _) => throw FakeGateway.NoSuchTransaction("tx-1");
        scene.Second.Evaluate = (_, _) => throw new RpcException(StatusCode.Unavailable, "starting");
        scene.Gateways[2].Ledger["tx-1"] = (TxValidationCode.PhantomReadConflict, new Fabric.Protocol.Common.Envelope());

        Assert.Equal(TxValidationCode.PhantomReadConflict, (await scene.Client.GetTransactionAsync("tx-1"))?.Code);
        await scene.Gateways[2].DisposeAsync();
        Assert.Null(await scene.Client.GetTransactionAsync("tx-1"));
        await scene.First.DisposeAsync();
        var failure = await Assert.ThrowsAsync<LedgerException>(() => scene.Client.GetTransactionAsync("tx-1"));
        Assert.Equal(LedgerCodes.Unavailable, failure.Code);
    }

    // In it a first call must be answered, also by a busy machine; afterwards nothing but this time ends the attempts.
    private static GatewayOptions ShortSubmit(GatewayOptions options) => options with { SubmitTimeout = TimeSpan.FromSeconds(8) };

    private static RpcException Forbidden() =>
        new(StatusCode.Aborted, "received unsuccessful response from orderer: status=FORBIDDEN, info=no");
}
