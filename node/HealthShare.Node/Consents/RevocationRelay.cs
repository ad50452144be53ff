using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Consents;

/// <summary>A revocation that the channel has.</summary>
/// <param name="Ended">The statement that ended.</param>
/// <param name="CommittedBy">MSP ids of members whose peers have committed it.</param>
/// <param name="IsDone">True once two members' have, or all where there are fewer.</param>
internal sealed record Revocation(EndedStatementEntry Ended, IReadOnlyList<string> CommittedBy, bool IsDone);

/// <summary>
/// Brings a revocation to the channel and sees to it that it counts: committed by two members' peers, so that no member alone can
/// hold it back. Where this member's own way takes too long, it goes through another member's peers as well.
/// </summary>
internal sealed partial class RevocationRelay(
    LedgerService ledger, CatchUp catchUp, RevocationMetrics metrics, IOptions<ConsentsOptions> options, TimeProvider clock,
    ILogger<RevocationRelay> logger)
{
    private const int Enough = 2;

    /// <summary>Submits, and waits for two members' commits.</summary>
    /// <exception cref="LedgerException">The ledger refuses, or nobody could be reached.</exception>
    public async Task<Revocation> SubmitAsync(SignedStatement signed, CancellationToken ct)
    {
        var began = clock.GetTimestamp();
        var elsewhere = false;
        var commit = await OwnWayAsync(signed, ct);
        var committedBy = commit is null ? [] : await CommittedByAsync(commit.TransactionId, Left(began), ct);
        if (commit is null || !IsDone(committedBy))
        {
            elsewhere = true;
            LogElsewhere(clock.GetElapsedTime(began).TotalSeconds);
            var other = await ElsewhereAsync(signed, commit is not null, ct);
            commit ??= other;
            committedBy = await CommittedByAsync(commit!.TransactionId, options.Value.RevocationPatience, ct);
        }
        var isDone = IsDone(committedBy);
        metrics.Took(clock.GetElapsedTime(began), elsewhere, isDone);
        LogRevoked(commit.Result.StatementId, commit.TransactionId, commit.Block, committedBy.Count);
        await catchUp.ToAsync(commit.Block, ct);
        return new Revocation(commit.Result, committedBy, isDone);
    }

    // Null where it took too long or the own peers are away: then whether it gets through is not known, and it is sent again.
    private async Task<LedgerCommit<EndedStatementEntry>?> OwnWayAsync(SignedStatement signed, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(options.Value.RevocationPatience);
        try
        {
            return await ledger.SubmitAsync(LedgerTransactions.RevokeConsent, signed, LedgerJson.Default.SignedStatement,
                LedgerJson.Default.EndedStatementEntry, patience.Token);
        }
        catch (LedgerException e) when (e.ChaincodeStatus is null)
        {
            LogOwnWayFailed(e.Code, e.Stage);
            return null;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return null;
        }
    }

    // What is on the channel already is not lost because nobody else can be reached.
    private async Task<LedgerCommit<EndedStatementEntry>?> ElsewhereAsync(SignedStatement signed, bool isCommitted, CancellationToken ct)
    {
        try
        {
            return await ledger.SubmitElsewhereAsync(LedgerTransactions.RevokeConsent, signed, LedgerJson.Default.SignedStatement,
                LedgerJson.Default.EndedStatementEntry, ct);
        }
        catch (LedgerException) when (isCommitted)
        {
            return null;
        }
    }

    private async Task<IReadOnlyList<string>> CommittedByAsync(string transactionId, TimeSpan patience, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(patience);
        var committedBy = await ledger.CommittedByAsync(transactionId, Enough, limit.Token);
        ct.ThrowIfCancellationRequested();
        return committedBy;
    }

    private bool IsDone(IReadOnlyList<string> committedBy) => committedBy.Count >= Math.Min(Enough, ledger.MembersWithPeers);

    private TimeSpan Left(long began)
    {
        var left = options.Value.RevocationPatience - clock.GetElapsedTime(began);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    [LoggerMessage(3611, LogLevel.Warning, "A revocation is not with two members after {Seconds:f1} s; it is submitted through another member.")]
    private partial void LogElsewhere(double seconds);

    [LoggerMessage(3612, LogLevel.Warning, "A revocation did not get through this member's own peers: {Code} at {Stage}.")]
    private partial void LogOwnWayFailed(string code, LedgerStage stage);

    [LoggerMessage(3613, LogLevel.Information, "Statement {StatementId} is revoked: {TransactionId} in block {Block}, committed by {Members} members.")]
    private partial void LogRevoked(string statementId, string transactionId, ulong block, int members);
}
