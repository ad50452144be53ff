using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using HealthShare.Vault.Records;
using Microsoft.Win32.SafeHandles;

namespace HealthShare.Vault.Content;

/// <summary>A content store in a folder of this machine: one file for each CID, which equals IPFS's for the same bytes.</summary>
/// <remarks>
/// Folders: <c>objects/XX/CID</c>; <c>unpinned/CID</c>, see <see cref="PinTable"/>; <c>tmp</c>, emptied at start. A file appears by
/// rename after its fsync, and the folder is synchronised before the call returns. Thread-safe.
/// </remarks>
public sealed class EmbeddedContentStore : IContentStore, IDisposable
{
    private const int MostSyncedOneByOne = 256;
    private const string LayoutRange = "A chunk is 1 KiB to 2,096,896 bytes; a node has 2 to 8,192 links.";
    private readonly EmbeddedContentStoreOptions options;
    private readonly PinTable pins;
    private readonly string objects;
    private readonly string temporary;
    private readonly string logFolder;
    private readonly FileStream ownership;
    private readonly ContentLog? log;
    // Renames, marks and removals, which are short; content is streamed outside of it.
    private readonly Lock gate = new();
    private readonly SemaphoreSlim collecting = new(1, 1);
    // What appeared since a collection settled the log: the log may hold it again. Null while none runs; guarded by the gate.
    private HashSet<Cid>? appeared;

    private EmbeddedContentStore(EmbeddedContentStoreOptions options, TimeProvider time)
    {
        this.options = options;
        objects = Path.Combine(options.Folder, "objects");
        temporary = Path.Combine(options.Folder, "tmp");
        logFolder = Path.Combine(options.Folder, "log");
        Directory.CreateDirectory(options.Folder);
        ownership = Own(options.Folder);
        try
        {
            Directory.CreateDirectory(objects);
            Directory.CreateDirectory(temporary);
            Directory.CreateDirectory(logFolder);
            pins = new PinTable(Path.Combine(options.Folder, "unpinned"), options.SyncToDisk, time);
            foreach (var leftover in Directory.EnumerateFiles(temporary))
                File.Delete(leftover);
            Sync(options.Folder);
            Sync(Path.GetDirectoryName(Path.GetFullPath(options.Folder))!);
            Restore();
            log = options.SyncToDisk ? new ContentLog(logFolder, SyncFiles) : null;
        }
        catch
        {
            ownership.Dispose();
            throw;
        }
    }

    /// <summary>Opens a store, makes its folders and removes what an interrupted write left behind.</summary>
    /// <exception cref="ArgumentException">The layout is out of range.</exception>
    /// <exception cref="IOException">The folder cannot be used, or another process has it open.</exception>
    public static EmbeddedContentStore Open(EmbeddedContentStoreOptions options, TimeProvider? time = null) => options.Layout.IsValid
        ? new(options, time ?? TimeProvider.System)
        : throw new ArgumentException(LayoutRange, nameof(options));

    /// <inheritdoc/>
    public Task<StoredContent> PutAsync(Stream content, CancellationToken ct) => PutAsync(content, options.Layout, ct);

    /// <inheritdoc/>
    public async Task<StoredContent> PutAsync(Stream content, ContentLayout layout, CancellationToken ct)
    {
        if (!layout.IsValid)
            throw new ArgumentException(LayoutRange, nameof(layout));
        if (log is not null && LengthOf(content) is { } length && length <= Math.Min(layout.ChunkSize, ContentLog.MostBytes))
            return await PutSmallAsync(content, (int)length, ct);
        var path = Path.Combine(temporary, Guid.NewGuid().ToString("N"));
        var leaf = ArrayPool<byte>.Shared.Rent(layout.ChunkSize);
        try
        {
            StoredContent stored;
            var room = RoomFor(content, layout);
            using (var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, preallocationSize: room))
            {
                stored = await ContentFile.WriteAsync(file, content, layout, leaf.AsMemory(0, layout.ChunkSize), ct);
                if (room > 0 && ContentFile.LengthFor(stored.Size, layout) is var written && written != room)
                    RandomAccess.SetLength(file, written);
                if (options.SyncToDisk)
                    RandomAccess.FlushToDisk(file);
            }
            Publish(path, stored.Cid, sync: true);
            return stored;
        }
        catch
        {
            File.Delete(path);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(leaf);
        }
    }

    /// <inheritdoc/>
    public Task<Stream> OpenAsync(Cid cid, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        SafeFileHandle file;
        try
        {
            file = File.OpenHandle(PathOf(cid), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ContentNotFoundException(cid);
        }
        try
        {
            return Task.FromResult<Stream>(new VerifiedReadStream(file, ContentFile.ReadIndex(file, cid)));
        }
        catch (IOException e) when (e is not ContentCorruptException)
        {
            // It opened: a list of leaves that cannot be read lies on bad sectors, and a new copy heals it.
            file.Dispose();
            throw new ContentCorruptException(cid, $"its list of leaves cannot be read: {e.Message}");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Task<bool> HasAsync(Cid cid, CancellationToken ct) => Task.FromResult(File.Exists(PathOf(cid)));

    /// <inheritdoc/>
    public Task<bool> IsPinnedAsync(Cid cid, CancellationToken ct) => Task.FromResult(File.Exists(PathOf(cid)) && pins.IsPinned(cid));

    /// <inheritdoc/>
    public Task PinAsync(Cid cid, CancellationToken ct)
    {
        lock (gate)
        {
            if (!File.Exists(PathOf(cid)))
                throw new ContentNotFoundException(cid);
            pins.Pin(cid);
        }
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task UnpinAsync(Cid cid, CancellationToken ct)
    {
        lock (gate)
        {
            if (File.Exists(PathOf(cid)))
                pins.Unpin(cid);
        }
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<Cid> ListPinsAsync([EnumeratorCancellation] CancellationToken ct)
    {
        await Task.Yield(); // a folder of many files is no work for the caller's thread before it asks for the first
        foreach (var path in Directory.EnumerateFiles(objects, "*", SearchOption.AllDirectories))
        {
            ct.ThrowIfCancellationRequested();
            if (Cid.TryParse(Path.GetFileName(path), out var cid) && pins.IsPinned(cid))
                yield return cid;
        }
    }

    /// <inheritdoc/>
    public async Task<int> CollectGarbageAsync(TimeSpan grace, CancellationToken ct)
    {
        await collecting.WaitAsync(ct);
        try
        {
            var candidates = pins.Unpinned().Where(cid => IsCollectable(cid, grace)).ToList();
            if (candidates.Count == 0)
                return 0;
            lock (gate)
                appeared = [];
            if (log is not null)
                await log.SettleAsync(ct); // what is removed must not come back from the log
            var removed = 0;
            foreach (var cid in candidates)
            {
                ct.ThrowIfCancellationRequested();
                removed += Remove(cid, grace) ? 1 : 0;
            }
            return removed;
        }
        finally
        {
            lock (gate)
                appeared = null;
            collecting.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        log?.Dispose();
        collecting.Dispose();
        ownership.Dispose();
    }

    private bool IsCollectable(Cid cid, TimeSpan grace)
    {
        lock (gate)
            return pins.IsUnpinnedFor(cid, grace);
    }

    // Under the gate: a writer of the same content publishes wholly before (and takes the mark away) or wholly after. What was
    // stored and unpinned again meanwhile stays for the next collection, which settles the log again.
    private bool Remove(Cid cid, TimeSpan grace)
    {
        lock (gate)
        {
            if (appeared!.Contains(cid) || !pins.IsUnpinnedFor(cid, grace))
                return false;
            var path = PathOf(cid);
            var isThere = File.Exists(path);
            if (isThere)
            {
                File.Delete(path);
                Sync(Path.GetDirectoryName(path)!); // before the mark goes, or the content could come back as a pinned one
            }
            pins.Pin(cid);
            return isThere;
        }
    }

    // One leaf, and not long: synchronised with others in the log, so that its own file need not be.
    private async Task<StoredContent> PutSmallAsync(Stream content, int length, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(length + 1);
        var path = Path.Combine(temporary, Guid.NewGuid().ToString("N"));
        try
        {
            var read = await content.ReadAtLeastAsync(buffer.AsMemory(0, length + 1), length + 1, throwOnEndOfStream: false, ct);
            length = read <= length ? read : throw new IOException("The content is longer than it said.");
            var digest = SHA256.HashData(buffer.AsSpan(0, length));
            var cid = Cid.FromDigest(CidCodec.Raw, digest);
            Write(path, buffer.AsSpan(0, length));
            using (await log!.AppendAsync(digest, buffer.AsMemory(0, length)))
                Publish(path, cid, sync: false);
            return new(cid, length);
        }
        catch
        {
            File.Delete(path);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // What an earlier process left in the log, whatever of its files is there. Afterwards all of it is in files, durably.
    private void Restore()
    {
        var parts = Directory.GetFiles(logFolder);
        if (parts.Length == 0)
            return;
        var digests = new List<ReadOnlyMemory<byte>>();
        foreach (var content in ContentLog.Read(logFolder))
        {
            var digest = SHA256.HashData(content);
            digests.Add(digest);
            var place = PathOf(Cid.FromDigest(CidCodec.Raw, digest));
            if (IsWhole(place, content))
                continue;
            var path = Path.Combine(temporary, Guid.NewGuid().ToString("N"));
            Write(path, content);
            Place(path, place, sync: false); // a mark on it stays: it was made of what was stored then
        }
        SyncFiles(digests);
        foreach (var part in parts)
            File.Delete(part);
        Sync(logFolder);
    }

    // For many of them it is cheaper to ask for all that the disk has not written yet, whoever wrote it.
    private void SyncFiles(List<ReadOnlyMemory<byte>> digests)
    {
        if (digests.Count > MostSyncedOneByOne && FolderSync.TryFlushDisk(objects))
            return;
        var folders = new HashSet<string>(StringComparer.Ordinal) { objects };
        foreach (var digest in digests)
        {
            var path = PathOf(Cid.FromDigest(CidCodec.Raw, digest.Span));
            try
            {
                using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
                RandomAccess.FlushToDisk(file);
                folders.Add(Path.GetDirectoryName(path)!);
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                // Collected since.
            }
        }
        foreach (var folder in folders)
            Sync(folder);
    }

    private static bool IsWhole(string path, byte[] content)
    {
        try
        {
            return File.ReadAllBytes(path).AsSpan().SequenceEqual(content);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    private static void Write(string path, ReadOnlySpan<byte> content)
    {
        using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);
        RandomAccess.Write(file, content, 0);
    }

    private static long? LengthOf(Stream content) => content switch
    {
        ChunkedReadStream chunked => chunked.KnownLength,
        { CanSeek: true } => content.Length - content.Position,
        _ => null,
    };

    // Room that is taken at once is taken cheaper and in one piece, and a disk without it says so before the work is done. For a
    // single leaf it would be one more step for nothing.
    private static long RoomFor(Stream content, ContentLayout layout)
    {
        var length = LengthOf(content);
        return length > layout.ChunkSize ? ContentFile.LengthFor(length.Value, layout) : 0;
    }

    private static FileStream Own(string folder)
    {
        try
        {
            return new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException))
        {
            throw new IOException($"The content store in '{folder}' cannot be opened; is a node or another command using it? ({e.Message})", e);
        }
    }

    private void Publish(string written, Cid cid, bool sync)
    {
        lock (gate)
        {
            Place(written, PathOf(cid), sync);
            pins.Pin(cid);
            appeared?.Add(cid);
        }
        if (sync)
            Sync(Path.GetDirectoryName(PathOf(cid))!);
    }

    private void Place(string written, string path, bool sync)
    {
        var folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            if (sync)
                Sync(objects);
        }
        // Replaces a file that is there already: the same bytes, unless that one has decayed.
        File.Move(written, path, overwrite: true);
    }

    private string PathOf(Cid cid)
    {
        var name = cid.ToString();
        return Path.Combine(objects, name[^3..^1], name); // the last letter has few values; the two before it spread evenly
    }

    private void Sync(string folder)
    {
        if (options.SyncToDisk)
            FolderSync.Flush(folder);
    }
}
