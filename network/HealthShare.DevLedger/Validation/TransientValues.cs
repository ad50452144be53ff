using HealthShare.Fabric.Protocol.Ledger.RwSet;

namespace HealthShare.DevLedger.Validation;

/// <summary>
/// Private values between endorsement and commit. They are kept in memory for <see cref="BlocksKept"/> blocks, those of the
/// last <see cref="MostKept"/> transactions at most: one that comes later, or after a restart, has to be endorsed again.
/// </summary>
internal sealed class TransientValues
{
    /// <summary>How many blocks private values wait for their transaction, as a peer's default has it.</summary>
    public const int BlocksKept = 1000;

    /// <summary>How many transactions' values wait at once, so that endorsing without ever submitting fills no memory.</summary>
    public const int MostKept = 10_000;

    private readonly Dictionary<string, List<TxPvtReadWriteSet>> byTransaction = new(StringComparer.Ordinal);
    private readonly Queue<(ulong Height, string TransactionId)> ages = new();
    private readonly Lock gate = new();

    /// <summary>How many transactions' values are kept now.</summary>
    public int Count
    {
        get
        {
            lock (gate)
                return byTransaction.Count;
        }
    }

    /// <summary>Keeps what an endorser's simulation wrote.</summary>
    public void Add(string transactionId, TxPvtReadWriteSet values, ulong height)
    {
        lock (gate)
        {
            if (!byTransaction.TryGetValue(transactionId, out var known))
            {
                byTransaction.Add(transactionId, known = []);
                ages.Enqueue((height, transactionId));
                if (ages.Count > MostKept)
                    byTransaction.Remove(ages.Dequeue().TransactionId);
            }
            if (!known.Contains(values))
                known.Add(values);
        }
    }

    /// <summary>The values whose hashes a transaction carries; null where it carries none or they are not known here.</summary>
    public TxPvtReadWriteSet? Find(string transactionId, ReadWriteSet set)
    {
        lock (gate)
            return byTransaction.GetValueOrDefault(transactionId)?.Find(values => PrivateValues.Match(set, values));
    }

    /// <summary>Forgets a transaction that was committed, and those that are too old.</summary>
    public void Remove(IEnumerable<string> transactionIds, ulong height)
    {
        lock (gate)
        {
            foreach (var id in transactionIds)
                byTransaction.Remove(id);
            while (ages.TryPeek(out var oldest) && oldest.Height + BlocksKept < height)
                byTransaction.Remove(ages.Dequeue().TransactionId);
        }
    }
}
