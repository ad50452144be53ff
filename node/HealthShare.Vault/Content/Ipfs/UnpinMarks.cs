namespace HealthShare.Vault.Content.Ipfs;

/// <summary>Remembers on this machine what was unpinned and when: daemons know no grace time. A mark is an empty file named by its CID.</summary>
/// <remarks>
/// What is marked stays pinned at the daemon until its grace time is over. Thread-safe; one process collects garbage at a time,
/// others may pin and unpin.
/// </remarks>
internal sealed class UnpinMarks : IDisposable
{
    private readonly string folder;
    private readonly TimeProvider time;
    private readonly SemaphoreSlim gate = new(1, 1);
    private long releases;

    public UnpinMarks(string folder, TimeProvider time)
    {
        (this.folder, this.time) = (folder, time);
        Directory.CreateDirectory(folder);
        FolderSync.Flush(Path.GetDirectoryName(Path.GetFullPath(folder))!);
    }

    /// <summary>Grows whenever a pin was let go: a pin that was made meanwhile may have gone with it.</summary>
    public long Releases => Interlocked.Read(ref releases);

    public bool Has(Cid cid) => File.Exists(PathOf(cid));

    public async Task AddAsync(Cid cid, CancellationToken ct)
    {
        using var _ = await EnterAsync(ct);
        if (Has(cid))
            return;
        await File.Create(PathOf(cid)).DisposeAsync();
        File.SetLastWriteTimeUtc(PathOf(cid), time.GetUtcNow().UtcDateTime);
        FolderSync.Flush(folder);
    }

    public async Task RemoveAsync(Cid cid, CancellationToken ct)
    {
        if (!Has(cid))
            return;
        using var _ = await EnterAsync(ct);
        Delete(cid);
    }

    /// <summary>Lets go of what was marked at least <paramref name="grace"/> ago.</summary>
    /// <param name="grace">How old a mark must be.</param>
    /// <param name="release">Takes the pin away; a mark whose pin could not be taken away stays.</param>
    /// <param name="ct">Ends it between two.</param>
    /// <returns>How many.</returns>
    public async Task<int> ReleaseAsync(TimeSpan grace, Func<Cid, CancellationToken, Task> release, CancellationToken ct)
    {
        var count = 0;
        foreach (var file in Directory.EnumerateFiles(folder).ToList())
        {
            if (!Cid.TryParse(Path.GetFileName(file), out var cid))
                continue;
            // One at a time, so that a writer of the same content waits for a moment only.
            using var _ = await EnterAsync(ct);
            if (!Has(cid) || File.GetLastWriteTimeUtc(file) > time.GetUtcNow().UtcDateTime - grace)
                continue;
            Interlocked.Increment(ref releases);
            await release(cid, ct);
            Delete(cid);
            count++;
        }
        return count;
    }

    public void Dispose() => gate.Dispose();

    private void Delete(Cid cid)
    {
        File.Delete(PathOf(cid));
        FolderSync.Flush(folder);
    }

    private async Task<Exit> EnterAsync(CancellationToken ct)
    {
        await gate.WaitAsync(ct);
        return new Exit(gate);
    }

    private string PathOf(Cid cid) => Path.Combine(folder, cid.ToString());

    private readonly struct Exit(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
