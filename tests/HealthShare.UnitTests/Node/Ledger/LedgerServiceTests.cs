using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Node.Ledger;
using HealthShare.Node.Problems;
using HealthShare.UnitTests.Client;
using HealthShare.UnitTests.Node.Support;
using HealthShare.UnitTests.Protocol.Grpc;

namespace HealthShare.UnitTests.Node.Ledger;

public sealed class LedgerServiceTests : IDisposable
{
    private static readonly LedgerCall Call = new("Records:Register", "{}"u8.ToArray());
    private readonly TestAuthority authority = new("identity authority");

    [Fact]
    public async Task A_conflict_is_tried_again_and_then_done()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.CommitStatus = (_, _) => Answer(Submits(gateway) < 3 ? TxValidationCode.MvccReadConflict : TxValidationCode.Valid);
        await using var ledger = Connect(gateway);
        var commit = await new LedgerService(ledger).SubmitAsync(Call, default);
        Assert.Equal((7ul, 3), (commit.Block, Submits(gateway)));
    }

    [Fact]
    public async Task Conflicts_without_end_are_given_up_after_the_attempts_set()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.CommitStatus = (_, _) => Answer(TxValidationCode.PhantomReadConflict);
        await using var ledger = Connect(gateway);
        await Assert.ThrowsAsync<LedgerException>(() => new LedgerService(ledger).SubmitAsync(Call, default));
        Assert.Equal(4, Submits(gateway));
    }

    [Fact]
    public async Task A_refusal_and_a_ledger_that_is_away_are_told_at_once()
    {
        await using var gateway = await FakeGateway.StartAsync();
        await using var ledger = Connect(gateway);
        var service = new LedgerService(ledger);
        gateway.Endorse = (_, _) => throw new RpcException(StatusCode.Unknown, "chaincode response 500, record.id_taken: Taken.");
        Assert.Equal("record.id_taken", (await Assert.ThrowsAsync<LedgerException>(() => service.SubmitAsync(Call, default))).Code);
        gateway.Endorse = (_, _) => throw new RpcException(StatusCode.Unavailable, "away");
        Assert.Equal(LedgerCodes.Unavailable, (await Assert.ThrowsAsync<LedgerException>(() => service.SubmitAsync(Call, default))).Code);
        Assert.Equal(2, gateway.Requests.Count);
    }

    [Fact]
    public async Task An_unknown_outcome_is_looked_up_and_not_sent_again()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.Submit = (request, _) =>
        {
            gateway.Commit(request);
            throw new RpcException(StatusCode.Unavailable, "gone in the middle");
        };
        await using var ledger = Connect(gateway);
        await new LedgerService(ledger).SubmitAsync(Call, default);
        Assert.Equal(1, Submits(gateway));
    }

    [Fact]
    public async Task An_unknown_outcome_that_turns_out_a_conflict_is_tried_again()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.Submit = (request, _) =>
        {
            if (Submits(gateway) > 1)
                return Task.FromResult(new SubmitResponse());
            gateway.Commit(request, TxValidationCode.MvccReadConflict);
            throw new RpcException(StatusCode.Unavailable, "gone in the middle");
        };
        gateway.CommitStatus = (_, _) => Answer(Submits(gateway) == 1 ? TxValidationCode.MvccReadConflict : TxValidationCode.Valid);
        await using var ledger = Connect(gateway);
        await new LedgerService(ledger).SubmitAsync(Call, default);
        Assert.Equal(2, Submits(gateway));
    }

    [Theory]
    [InlineData("patient.not_found", 404, "access.not_available")]
    [InlineData("access.not_requester", 404, "access.not_available")]
    [InlineData("statement.too_old", 422, "statement.too_old")]
    [InlineData("consent.already_revoked", 422, "consent.already_revoked")]
    public void A_refusal_becomes_the_callers_problem(string code, int status, string shown)
    {
        var problem = LedgerExceptionHandler.ProblemOf(FakeLedger.Refusal(code));
        Assert.Equal((status, shown), (problem.Status, problem.Code));
    }

    [Fact]
    public void A_ledger_that_is_away_is_503_and_an_invalid_transaction_409()
    {
        Assert.Equal(503, LedgerExceptionHandler.ProblemOf(FakeLedger.Away(LedgerStage.Endorse)).Status);
        Assert.Equal(503, LedgerExceptionHandler.ProblemOf(Unknown()).Status);
        // It is there, and was asked for the same by others: only in the other case is waiting for it of use.
        Assert.Equal((503, "Others changed the same at that moment; nothing was changed. Send it again."),
            LedgerExceptionHandler.ProblemOf(Conflict()) is var conflict ? (conflict.Status, conflict.Title) : default);
        Assert.Equal(409, LedgerExceptionHandler.ProblemOf(
            new LedgerException(LedgerStage.Commit, "tx", "commit.endorsement_policy_failure", "") { ValidationCode = TxValidationCode.EndorsementPolicyFailure }).Status);
    }

    public void Dispose() => authority.Dispose();

    private static int Submits(FakeGateway gateway) => gateway.Requests.OfType<SubmitRequest>().Count();

    private static Task<CommitStatusResponse> Answer(TxValidationCode code) =>
        Task.FromResult(new CommitStatusResponse { Result = code, BlockNumber = 7 });

    private GatewayLedger Connect(FakeGateway gateway)
    {
        var identity = FakeGateway.NewIdentity(authority);
        var options = GatewayPeersScene.Quick with
        {
            Retry = new RetryOptions { Attempts = 4, FirstDelay = TimeSpan.FromMilliseconds(1) },
        };
        return new GatewayLedger(
            GatewayClient.Connect(gateway.Address, new GrpcChannelOptions(), identity, "health", options), [], identity, "healthshare");
    }

    private static LedgerException Conflict() => new(LedgerStage.Commit, "tx", "commit.mvcc_read_conflict", "Conflict.")
    {
        ValidationCode = TxValidationCode.MvccReadConflict,
    };

    private static LedgerException Unknown() => new(LedgerStage.CommitStatus, "tx-unknown", LedgerCodes.Timeout, "No answer.");
}
