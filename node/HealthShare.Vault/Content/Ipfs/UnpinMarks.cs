namespace HealthShare.Vault.Content.Ipfs;

/// <summary>Gives daemons a grace time, which they do not know: what is unpinned is marked here, and stays pinned there until it is over.</summary>
/// <remarks>Thread-safe; one process collects garbage at a time, others may pin and unpin.</remarks>
internal sealed class UnpinMarks(string folder, TimeProvider time) : IDisposable
{
    private readonly PinTable table = new(folder, syncToDisk: true, time);
    private readonly SemaphoreSlim gate = new(1, 1);
    private long releases;

    /// <summary>Grows whenever a pin was let go: a pin that was made meanwhile may have gone with it.</summary>
    public long Releases => Interlocked.Read(ref releases);

    public bool IsPinned(Cid cid) => table.IsPinned(cid);

    public async Task AddAsync(Cid cid, CancellationToken ct)
    {
        using var _ = await EnterAsync(ct);
        table.Unpin(cid);
    }

    public async Task RemoveAsync(Cid cid, CancellationToken ct)
    {
        if (table.IsPinned(cid))
            return;
        using var _ = await EnterAsync(ct);
        table.Pin(cid);
    }

    /// <summary>Lets go of what was marked at least <paramref name="grace"/> ago.</summary>
    /// <param name="grace">How old a mark must be.</param>
    /// <param name="release">Takes the pin away; a mark whose pin could not be taken away stays.</param>
    /// <param name="ct">Ends it between two.</param>
    /// <returns>How many.</returns>
    public async Task<int> ReleaseAsync(TimeSpan grace, Func<Cid, CancellationToken, Task> release, CancellationToken ct)
    {
        var count = 0;
        foreach (var cid in table.Unpinned().ToList())
        {
            // One at a time, so that a writer of the same content waits for a moment only.
            using var _ = await EnterAsync(ct);
            if (!table.IsUnpinnedFor(cid, grace))
                continue;
            Interlocked.Increment(ref releases);
            await release(cid, ct);
            table.Pin(cid);
            count++;
        }
        return count;
    }

    public void Dispose() => gate.Dispose();

    private async Task<Exit> EnterAsync(CancellationToken ct)
    {
        await gate.WaitAsync(ct);
        return new Exit(gate);
    }

    private readonly struct Exit(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
