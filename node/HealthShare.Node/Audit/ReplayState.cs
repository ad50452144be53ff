using System.Runtime.CompilerServices;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol.Ledger.KvRwSet;

namespace HealthShare.Node.Audit;

/// <summary>The chaincode's public state as of one place in the chain, in memory.</summary>
internal sealed class ReplayState : ILedgerState
{
    private readonly SortedDictionary<string, byte[]> entries = new(StringComparer.Ordinal);

    public Task<byte[]?> GetAsync(string key, CancellationToken ct) => Task.FromResult(entries.GetValueOrDefault(key));

    public async IAsyncEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> ListAsync(
        LedgerKind kind, IReadOnlyList<string> parts, [EnumeratorCancellation] CancellationToken ct)
    {
        await Task.CompletedTask;
        var prefix = LedgerKey.Prefix(kind, parts);
        foreach (var (key, value) in entries)
        {
            if (key.StartsWith(prefix, StringComparison.Ordinal))
                yield return new(key, value);
        }
    }

    public void Apply(IEnumerable<KVWrite> writes)
    {
        foreach (var write in writes)
        {
            if (write.IsDelete)
                entries.Remove(write.Key);
            else
                entries[write.Key] = write.Value.ToByteArray();
        }
    }
}
