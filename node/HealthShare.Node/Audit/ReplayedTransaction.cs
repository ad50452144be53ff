using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Ledger.KvRwSet;
using HealthShare.Policy.Ids;

namespace HealthShare.Node.Audit;

/// <summary>Who sent a transaction, when, and all that it writes: one write must fit to the others.</summary>
internal sealed class ReplayedTransaction
{
    private readonly Dictionary<string, KVWrite> writes;

    private ReplayedTransaction(string creator, DateTimeOffset? time, IEnumerable<KVWrite> writes)
    {
        (Creator, Time) = (creator, time);
        this.writes = writes.ToDictionary(write => write.Key, StringComparer.Ordinal);
    }

    /// <summary>MSP id of the sender.</summary>
    public string Creator { get; }

    /// <summary>The proposal's time in whole seconds; null when it has none.</summary>
    public DateTimeOffset? Time { get; }

    /// <summary>Reads what every transaction says of itself; null where its time is none. No peer looks at that.</summary>
    public static ReplayedTransaction? TryRead(TransactionView transaction, IEnumerable<KVWrite> writes)
    {
        try
        {
            DateTimeOffset? time = transaction.Timestamp is { } proposed ? LedgerTime.Truncate(proposed) : null;
            return new ReplayedTransaction(transaction.CreatorMspId, time, writes);
        }
        catch (FabricDataException)
        {
            return null; // the caller names the fault
        }
    }

    /// <summary>How many keys of a kind the transaction writes or removes.</summary>
    public int Count(LedgerKind kind) => writes.Keys.Count(key => LedgerKey.TryParse(key, out var found, out _) && found == kind);

    public bool Removes(string key) => writes.GetValueOrDefault(key) is { IsDelete: true };

    /// <summary>What the transaction puts under a key; null where it puts nothing.</summary>
    /// <exception cref="JsonException">It puts something else there.</exception>
    public T? Find<T>(string key, JsonTypeInfo<T> type) where T : class =>
        writes.GetValueOrDefault(key) is { IsDelete: false } write ? Read(write, type) : null;

    /// <summary>Everything of a kind that the transaction puts.</summary>
    /// <exception cref="JsonException">It puts something else there.</exception>
    public IEnumerable<T> FindAll<T>(LedgerKind kind, JsonTypeInfo<T> type) where T : class => writes.Values
        .Where(write => !write.IsDelete && LedgerKey.TryParse(write.Key, out var found, out _) && found == kind).Select(write => Read(write, type));

    /// <exception cref="JsonException">The value is something else.</exception>
    public static T Read<T>(KVWrite write, JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(write.Value.Span, type) ?? throw new JsonException("null");
}
