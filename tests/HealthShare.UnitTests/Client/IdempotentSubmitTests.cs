using System.Text;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.UnitTests.Node.Support;
using HealthShare.UnitTests.Protocol.Grpc;

namespace HealthShare.UnitTests.Client;

/// <summary>Submits under an idempotency key.</summary>
public sealed class IdempotentSubmitTests : IDisposable
{
    private static readonly TransactionRequest Keyed = GatewayScene.Request with { IdempotencyKey = "order-17" };
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory();

    [Theory]
    [InlineData(TxValidationCode.MvccReadConflict)]
    [InlineData(TxValidationCode.PhantomReadConflict)]
    public async Task A_conflict_is_proposed_anew_until_it_is_valid(TxValidationCode conflict)
    {
        await using var scene = await StartAsync();
        scene.First.CommitStatus = (_, _) => Task.FromResult(new CommitStatusResponse
        {
            Result = Count<SubmitRequest>(scene) < 3 ? conflict : TxValidationCode.Valid, BlockNumber = 9,
        });

        await scene.Client.SubmitAsync(Keyed);

        Assert.Equal((3, 3), (Count<EndorseRequest>(scene), Count<SubmitRequest>(scene)));
        Assert.Equal(3, scene.First.Requests.OfType<SubmitRequest>().Select(request => request.TransactionId).Distinct().Count());
    }

    [Fact]
    public async Task Conflicts_without_end_are_given_up_after_the_attempts_set_and_without_a_key_after_the_first()
    {
        await using var scene = await StartAsync();
        scene.First.CommitStatus = (_, _) => Task.FromResult(new CommitStatusResponse { Result = TxValidationCode.MvccReadConflict });

        var failure = await Assert.ThrowsAsync<LedgerException>(() => scene.Client.SubmitAsync(Keyed));
        Assert.Equal((4, true), (Count<EndorseRequest>(scene), failure.IsTransient));

        await Assert.ThrowsAsync<LedgerException>(() => scene.Client.SubmitAsync(GatewayScene.Request));
        Assert.Equal(5, Count<EndorseRequest>(scene));
    }

    [Fact]
    public async Task Endorsers_that_are_not_equally_far_are_asked_again()
    {
        await using var scene = await StartAsync();
        scene.First.Endorse = (request, _) => Count<EndorseRequest>(scene) < 3
            ? throw FakeGateway.Refusal( // as a 2.5 peer says it
                StatusCode.Aborted, "failed to collect enough transaction endorsements, see attached details for more info",
                ("Org2MSP", "ProposalResponsePayloads do not match"))
            : Task.FromResult(new EndorseResponse { PreparedTransaction = FakeGateway.Prepare(request) });

        await scene.Client.SubmitAsync(Keyed);

        Assert.Equal((3, 1), (Count<EndorseRequest>(scene), Count<SubmitRequest>(scene)));
    }

    [Theory]
    [InlineData(TxValidationCode.EndorsementPolicyFailure)]
    [InlineData(TxValidationCode.BadPayload)]
    public async Task What_another_attempt_would_not_change_is_told_at_once_and_frees_the_key(TxValidationCode code)
    {
        await using var scene = await StartAsync();
        scene.First.CommitStatus = (_, _) => Task.FromResult(new CommitStatusResponse { Result = code });

        await Assert.ThrowsAsync<LedgerException>(() => scene.Client.SubmitAsync(Keyed));
        Assert.Equal(1, Count<EndorseRequest>(scene));
        await Assert.ThrowsAsync<LedgerException>(() => scene.Client.SubmitAsync(Keyed));
        Assert.Equal(2, Count<EndorseRequest>(scene));
    }

    [Fact]
    public async Task Two_calls_with_one_key_at_once_are_one_transaction_with_one_result()
    {
        await using var scene = await StartAsync();
        var go = new TaskCompletionSource();
        var reached = new TaskCompletionSource();
        scene.First.Endorse = async (request, _) =>
        {
            reached.TrySetResult();
            await go.Task;
            return new EndorseResponse { PreparedTransaction = FakeGateway.Prepare(request) };
        };

        var first = scene.Client.SubmitAsync(Keyed);
        await reached.Task;
        var second = scene.Client.SubmitAsync(Keyed);
        go.SetResult();

        Assert.Same(await first, await second);
        Assert.Equal(1, Count<EndorseRequest>(scene));
    }

    [Fact]
    public async Task A_caller_that_cancels_leaves_the_others_their_result_and_the_last_one_ends_it()
    {
        await using var scene = await StartAsync();
        var (go, reached) = (new TaskCompletionSource(), new SemaphoreSlim(0));
        scene.First.Endorse = async (request, context) =>
        {
            reached.Release();
            await go.Task.WaitAsync(context.CancellationToken);
            return new EndorseResponse { PreparedTransaction = FakeGateway.Prepare(request) };
        };
        using var cancel = new CancellationTokenSource();
        var leaves = scene.Client.SubmitAsync(Keyed, cancel.Token);
        await reached.WaitAsync();
        var stays = scene.Client.SubmitAsync(Keyed);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaves);
        go.SetResult();
        await stays;

        go = new TaskCompletionSource();
        using var other = new CancellationTokenSource();
        var alone = scene.Client.SubmitAsync(Keyed with { IdempotencyKey = "order-18" }, other.Token);
        await reached.WaitAsync();
        await other.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => alone);
        go.SetResult();
        await scene.Client.SubmitAsync(Keyed with { IdempotencyKey = "order-18" });
        Assert.Equal(2, Count<SubmitRequest>(scene));
    }

    [Fact]
    public async Task A_key_whose_transaction_is_committed_gives_the_same_outcome_again()
    {
        await using var scene = await StartAsync();
        scene.First.Submit = CommitAsync(scene);

        var first = await scene.Client.SubmitAsync(Keyed);
        var again = await scene.Client.SubmitAsync(Keyed);

        Assert.Equal((first.TransactionId, first.BlockNumber), (again.TransactionId, again.BlockNumber));
        Assert.Equal("endorsed", Encoding.UTF8.GetString(again.Result.Span));
        Assert.Equal(1, Count<SubmitRequest>(scene));
    }

    [Fact]
    public async Task A_key_used_for_another_request_is_refused_before_anything_is_sent()
    {
        await using var scene = await StartAsync();
        await scene.Client.SubmitAsync(Keyed);
        var sent = scene.First.Requests.Count;

        var failure = await Assert.ThrowsAsync<LedgerException>(
            () => scene.Client.SubmitAsync(new TransactionRequest("basic", "put", "key", "other") { IdempotencyKey = "order-17" }));

        Assert.Equal((LedgerCodes.KeyReused, sent), (failure.Code, scene.First.Requests.Count));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(257)]
    public async Task A_key_that_is_empty_or_too_long_is_wrong_usage(int length)
    {
        await using var scene = await StartAsync();
        await Assert.ThrowsAsync<ArgumentException>(
            () => scene.Client.SubmitAsync(Keyed with { IdempotencyKey = new string('x', length) }));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_restart_with_an_open_outcome_finds_it_or_hands_the_same_transaction_over(bool committedMeanwhile)
    {
        string id;
        await using (var before = await StartAsync(new FileOutcomeStore(folder.FullName)))
        {
            using var crash = new CancellationTokenSource();
            before.First.CommitStatus = async (_, context) =>
            {
                await crash.CancelAsync();
                return await GatewayPeersScene.HangAsync<CommitStatusResponse>(context);
            };
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => before.Client.SubmitAsync(Keyed, crash.Token));
            id = before.First.Requests.OfType<SubmitRequest>().Single().TransactionId;
        }

        await using var after = await StartAsync(new FileOutcomeStore(folder.FullName));
        after.First.Evaluate = (request, _) => throw FakeGateway.NoSuchTransaction(id);
        if (committedMeanwhile)
            after.First.Ledger[id] = (TxValidationCode.Valid, new Fabric.Protocol.Common.Envelope());

        var result = await after.Client.SubmitAsync(Keyed);

        Assert.Equal((id, "endorsed"), (result.TransactionId, Encoding.UTF8.GetString(result.Result.Span)));
        Assert.Equal(0, Count<EndorseRequest>(after));
        Assert.Equal(committedMeanwhile ? 0 : 1, Count<SubmitRequest>(after));
    }

    [Fact]
    public async Task A_restart_whose_open_transaction_turns_out_invalid_proposes_anew()
    {
        await using (var before = await StartAsync(new FileOutcomeStore(folder.FullName)))
        {
            using var crash = new CancellationTokenSource();
            before.First.Submit = async (_, context) =>
            {
                await crash.CancelAsync();
                return await GatewayPeersScene.HangAsync<SubmitResponse>(context);
            };
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => before.Client.SubmitAsync(Keyed, crash.Token));
        }

        await using var after = await StartAsync(new FileOutcomeStore(folder.FullName));
        after.First.Evaluate = (request, _) => throw FakeGateway.NoSuchTransaction("x");
        after.First.CommitStatus = (_, _) => Task.FromResult(new CommitStatusResponse
        {
            Result = Count<SubmitRequest>(after) == 1 ? TxValidationCode.MvccReadConflict : TxValidationCode.Valid,
        });

        await after.Client.SubmitAsync(Keyed);

        Assert.Equal((1, 2), (Count<EndorseRequest>(after), Count<SubmitRequest>(after)));
    }

    [Fact]
    public async Task A_refusal_to_take_a_transaction_that_was_sent_before_frees_no_key()
    {
        string id;
        await using (var before = await StartAsync(new FileOutcomeStore(folder.FullName)))
        {
            using var crash = new CancellationTokenSource();
            before.First.Submit = async (_, context) =>
            {
                await crash.CancelAsync();
                return await GatewayPeersScene.HangAsync<SubmitResponse>(context);
            };
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => before.Client.SubmitAsync(Keyed, crash.Token));
            id = before.First.Requests.OfType<SubmitRequest>().Single().TransactionId;
        }

        await using var after = await GatewayPeersScene.StartAsync(1, o => o with
        {
            Outcomes = new FileOutcomeStore(folder.FullName), SubmitTimeout = TimeSpan.FromSeconds(8),
        });
        after.First.Evaluate = (_, _) => throw FakeGateway.NoSuchTransaction(id);
        after.First.Submit = (_, _) => throw new RpcException(StatusCode.PermissionDenied, "no more");

        var failure = await Assert.ThrowsAsync<LedgerException>(() => after.Client.SubmitAsync(Keyed));
        Assert.Equal((LedgerCodes.Unknown, id, true), (failure.Code, failure.TransactionId, failure.MayHaveCommitted));

        after.First.Ledger[id] = (TxValidationCode.Valid, new Fabric.Protocol.Common.Envelope());
        Assert.Equal(id, (await after.Client.SubmitAsync(Keyed)).TransactionId);
        Assert.Equal(0, Count<EndorseRequest>(after));
    }

    [Fact]
    public async Task A_client_with_the_renewed_certificate_goes_on_where_the_expired_one_stopped_without_a_restart()
    {
        await using var scene = await StartAsync(); // its client stands for the old certificate's
        var store = new FileOutcomeStore(folder.FullName);
        var clock = new ManualClock { Now = new DateTimeOffset(scene.Identity.Certificate.NotAfter.ToUniversalTime(), TimeSpan.Zero).AddSeconds(-1) };
        var options = GatewayPeersScene.Quick with { Outcomes = store, TimeProvider = clock, SubmitTimeout = TimeSpan.FromSeconds(8) };
        var endpoint = new GatewayEndpoint(scene.First.Address, new GrpcChannelOptions());
        scene.First.Submit = (request, _) =>
        {
            scene.First.Commit(request);
            clock.Now = clock.Now.AddSeconds(2);
            throw new RpcException(StatusCode.Unavailable, "gone in the middle");
        };
        var expired = GatewayClient.Connect([endpoint], scene.Identity, "channel-1", options);
        var open = await Assert.ThrowsAsync<LedgerException>(() => expired.SubmitAsync(Keyed));
        Assert.True(open.MayHaveCommitted);
        var ended = await Assert.ThrowsAsync<LedgerException>(() => expired.SubmitAsync(GatewayScene.Request));
        Assert.Equal(LedgerCodes.CertificateExpired, ended.Code);
        await expired.DisposeAsync();

        using var authority = new TestAuthority("identity authority");
        using var renewed = FakeGateway.NewIdentity(authority);
        await using var client = GatewayClient.Connect([endpoint], renewed, "channel-1", options with { TimeProvider = TimeProvider.System });

        Assert.Equal(open.TransactionId, (await client.SubmitAsync(Keyed)).TransactionId);
        Assert.Equal(1, Count<EndorseRequest>(scene));
    }

    [Fact]
    public async Task A_peer_that_answers_with_another_transaction_is_not_believed()
    {
        await using var scene = await StartAsync();
        scene.First.Submit = CommitAsync(scene);
        var other = await scene.Client.SubmitAsync(Keyed with { IdempotencyKey = "order-18" });
        var mine = await scene.Client.SubmitAsync(Keyed);
        scene.First.Ledger[mine.TransactionId] = scene.First.Ledger[other.TransactionId];

        var failure = await Assert.ThrowsAsync<LedgerException>(() => scene.Client.SubmitAsync(Keyed));

        // What it did is not known, and it did commit: no caller may take this for a failure to repeat.
        Assert.Equal((LedgerCodes.Unknown, true, false), (failure.Code, failure.MayHaveCommitted, failure.IsTransient));
    }

    [Fact]
    public async Task A_committed_transaction_that_cannot_be_read_again_is_not_told_as_failed()
    {
        await using var scene = await StartAsync();
        scene.First.Submit = CommitAsync(scene);
        await scene.Client.SubmitAsync(Keyed);
        scene.First.Ledger.Clear();
        scene.First.Evaluate = (_, _) => throw new RpcException(StatusCode.Unavailable, "not now");

        var failure = await Assert.ThrowsAsync<LedgerException>(() => scene.Client.SubmitAsync(Keyed));

        Assert.Equal((true, false), (failure.MayHaveCommitted, failure.IsTransient));
        Assert.Equal(1, Count<SubmitRequest>(scene));
    }

    [Fact]
    public async Task A_key_that_is_forgotten_can_be_used_for_something_else()
    {
        await using var scene = await StartAsync();
        scene.First.Submit = CommitAsync(scene);
        await scene.Client.SubmitAsync(Keyed);
        await scene.Client.ForgetAsync(Keyed.IdempotencyKey!);

        await scene.Client.SubmitAsync(Keyed with { Function = "other" });

        Assert.Equal(2, Count<SubmitRequest>(scene));
    }

    [Fact]
    public async Task Nothing_is_sent_that_the_store_does_not_hold()
    {
        await using var scene = await StartAsync(new BrokenStore());

        await Assert.ThrowsAsync<IOException>(() => scene.Client.SubmitAsync(Keyed));

        Assert.Equal((1, 0), (Count<EndorseRequest>(scene), Count<SubmitRequest>(scene)));
    }

    [Fact]
    public async Task A_store_that_cannot_let_go_of_a_key_hides_no_refusal()
    {
        await using var scene = await StartAsync(new BrokenStore { Saves = true });
        scene.First.CommitStatus = (_, _) => Task.FromResult(new CommitStatusResponse { Result = TxValidationCode.EndorsementPolicyFailure, BlockNumber = 9 });

        var failure = await Assert.ThrowsAsync<LedgerException>(() => scene.Client.SubmitAsync(Keyed));

        Assert.Equal("commit.endorsement_policy_failure", failure.Code);
    }

    [Fact]
    public async Task A_query_that_meets_a_busy_gateway_is_asked_again()
    {
        await using var scene = await StartAsync();
        scene.First.Evaluate = (_, _) => Count<EvaluateRequest>(scene) < 3
            ? throw new RpcException(StatusCode.ResourceExhausted, "too many requests")
            : Task.FromResult(new EvaluateResponse { Result = new Response { Status = 200 } });

        await scene.Client.EvaluateAsync(GatewayScene.Request);

        Assert.Equal(3, Count<EvaluateRequest>(scene));
    }

    public void Dispose() => folder.Delete(recursive: true);

    private static Task<GatewayPeersScene> StartAsync(IOutcomeStore? store = null) => GatewayPeersScene.StartAsync(1, o => o with
    {
        Outcomes = store,
        Retry = new RetryOptions { Attempts = 4, FirstDelay = TimeSpan.FromMilliseconds(1) },
    });

    private static Func<SubmitRequest, GrpcServerContext, Task<SubmitResponse>> CommitAsync(GatewayPeersScene scene) => (request, _) =>
    {
        scene.First.Commit(request);
        return Task.FromResult(new SubmitResponse());
    };

    private static int Count<T>(GatewayPeersScene scene) => scene.First.Requests.OfType<T>().Count();

    private sealed class BrokenStore : IOutcomeStore
    {
        public Task<SentTransaction?> FindAsync(string key, CancellationToken ct) => Task.FromResult<SentTransaction?>(null);

        public bool Saves { get; init; }

        public Task SaveAsync(SentTransaction transaction, CancellationToken ct) =>
            Saves ? Task.CompletedTask : throw new IOException("No space left on device.");

        public Task RemoveAsync(string key, CancellationToken ct) => throw new IOException("Read-only file system.");
    }
}
