using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using HealthShare.Chaincode.Ledger;
using HealthShare.Chaincode.Shim;
using HealthShare.Fabric.Client;
using HealthShare.Node.Events;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;
using HealthShare.Policy;
using HealthShare.Policy.Statements;
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
/// Brings to the channel what takes something away (a revocation, of a consent, a credential or a delegate; an objection; a deny; what
/// replaces a grant; the withdrawal of what a hospital attested; an erasure), and
/// sees to it that it counts: committed by two members' peers, so that no member alone can hold it back. Where this member's own way
/// takes too long, it goes through other members' peers as well. Once begun it goes on whether or not the caller waits, and after a restart
/// of this node: a page that is closed must not keep a revocation from the channel.
/// </summary>
internal sealed partial class RevocationRelay(
    LedgerService ledger, CatchUp catchUp, RevocationTasks tasks, RevocationMetrics metrics, RevocationProgress progress,
    IOptions<ConsentsOptions> options, TimeProvider clock,
    IHostApplicationLifetime host, ILogger<RevocationRelay> logger)
{
    // One patience for the own way, two for the others', one until it is known who has it.
    private const int Patiences = 4;

    // Those that nobody waits for any more; what is beyond ends with its caller's request.
    private const int MostUnheard = 256;
    private int unheard;

    /// <summary>How many go on though their callers are gone.</summary>
    internal int Unheard => Volatile.Read(ref unheard);

    /// <summary>What the answers mean, for the descriptions of endpoints.</summary>
    public const string Description = "200 with committedBy once two members' peers have committed it; 202 while only one has. What takes "
        + "longer than a set time is submitted through another member as well.";

    private const int Enough = 2;

    // What the contracts refuse for now: a device's or a node's clock that is ahead, a chaincode that is busy, a member that may come back.
    private static readonly FrozenSet<string> CuredByTime = FrozenSet.Create(StringComparer.Ordinal,
        "statement.issued_ahead", "proposal.time", "caller.suspended", ShimCodes.TransactionTimeout, ShimCodes.TransactionCancelled, ShimCodes.TransactionOverload);

    // What was to be taken away is not there any more, by whatever way.
    private static readonly FrozenSet<string> AlreadyAway = FrozenSet.Create(StringComparer.Ordinal,
        "consent.already_revoked", "consent.already_over", "credential.already_revoked", "patient.erased");

    /// <summary>Submits a signed statement, and waits for two members' commits.</summary>
    /// <inheritdoc cref="SubmitAsync{TArgument, TResult}"/>
    public Task<Withheld<TResult>> SubmitAsync<TResult>(
        string transaction, SignedStatement signed, JsonTypeInfo<TResult> resultType, CancellationToken ct) =>
        BeginAsync(transaction, signed, LedgerJson.Default.SignedStatement, resultType, SignedStatementReader.Read(signed), ct);

    /// <summary>Submits, and waits for two members' commits.</summary>
    /// <param name="transaction"><c>Contract:Transaction</c>; repeating it has no second effect.</param>
    /// <param name="argument">Its argument.</param>
    /// <param name="argumentType">JSON form of the argument.</param>
    /// <param name="resultType">JSON form of the result.</param>
    /// <param name="ct">Stops the wait for it, and nothing else.</param>
    /// <exception cref="LedgerException">The ledger refuses, or nobody could be reached.</exception>
    public Task<Withheld<TResult>> SubmitAsync<TArgument, TResult>(
        string transaction, TArgument argument, JsonTypeInfo<TArgument> argumentType, JsonTypeInfo<TResult> resultType, CancellationToken ct) =>
        BeginAsync(transaction, argument, argumentType, resultType,
            StatementIn(JsonSerializer.SerializeToUtf8Bytes(argument, argumentType)), ct);

    private async Task<Withheld<TResult>> BeginAsync<TArgument, TResult>(
        string transaction, TArgument argument, JsonTypeInfo<TArgument> argumentType, JsonTypeInfo<TResult> resultType, Statement? statement,
        CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var json = JsonSerializer.SerializeToUtf8Bytes(argument, argumentType);
        var (withheld, block) = await RelayAsync(transaction, json, new Ways<TResult>(
            token => ledger.SubmitAsync(transaction, argument, argumentType, resultType, token),
            token => ledger.SubmitElsewhereAsync(transaction, argument, argumentType, resultType, token)), statement, ct).WaitAsync(ct);
        await catchUp.ToAsync(block, ct);
        return withheld;
    }

    /// <summary>What was taken away before, with the members that have committed it by now.</summary>
    /// <param name="result">What was taken away, as it stands.</param>
    /// <param name="transactionId">The transaction that took it away.</param>
    /// <param name="ct">Stops the wait.</param>
    public async Task<Withheld<TResult>> TakenAsync<TResult>(TResult result, string transactionId, CancellationToken ct)
    {
        var committedBy = await CommittedByAsync(transactionId, options.Value.RevocationPatience, ct);
        return new Withheld<TResult>(result, committedBy, IsDone(committedBy));
    }

    /// <summary>Goes on with what nobody waits for.</summary>
    /// <exception cref="LedgerException">It did not get through this time.</exception>
    public Task GoOnAsync(RevocationTask task, CancellationToken ct)
    {
        var call = new LedgerCall(task.Transaction, task.Argument);
        return RelayAsync(task.Transaction, task.Argument, new Ways<ReadOnlyMemory<byte>>(
            async token => Plain(await ledger.SubmitAsync(call, token)), async token => Plain(await ledger.SubmitElsewhereAsync(call, token))),
            StatementIn(task.Argument.Span), ct, isHeard: false);

        static LedgerCommit<ReadOnlyMemory<byte>> Plain(LedgerCommit commit) => new(commit.TransactionId, commit.Block, commit.Result);
    }

    /// <summary>What a patient signed, where the argument is that or an objection with it; else null.</summary>
    internal static Statement? StatementIn(ReadOnlySpan<byte> argument)
    {
        try
        {
            var signed = TryRead(argument, LedgerJson.Default.SignedStatement) ?? TryRead(argument, LedgerJson.Default.ObjectToSigner)?.Statement;
            return signed is null ? null : SignedStatementReader.Read(signed);
        }
        catch (PolicyException)
        {
            return null; // whether it is in order is what the contract says of it
        }
    }

    // Null for a withdrawal, too, which a hospital brings without anybody's signature.
    private static T? TryRead<T>(ReadOnlySpan<byte> argument, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(argument, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task<(Withheld<TResult> Withheld, ulong Block)> RelayAsync<TResult>(
        string transaction, ReadOnlyMemory<byte> argument, Ways<TResult> ways, Statement? statement, CancellationToken caller, bool isHeard = true)
    {
        var (task, isKept) = await tasks.BeginAsync(transaction, argument);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(host.ApplicationStopping);
        bound.CancelAfter(options.Value.RevocationPatience * Patiences);
        var (isUnheard, isThere) = (false, false);
        LedgerException? failure = null;
        var leaving = caller.Register(() =>
        {
            isUnheard = true;
            if (Interlocked.Increment(ref unheard) > MostUnheard)
                bound.Cancel();
        });
        try
        {
            var (withheld, commit) = await ToTwoMembersAsync(transaction, ways, bound.Token);
            isThere = true;
            if (statement is not null)
                await progress.TellAsync(statement, commit.TransactionId, withheld.CommittedBy, withheld.IsDone);
            return (withheld, commit.Block);
        }
        catch (OperationCanceledException e)
        {
            failure = new LedgerException(LedgerStage.CommitStatus, "", LedgerCodes.Timeout, "No way to the channel answered in time.", e);
            throw failure;
        }
        catch (LedgerException e)
        {
            failure = e;
            throw;
        }
        finally
        {
            await leaving.DisposeAsync();
            if (isUnheard)
                Interlocked.Decrement(ref unheard);
            if (failure is not null)
                LogNotRelayed(transaction, failure.Code, failure.Stage); // the caller may not be there to hear of it
            var isHeardNow = isHeard && !isUnheard && !host.ApplicationStopping.IsCancellationRequested;
            if (isThere)
                await tasks.EndAsync(task);
            else
                await FailedAsync(new Failed(task, isKept, transaction, statement, isHeardNow), failure);
        }
    }

    private async Task FailedAsync(Failed failed, LedgerException? failure)
    {
        var isRefused = failure?.ChaincodeStatus is not null && !CuredByTime.Contains(failure.Code);
        var isAway = isRefused && failed.Transaction != LedgerTransactions.GrantConsent
            && (AlreadyAway.Contains(failure!.Code) || IsEndedDelegate(failed, failure.Code));
        if (isAway || (isRefused && failed.IsHeard))
            await tasks.EndAsync(failed.Task);
        else if (failed.IsHeard)
            await tasks.ToldAsync(failed.Task);
        else if (isRefused || (!failed.IsKept && !host.ApplicationStopping.IsCancellationRequested))
            await tasks.GiveUpAsync(failed.Task, failed.Transaction, failed.Statement, failure?.Code ?? LedgerCodes.Unknown);
        else
            await tasks.LeaveAsync(failed.Task, host.ApplicationStopping);
    }

    // Of a delegate who signs, the same code says that the power is over, and nothing of what was to be ended by it.
    private static bool IsEndedDelegate(Failed failed, string code) =>
        code == "delegate.revoked" && failed is { Transaction: LedgerTransactions.RevokeDelegate, Statement.Signer.Delegate: null };

    private async Task<(Withheld<TResult> Withheld, LedgerCommit<TResult> Commit)> ToTwoMembersAsync<TResult>(
        string transaction, Ways<TResult> ways, CancellationToken ct)
    {
        var began = clock.GetTimestamp();
        var elsewhere = false;
        var commit = await OwnWayAsync(ways.Own, ct);
        var committedBy = commit is null ? [] : await CommittedByAsync(commit.TransactionId, Left(began), ct);
        if (commit is null || !IsDone(committedBy))
        {
            elsewhere = true;
            LogElsewhere(clock.GetElapsedTime(began).TotalSeconds);
            var other = await ElsewhereAsync(ways.Elsewhere, commit is not null, ct);
            commit ??= other;
            committedBy = await CommittedByAsync(commit!.TransactionId, options.Value.RevocationPatience, ct);
        }
        var isDone = IsDone(committedBy);
        metrics.Took(clock.GetElapsedTime(began), elsewhere, isDone);
        LogCommitted(transaction, commit.TransactionId, commit.Block, committedBy.Count);
        return (new Withheld<TResult>(commit.Result, committedBy, isDone), commit);
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

    // What is on the channel already is not lost because nobody else can be reached, or not in time.
    private async Task<LedgerCommit<TResult>?> ElsewhereAsync<TResult>(
        Func<CancellationToken, Task<LedgerCommit<TResult>>> submit, bool isCommitted, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(options.Value.RevocationPatience * 2);
        try
        {
            return await submit(patience.Token);
        }
        catch (Exception e) when (isCommitted && (e is LedgerException or OperationCanceledException))
        {
            return null;
        }
    }

    private async Task<IReadOnlyList<string>> CommittedByAsync(string transactionId, TimeSpan patience, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(patience);
        return await ledger.CommittedByAsync(transactionId, Enough, limit.Token);
    }

    private bool IsDone(IReadOnlyList<string> committedBy) => committedBy.Count >= Math.Min(Enough, ledger.MembersWithPeers);

    private TimeSpan Left(long began)
    {
        var left = options.Value.RevocationPatience - clock.GetElapsedTime(began);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private sealed record Failed(string Task, bool IsKept, string Transaction, Statement? Statement, bool IsHeard);

    private sealed record Ways<TResult>(
        Func<CancellationToken, Task<LedgerCommit<TResult>>> Own, Func<CancellationToken, Task<LedgerCommit<TResult>>> Elsewhere);

    [LoggerMessage(3614, LogLevel.Warning, "{Transaction} is not relayed: {Code} at {Stage}.")]
    private partial void LogNotRelayed(string transaction, string code, LedgerStage stage);

    [LoggerMessage(3611, LogLevel.Warning, "A revocation or deny is not with two members after {Seconds:f1} s; it is submitted through another member.")]
    private partial void LogElsewhere(double seconds);

    [LoggerMessage(3612, LogLevel.Warning, "A revocation or deny did not get through this member's own peers: {Code} at {Stage}.")]
    private partial void LogOwnWayFailed(string code, LedgerStage stage);

    [LoggerMessage(3613, LogLevel.Information, "{Transaction}: {TransactionId} in block {Block}, committed by {Members} members.")]
    private partial void LogCommitted(string transaction, string transactionId, ulong block, int members);
}
