using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using HealthShare.Fabric.Client;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Ledger;

/// <summary>
/// Transactions and queries with typed arguments. Conflicts, lagging endorsers and a gateway that is away for a moment are
/// tried again with a bound; a transaction whose outcome is unknown is looked up by its id, never sent twice on suspicion.
/// </summary>
public sealed partial class LedgerService(
    ILedger ledger, IOptions<FabricOptions> options, TimeProvider clock, ILogger<LedgerService> logger)
{
    private const int Lookups = 5;
    private static readonly TimeSpan LookupPause = TimeSpan.FromSeconds(1);

    /// <summary>Name of the channel.</summary>
    public string Channel => ledger.Channel;

    /// <summary>MSP id under which this node acts.</summary>
    public string MspId => ledger.MspId;

    /// <inheritdoc cref="ILedger.HeightAsync"/>
    public Task<ulong> HeightAsync(CancellationToken ct) => ledger.HeightAsync(ct);

    /// <summary>Takes a transaction to its commit.</summary>
    /// <param name="transaction"><c>Contract:Transaction</c>.</param>
    /// <param name="argument">Its one argument.</param>
    /// <param name="argumentType">JSON form of the argument.</param>
    /// <param name="resultType">JSON form of the result.</param>
    /// <param name="ct">Stops the wait, not an ordered transaction.</param>
    /// <exception cref="LedgerException">It failed; the exception says how far it got.</exception>
    public async Task<LedgerCommit<TResult>> SubmitAsync<TArgument, TResult>(
        string transaction, TArgument argument, JsonTypeInfo<TArgument> argumentType, JsonTypeInfo<TResult> resultType,
        CancellationToken ct)
    {
        var commit = await SubmitAsync(new LedgerCall(transaction, JsonSerializer.SerializeToUtf8Bytes(argument, argumentType)), ct);
        return new LedgerCommit<TResult>(commit.TransactionId, commit.Block, Read(transaction, commit.Result, resultType));
    }

    /// <summary>
    /// Takes a transaction with a secret to its commit: the secret travels beside the arguments, and this member's own peer
    /// alone endorses.
    /// </summary>
    /// <param name="transaction"><c>Contract:Transaction</c>.</param>
    /// <param name="argument">Its one argument.</param>
    /// <param name="argumentType">JSON form of the argument.</param>
    /// <param name="field">Name of the secret.</param>
    /// <param name="secret">The secret.</param>
    /// <param name="ct">Stops the wait, not an ordered transaction.</param>
    /// <exception cref="LedgerException">It failed; the exception says how far it got.</exception>
    public Task<LedgerCommit> SubmitPrivateAsync<TArgument>(
        string transaction, TArgument argument, JsonTypeInfo<TArgument> argumentType, string field, ReadOnlyMemory<byte> secret,
        CancellationToken ct) =>
        SubmitAsync(new LedgerCall(transaction, JsonSerializer.SerializeToUtf8Bytes(argument, argumentType))
        {
            Transient = new Dictionary<string, ReadOnlyMemory<byte>> { [field] = secret },
            Organizations = [ledger.MspId],
        }, ct);

    /// <summary>Asks a query with one argument.</summary>
    /// <param name="transaction"><c>Contract:Transaction</c>.</param>
    /// <param name="argument">Its one argument.</param>
    /// <param name="argumentType">JSON form of the argument.</param>
    /// <param name="resultType">JSON form of the result.</param>
    /// <param name="member">MSP id of the member whose peer shall answer; null leaves it to the gateway.</param>
    /// <param name="ct">Stops the wait.</param>
    /// <exception cref="LedgerException">It failed.</exception>
    public async Task<TResult> EvaluateAsync<TArgument, TResult>(
        string transaction, TArgument argument, JsonTypeInfo<TArgument> argumentType, JsonTypeInfo<TResult> resultType,
        string? member, CancellationToken ct)
    {
        var call = new LedgerCall(transaction, JsonSerializer.SerializeToUtf8Bytes(argument, argumentType))
        {
            Organizations = member is null ? [] : [member],
        };
        return Read(transaction, await RetryAsync(transaction, token => ledger.EvaluateAsync(call, token), ct), resultType);
    }

    /// <summary>Asks a query without arguments.</summary>
    /// <exception cref="LedgerException">It failed.</exception>
    public async Task<TResult> EvaluateAsync<TResult>(string transaction, JsonTypeInfo<TResult> resultType, CancellationToken ct) =>
        Read(transaction, await RetryAsync(transaction, token => ledger.EvaluateAsync(new LedgerCall(transaction), token), ct), resultType);

    /// <summary>Asks a query whose one argument is plain text, such as an id.</summary>
    /// <exception cref="LedgerException">It failed.</exception>
    public async Task<TResult> EvaluateAsync<TResult>(
        string transaction, string argument, JsonTypeInfo<TResult> resultType, CancellationToken ct)
    {
        var call = new LedgerCall(transaction, Encoding.UTF8.GetBytes(argument));
        return Read(transaction, await RetryAsync(transaction, token => ledger.EvaluateAsync(call, token), ct), resultType);
    }

    /// <summary>Takes a transaction to its commit.</summary>
    /// <exception cref="LedgerException">It failed; the exception says how far it got.</exception>
    public Task<LedgerCommit> SubmitAsync(LedgerCall call, CancellationToken ct) => RetryAsync(call.Transaction, async token =>
    {
        try
        {
            return await ledger.SubmitAsync(call, token);
        }
        catch (LedgerException e) when (e is { MayHaveCommitted: true, TransactionId.Length: > 0 })
        {
            LogUnknown(call.Transaction, e.TransactionId, e.Stage, e.Code);
            return await ResolveAsync(e, token);
        }
    }, ct);

    // Found valid: done. Found invalid: the exception of that, which may be worth another attempt. Not found: still unknown.
    private async Task<LedgerCommit> ResolveAsync(LedgerException unknown, CancellationToken ct)
    {
        for (var lookup = 0; lookup < Lookups; lookup++)
        {
            await Task.Delay(LookupPause * lookup, clock, ct);
            try
            {
                if (await ledger.FindAsync(unknown.TransactionId, ct) is { } commit)
                    return commit;
            }
            catch (LedgerException e) when (e.Stage is not LedgerStage.Commit)
            {
                LogLookupFailed(unknown.TransactionId, e.Code);
            }
        }
        throw unknown;
    }

    private async Task<T> RetryAsync<T>(string transaction, Func<CancellationToken, Task<T>> call, CancellationToken ct)
    {
        var pause = options.Value.RetryDelay;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await call(ct);
            }
            catch (LedgerException e) when (IsConflict(e) && attempt < options.Value.Attempts)
            {
                LogRetry(transaction, e.TransactionId, attempt, e.Code);
            }
            await Task.Delay(pause * (0.5 + Random.Shared.NextDouble()), clock, ct); // spread, so that rivals do not meet again
            pause *= 2;
        }
    }

    // A ledger that is away is for the caller to know at once: workers come back, people are told.
    private static bool IsConflict(LedgerException e) =>
        e.IsTransient && e.Code is not (LedgerCodes.Unavailable or LedgerCodes.Timeout);

    private static T Read<T>(string transaction, ReadOnlyMemory<byte> json, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(json.Span, type)
                ?? throw new LedgerException(LedgerStage.Evaluate, "", LedgerCodes.BadAnswer, $"{transaction} answered nothing.");
        }
        catch (JsonException e)
        {
            throw new LedgerException(LedgerStage.Evaluate, "", LedgerCodes.BadAnswer, $"{transaction} answered in another form.", e);
        }
    }

    [LoggerMessage(3101, LogLevel.Information, "{Transaction} {TransactionId}, attempt {Attempt}, is tried again: {Code}.")]
    private partial void LogRetry(string transaction, string transactionId, int attempt, string code);

    [LoggerMessage(3102, LogLevel.Warning, "The outcome of {Transaction} {TransactionId} is unknown after {Stage} ({Code}); it is looked up.")]
    private partial void LogUnknown(string transaction, string transactionId, LedgerStage stage, string code);

    [LoggerMessage(3103, LogLevel.Warning, "{TransactionId} cannot be looked up now: {Code}.")]
    private partial void LogLookupFailed(string transactionId, string code);
}
