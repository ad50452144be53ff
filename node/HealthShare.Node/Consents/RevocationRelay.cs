using System.Text.Json.Serialization.Metadata;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Consents;

/// <summary>What takes something away, and is on the channel.</summary>
/// <param name="Result">What the contract answered.</param>
/// <param name="CommittedBy">MSP ids of members whose peers have committed it.</param>
/// <param name="IsDone">True once two members' have, or all where there are fewer.</param>
internal sealed record Withheld<T>(T Result, IReadOnlyList<string> CommittedBy, bool IsDone)
{
    /// <summary>200 once it is done, else 202.</summary>
    public Results<Ok<TView>, Accepted<TView>> Answer<TView>(TView view) =>
        IsDone ? TypedResults.Ok(view) : TypedResults.Accepted((string?)null, view);
}

/// <summary>
/// Brings to the channel what takes something away (a revocation, of a consent, a credential or a delegate; an objection; a deny), and
/// sees to it that it counts: committed by two members' peers, so that no member alone can hold it back. Where this member's own way
/// takes too long, it goes through another member's peers as well.
/// </summary>
internal sealed partial class RevocationRelay(
    LedgerService ledger, CatchUp catchUp, RevocationMetrics metrics, IOptions<ConsentsOptions> options, TimeProvider clock,
    ILogger<RevocationRelay> logger)
{
    /// <summary>What the answers mean, for the descriptions of endpoints.</summary>
    public const string Description = "200 with committedBy once two members' peers have committed it; 202 while only one has. What takes "
        + "longer than a set time is submitted through another member as well.";

    private const int Enough = 2;

    /// <summary>Submits a signed statement, and waits for two members' commits.</summary>
    /// <inheritdoc cref="SubmitAsync{TArgument, TResult}"/>
    public Task<Withheld<TResult>> SubmitAsync<TResult>(
        string transaction, SignedStatement signed, JsonTypeInfo<TResult> resultType, CancellationToken ct) =>
        SubmitAsync(transaction, signed, LedgerJson.Default.SignedStatement, resultType, ct);

    /// <summary>Submits, and waits for two members' commits.</summary>
    /// <param name="transaction"><c>Contract:Transaction</c>; repeating it has no second effect.</param>
    /// <param name="argument">Its argument.</param>
    /// <param name="argumentType">JSON form of the argument.</param>
    /// <param name="resultType">JSON form of the result.</param>
    /// <param name="ct">Stops the wait, not an ordered transaction.</param>
    /// <exception cref="LedgerException">The ledger refuses, or nobody could be reached.</exception>
    public async Task<Withheld<TResult>> SubmitAsync<TArgument, TResult>(
        string transaction, TArgument argument, JsonTypeInfo<TArgument> argumentType, JsonTypeInfo<TResult> resultType, CancellationToken ct)
    {
        var began = clock.GetTimestamp();
        var elsewhere = false;
        var commit = await OwnWayAsync(token => ledger.SubmitAsync(transaction, argument, argumentType, resultType, token), ct);
        var committedBy = commit is null ? [] : await CommittedByAsync(commit.TransactionId, Left(began), ct);
        if (commit is null || !IsDone(committedBy))
        {
            elsewhere = true;
            LogElsewhere(clock.GetElapsedTime(began).TotalSeconds);
            var other = await ElsewhereAsync(
                token => ledger.SubmitElsewhereAsync(transaction, argument, argumentType, resultType, token), commit is not null, ct);
            commit ??= other;
            committedBy = await CommittedByAsync(commit!.TransactionId, options.Value.RevocationPatience, ct);
        }
        var isDone = IsDone(committedBy);
        metrics.Took(clock.GetElapsedTime(began), elsewhere, isDone);
        LogCommitted(transaction, commit.TransactionId, commit.Block, committedBy.Count);
        await catchUp.ToAsync(commit.Block, ct);
        return new Withheld<TResult>(commit.Result, committedBy, isDone);
    }

    // Null where it took too long or the own peers are away: then whether it gets through is not known, and it is sent again.
    private async Task<LedgerCommit<TResult>?> OwnWayAsync<TResult>(
        Func<CancellationToken, Task<LedgerCommit<TResult>>> submit, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(options.Value.RevocationPatience);
        try
        {
            return await submit(patience.Token);
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
    private static async Task<LedgerCommit<TResult>?> ElsewhereAsync<TResult>(
        Func<CancellationToken, Task<LedgerCommit<TResult>>> submit, bool isCommitted, CancellationToken ct)
    {
        try
        {
            return await submit(ct);
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

    [LoggerMessage(3611, LogLevel.Warning, "A revocation or deny is not with two members after {Seconds:f1} s; it is submitted through another member.")]
    private partial void LogElsewhere(double seconds);

    [LoggerMessage(3612, LogLevel.Warning, "A revocation or deny did not get through this member's own peers: {Code} at {Stage}.")]
    private partial void LogOwnWayFailed(string code, LedgerStage stage);

    [LoggerMessage(3613, LogLevel.Information, "{Transaction}: {TransactionId} in block {Block}, committed by {Members} members.")]
    private partial void LogCommitted(string transaction, string transactionId, ulong block, int members);
}
