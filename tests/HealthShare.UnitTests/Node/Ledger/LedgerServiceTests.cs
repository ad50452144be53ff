using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Node.Ledger;
using HealthShare.Node.Problems;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace HealthShare.UnitTests.Node.Ledger;

public sealed class LedgerServiceTests
{
    private static readonly LedgerCall Call = new("Records:Register", "{}"u8.ToArray());
    private static readonly LedgerCommit Done = new("tx", 7, ReadOnlyMemory<byte>.Empty);
    private readonly FakeLedger ledger = new();
    private readonly LedgerService service;

    public LedgerServiceTests() => service = new LedgerService(
        ledger, Options.Create(new FabricOptions { Attempts = 4, RetryDelay = TimeSpan.FromMilliseconds(1) }), TimeProvider.System,
        NullLogger<LedgerService>.Instance);

    [Fact]
    public async Task A_conflict_is_tried_again_and_then_done()
    {
        ledger.OnSubmit = _ => ledger.Submitted.Count < 3 ? throw Conflict() : Done;
        Assert.Equal(Done, await service.SubmitAsync(Call, default));
        Assert.Equal(3, ledger.Submitted.Count);
    }

    [Fact]
    public async Task Conflicts_without_end_are_given_up_after_the_attempts_set()
    {
        ledger.OnSubmit = _ => throw Conflict();
        await Assert.ThrowsAsync<LedgerException>(() => service.SubmitAsync(Call, default));
        Assert.Equal(4, ledger.Submitted.Count);
    }

    [Fact]
    public async Task A_refusal_and_a_ledger_that_is_away_are_told_at_once()
    {
        ledger.OnSubmit = _ => throw FakeLedger.Refusal("record.id_taken");
        await Assert.ThrowsAsync<LedgerException>(() => service.SubmitAsync(Call, default));
        ledger.OnSubmit = _ => throw FakeLedger.Away(LedgerStage.Endorse);
        await Assert.ThrowsAsync<LedgerException>(() => service.SubmitAsync(Call, default));
        Assert.Equal(2, ledger.Submitted.Count);
    }

    [Fact]
    public async Task An_unknown_outcome_is_looked_up_and_not_sent_again()
    {
        ledger.OnSubmit = _ => throw Unknown();
        ledger.OnFind = id => id == "tx-unknown" ? Done : null;
        Assert.Equal(Done, await service.SubmitAsync(Call, default));
        Assert.Single(ledger.Submitted);
    }

    [Fact]
    public async Task An_unknown_outcome_that_turns_out_a_conflict_is_tried_again()
    {
        ledger.OnSubmit = _ => ledger.Submitted.Count == 1 ? throw Unknown() : Done;
        ledger.OnFind = _ => throw Conflict();
        Assert.Equal(Done, await service.SubmitAsync(Call, default));
        Assert.Equal(2, ledger.Submitted.Count);
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
        Assert.Equal(503, LedgerExceptionHandler.ProblemOf(Conflict()).Status);
        Assert.Equal(409, LedgerExceptionHandler.ProblemOf(
            new LedgerException(LedgerStage.Commit, "tx", "commit.endorsement_policy_failure", "") { ValidationCode = TxValidationCode.EndorsementPolicyFailure }).Status);
    }

    private static LedgerException Conflict() => new(LedgerStage.Commit, "tx", "commit.mvcc_read_conflict", "Conflict.")
    {
        ValidationCode = TxValidationCode.MvccReadConflict,
    };

    private static LedgerException Unknown() => new(LedgerStage.CommitStatus, "tx-unknown", LedgerCodes.Timeout, "No answer.");
}
