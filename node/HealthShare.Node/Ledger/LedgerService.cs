using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using HealthShare.Fabric.Client;

namespace HealthShare.Node.Ledger;

/// <summary>Transactions and queries with typed arguments. What is worth repeating, <see cref="ILedger"/> has repeated.</summary>
public sealed class LedgerService(ILedger ledger)
{
    /// <summary>Name of the channel.</summary>
    public string Channel => ledger.Channel;

    /// <summary>MSP id under which this node acts.</summary>
    public string MspId => ledger.MspId;

    /// <inheritdoc cref="ILedger.MembersWithPeers"/>
    public int MembersWithPeers => ledger.MembersWithPeers;

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
        return Read(transaction, await ledger.EvaluateAsync(call, ct), resultType);
    }

    /// <summary>Asks a query without arguments.</summary>
    /// <exception cref="LedgerException">It failed.</exception>
    public async Task<TResult> EvaluateAsync<TResult>(string transaction, JsonTypeInfo<TResult> resultType, CancellationToken ct) =>
        Read(transaction, await ledger.EvaluateAsync(new LedgerCall(transaction), ct), resultType);

    /// <summary>Asks a query whose one argument is plain text, such as an id.</summary>
    /// <exception cref="LedgerException">It failed.</exception>
    public async Task<TResult> EvaluateAsync<TResult>(
        string transaction, string argument, JsonTypeInfo<TResult> resultType, CancellationToken ct)
    {
        var call = new LedgerCall(transaction, Encoding.UTF8.GetBytes(argument));
        return Read(transaction, await ledger.EvaluateAsync(call, ct), resultType);
    }

    /// <summary>Takes a transaction to its commit.</summary>
    /// <exception cref="LedgerException">It failed; the exception says how far it got.</exception>
    public Task<LedgerCommit> SubmitAsync(LedgerCall call, CancellationToken ct) => ledger.SubmitAsync(call, ct);

    /// <inheritdoc cref="ILedger.SubmitElsewhereAsync"/>
    public async Task<LedgerCommit<TResult>> SubmitElsewhereAsync<TArgument, TResult>(
        string transaction, TArgument argument, JsonTypeInfo<TArgument> argumentType, JsonTypeInfo<TResult> resultType, CancellationToken ct)
    {
        var commit = await ledger.SubmitElsewhereAsync(new LedgerCall(transaction, JsonSerializer.SerializeToUtf8Bytes(argument, argumentType)), ct);
        return new LedgerCommit<TResult>(commit.TransactionId, commit.Block, Read(transaction, commit.Result, resultType));
    }

    /// <inheritdoc cref="ILedger.SubmitElsewhereAsync"/>
    public Task<LedgerCommit> SubmitElsewhereAsync(LedgerCall call, CancellationToken ct) => ledger.SubmitElsewhereAsync(call, ct);

    /// <inheritdoc cref="ILedger.CommittedByAsync"/>
    public Task<IReadOnlyList<string>> CommittedByAsync(string transactionId, int wanted, CancellationToken ct) =>
        ledger.CommittedByAsync(transactionId, wanted, ct);

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
}
