namespace HealthShare.DevLedger.Ordering;

/// <summary>Collects ordered transactions into batches by count and bytes; time is the caller's.</summary>
internal sealed class BlockCutter(BatchOptions settings)
{
    private List<OrderedTransaction> pending = [];
    private long pendingBytes;

    /// <summary>Whether transactions wait for a cut.</summary>
    public bool HasPending => pending.Count > 0;

    /// <summary>Adds a transaction.</summary>
    /// <returns>The batches that are complete now: none, one, or two where a large one pushed out those before it.</returns>
    public IReadOnlyList<IReadOnlyList<OrderedTransaction>> Add(OrderedTransaction transaction)
    {
        if (transaction.Envelope.Length > settings.PreferredMaxBytes)
            return HasPending ? [Cut(), [transaction]] : [[transaction]];
        List<IReadOnlyList<OrderedTransaction>> complete = [];
        if (pendingBytes + transaction.Envelope.Length > settings.PreferredMaxBytes)
            complete.Add(Cut());
        pending.Add(transaction);
        pendingBytes += transaction.Envelope.Length;
        if (pending.Count >= settings.MaxMessageCount)
            complete.Add(Cut());
        return complete;
    }

    /// <summary>Takes what is pending as a batch.</summary>
    public IReadOnlyList<OrderedTransaction> Cut()
    {
        var batch = pending;
        (pending, pendingBytes) = ([], 0);
        return batch;
    }
}
