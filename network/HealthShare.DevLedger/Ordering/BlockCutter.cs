using Google.Protobuf;

namespace HealthShare.DevLedger.Ordering;

/// <summary>Collects ordered transactions into batches by count and bytes; time is the caller's.</summary>
internal sealed class BlockCutter(BatchOptions settings)
{
    private List<ByteString> pending = [];
    private long pendingBytes;

    /// <summary>Whether transactions wait for a cut.</summary>
    public bool HasPending => pending.Count > 0;

    /// <summary>Adds a transaction.</summary>
    /// <returns>The batches that are complete now: none, one, or two where a large one pushed out those before it.</returns>
    public IReadOnlyList<IReadOnlyList<ByteString>> Add(ByteString envelope)
    {
        if (envelope.Length > settings.PreferredMaxBytes)
            return HasPending ? [Cut(), [envelope]] : [[envelope]];
        List<IReadOnlyList<ByteString>> complete = [];
        if (pendingBytes + envelope.Length > settings.PreferredMaxBytes)
            complete.Add(Cut());
        pending.Add(envelope);
        pendingBytes += envelope.Length;
        if (pending.Count >= settings.MaxMessageCount)
            complete.Add(Cut());
        return complete;
    }

    /// <summary>Takes what is pending as a batch.</summary>
    public IReadOnlyList<ByteString> Cut()
    {
        var batch = pending;
        (pending, pendingBytes) = ([], 0);
        return batch;
    }
}
