namespace HealthShare.Vault.Content;

/// <summary>
/// Which contents may be collected, and since when: an empty file named by the CID, whose time of change is that moment. What has
/// no such mark is pinned, so the rename that makes a content appear also pins it: there is no state in between to recover from.
/// </summary>
/// <remarks>A mark is there or not, never half: its content is its name. Each change is on disk before the call returns. The caller
/// sees to it that only one change of a content is under way.</remarks>
internal sealed class PinTable
{
    private readonly string folder;
    private readonly bool syncToDisk;
    private readonly TimeProvider time;

    public PinTable(string folder, bool syncToDisk, TimeProvider time)
    {
        (this.folder, this.syncToDisk, this.time) = (folder, syncToDisk, time);
        Directory.CreateDirectory(folder);
    }

    /// <summary>True when no mark lets the content go.</summary>
    public bool IsPinned(Cid cid) => !File.Exists(MarkOf(cid));

    /// <summary>Takes the mark away, if there is one.</summary>
    public void Pin(Cid cid)
    {
        if (IsPinned(cid))
            return;
        File.Delete(MarkOf(cid));
        Sync();
    }

    /// <summary>Marks a content; a mark that is there keeps its time.</summary>
    public void Unpin(Cid cid)
    {
        if (!IsPinned(cid))
            return;
        using (var mark = File.OpenHandle(MarkOf(cid), FileMode.CreateNew, FileAccess.Write))
        {
            File.SetLastWriteTimeUtc(mark, Now);
            if (syncToDisk)
                RandomAccess.FlushToDisk(mark);
        }
        Sync();
    }

    /// <summary>The contents that carry a mark; those of which the content is gone are among them.</summary>
    public IEnumerable<Cid> Unpinned()
    {
        foreach (var path in Directory.EnumerateFiles(folder))
        {
            if (Cid.TryParse(Path.GetFileName(path), out var cid))
                yield return cid;
        }
    }

    /// <summary>True when the content has carried its mark for the grace time, and carries it still.</summary>
    public bool IsUnpinnedFor(Cid cid, TimeSpan grace)
    {
        if (IsPinned(cid))
            return false;
        var (mark, now) = (MarkOf(cid), Now);
        var since = File.GetLastWriteTimeUtc(mark);
        if (since > now)
        {
            // The clock was put back: the grace time begins again, rather than when the clock is there once more.
            File.SetLastWriteTimeUtc(mark, now);
            since = now;
        }
        return now - since >= grace;
    }

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    private string MarkOf(Cid cid) => Path.Combine(folder, cid.ToString());

    private void Sync()
    {
        if (syncToDisk)
            FolderSync.Flush(folder);
    }
}
