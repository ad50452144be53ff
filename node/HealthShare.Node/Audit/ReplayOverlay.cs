using System.Runtime.CompilerServices;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol.Ledger.KvRwSet;

namespace HealthShare.Node.Audit;

/// <summary>A state that is kept elsewhere, with the writes of one block on top of it.</summary>
internal sealed class ReplayOverlay(ILedgerState below) : IReplayState
{
    private readonly Dictionary<string, byte[]?> written = new(StringComparer.Ordinal);

    public async Task<byte[]?> GetAsync(string key, CancellationToken ct) =>
        written.TryGetValue(key, out var value) ? value : await below.GetAsync(key, ct);

    public async IAsyncEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> ListAsync(
        LedgerKind kind, IReadOnlyList<string> parts, [EnumeratorCancellation] CancellationToken ct)
    {
        var entries = new SortedDictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        await foreach (var (key, value) in below.ListAsync(kind, parts, ct))
            entries[key] = value;
        var prefix = LedgerKey.Prefix(kind, parts);
        foreach (var (key, value) in written.Where(write => write.Key.StartsWith(prefix, StringComparison.Ordinal)))
        {
            if (value is null)
                entries.Remove(key);
            else
                entries[key] = value;
        }
        foreach (var entry in entries)
            yield return entry;
    }

    public void Apply(IEnumerable<KVWrite> writes)
    {
        foreach (var write in writes)
            written[write.Key] = write.IsDelete ? null : write.Value.ToByteArray();
    }
}
