using HealthShare.Fabric.Protocol.Ledger.RwSet;

namespace HealthShare.DevLedger.Validation;

/// <summary>
/// Private values between endorsement and commit. They are kept in memory for <see cref="BlocksKept"/> blocks, those of the
/// last <see cref="MostKept"/> transactions and <see cref="MostBytes"/> bytes at most: one that comes later, or after a restart,
/// has to be endorsed again.
/// </summary>
internal sealed class TransientValues
{
    /// <summary>How many blocks private values wait for their transaction, as a peer's default has it.</summary>
    public const int BlocksKept = 1000;

    /// <summary>How many transactions' values wait at once, so that endorsing without ever submitting fills no memory.</summary>
    public const int MostKept = 10_000;

    /// <summary>How many bytes of values wait at once; a peer has its disk for them.</summary>
    public const long MostBytes = 256 * 1024 * 1024;

    private readonly Dictionary<string, Values> byTransaction = new(StringComparer.Ordinal);
    private readonly Queue<(ulong Height, string TransactionId)> ages = new();
    private readonly Lock gate = new();
    private long bytes;

    /// <summary>How many transactions' values are kept now.</summary>
    public int Count
    {
        get
        {
            lock (gate)
                return byTransaction.Count;
        }
    }

    /// <summary>Keeps what an endorser's simulation wrote; the oldest make room for it.</summary>
    public void Add(string transactionId, TxPvtReadWriteSet values, ulong height)
    {
        lock (gate)
        {
            if (!byTransaction.TryGetValue(transactionId, out var known))
            {
                byTransaction.Add(transactionId, known = new([], 0));
                ages.Enqueue((height, transactionId));
            }
            if (!known.Sets.Contains(values))
            {
                var size = values.CalculateSize();
                known.Sets.Add(values);
                byTransaction[transactionId] = known with { Bytes = known.Bytes + size };
                bytes += size;
            }
            while (ages.Count > MostKept || bytes > MostBytes)
                Forget(ages.Dequeue().TransactionId);
        }
    }

    /// <summary>The values whose hashes a transaction carries; null where it carries none or they are not known here.</summary>
    public TxPvtReadWriteSet? Find(string transactionId, ReadWriteSet set)
    {
        lock (gate)
            return byTransaction.GetValueOrDefault(transactionId)?.Sets.Find(values => PrivateValues.Match(set, values));
    }

    /// <summary>Forgets a transaction that was committed, and those that are too old.</summary>
    public void Remove(IEnumerable<string> transactionIds, ulong height)
    {
        lock (gate)
        {
            foreach (var id in transactionIds)
                Forget(id);
            while (ages.TryPeek(out var oldest) && oldest.Height + BlocksKept < height)
                Forget(ages.Dequeue().TransactionId);
        }
    }

    private void Forget(string transactionId)
    {
        if (byTransaction.Remove(transactionId, out var gone))
            bytes -= gone.Bytes;
    }

    private sealed record Values(List<TxPvtReadWriteSet> Sets, long Bytes);
}
