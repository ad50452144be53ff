using System.Runtime.CompilerServices;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol.Ledger.KvRwSet;

namespace HealthShare.Node.Audit;

/// <summary>The chaincode's public state as of one place in the chain.</summary>
internal interface IReplayState : ILedgerState
{
    /// <summary>Adds what a transaction that was found right writes.</summary>
    void Apply(IEnumerable<KVWrite> writes);
}

/// <summary>The whole state, in memory: for short chains.</summary>
internal sealed class ReplayState : IReplayState
{
    private readonly Dictionary<string, byte[]> values = new(StringComparer.Ordinal);
    private readonly SortedSet<string> order = new(StringComparer.Ordinal);

    public Task<byte[]?> GetAsync(string key, CancellationToken ct) => Task.FromResult(values.GetValueOrDefault(key));

    public async IAsyncEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> ListAsync(
        LedgerKind kind, IReadOnlyList<string> parts, [EnumeratorCancellation] CancellationToken ct)
    {
        await Task.CompletedTask;
        var prefix = LedgerKey.Prefix(kind, parts);
        foreach (var key in order.GetViewBetween(prefix, prefix + char.MaxValue))
            yield return new(key, values[key]);
    }

    public void Apply(IEnumerable<KVWrite> writes)
    {
        foreach (var write in writes)
        {
            if (write.IsDelete)
            {
                values.Remove(write.Key);
                order.Remove(write.Key);
            }
            else
            {
                values[write.Key] = write.Value.ToByteArray();
                order.Add(write.Key);
            }
        }
    }
}
