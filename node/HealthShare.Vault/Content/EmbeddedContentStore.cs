using System.Buffers;
using System.Runtime.CompilerServices;
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
    private const string LayoutRange = "A chunk is 1 KiB to 2,096,896 bytes; a node has 2 to 8,192 links.";
    private readonly EmbeddedContentStoreOptions options;
    private readonly PinTable pins;
    private readonly string objects;
    private readonly string temporary;
    private readonly FileStream ownership;
    // Renames, marks and removals, which are short; content is streamed outside of it.
    private readonly Lock gate = new();

    private EmbeddedContentStore(EmbeddedContentStoreOptions options, TimeProvider time)
    {
        this.options = options;
        objects = Path.Combine(options.Folder, "objects");
        temporary = Path.Combine(options.Folder, "tmp");
        Directory.CreateDirectory(options.Folder);
        ownership = Own(options.Folder);
        try
        {
            Directory.CreateDirectory(objects);
            Directory.CreateDirectory(temporary);
            pins = new PinTable(Path.Combine(options.Folder, "unpinned"), options.SyncToDisk, time);
            foreach (var leftover in Directory.EnumerateFiles(temporary))
                File.Delete(leftover);
            Sync(options.Folder);
            Sync(Path.GetDirectoryName(Path.GetFullPath(options.Folder))!);
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
            Publish(path, stored.Cid);
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
    public Task<int> CollectGarbageAsync(TimeSpan grace, CancellationToken ct)
    {
        var removed = 0;
        foreach (var cid in pins.Unpinned())
        {
            ct.ThrowIfCancellationRequested();
            // Under the gate: a writer of the same content publishes wholly before (and takes the mark away) or wholly after.
            lock (gate)
            {
                if (!pins.IsUnpinnedFor(cid, grace))
                    continue;
                var path = PathOf(cid);
                if (File.Exists(path))
                {
                    File.Delete(path);
                    Sync(Path.GetDirectoryName(path)!); // before the mark goes, or the content could come back as a pinned one
                    removed++;
                }
                pins.Pin(cid);
            }
        }
        return Task.FromResult(removed);
    }

    /// <inheritdoc/>
    public void Dispose() => ownership.Dispose();

    // Room that is taken at once is taken cheaper and in one piece, and a disk without it says so before the work is done. For a
    // single leaf it would be one more step for nothing.
    private static long RoomFor(Stream content, ContentLayout layout)
    {
        var length = content switch
        {
            ChunkedReadStream chunked => chunked.KnownLength,
            { CanSeek: true } => content.Length - content.Position,
            _ => null,
        };
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

    private void Publish(string written, Cid cid)
    {
        var path = PathOf(cid);
        var folder = Path.GetDirectoryName(path)!;
        lock (gate)
        {
            if (!Directory.Exists(folder))
            {
                Directory.CreateDirectory(folder);
                Sync(objects);
            }
            // Replaces a file that is there already: the same bytes, unless that one has decayed.
            File.Move(written, path, overwrite: true);
            pins.Pin(cid);
        }
        Sync(folder);
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
