using System.Diagnostics.CodeAnalysis;

namespace HealthShare.Chaincode.Shim.Server;

/// <summary>Bounds how many transactions run at once over all peers, and how many may wait for their turn.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A SemaphoreSlim holds nothing to free unless its wait handle is asked for.")]
internal sealed class TransactionSlots(int running, int waiting)
{
    private readonly SemaphoreSlim free = new(running, running);
    private int queued;

    /// <summary>Waits for a slot. False when too many wait already.</summary>
    /// <exception cref="OperationCanceledException">The transaction ended while it waited.</exception>
    public async Task<bool> TryEnterAsync(CancellationToken ct)
    {
        if (await free.WaitAsync(TimeSpan.Zero, ct))
            return true;
        if (Interlocked.Increment(ref queued) > waiting)
        {
            Interlocked.Decrement(ref queued);
            return false;
        }
        try
        {
            await free.WaitAsync(ct);
            return true;
        }
        finally
        {
            Interlocked.Decrement(ref queued);
        }
    }

    /// <summary>Gives a slot back.</summary>
    public void Leave() => free.Release();
}
