using System.Runtime.CompilerServices;
using HealthShare.Vault.Content.Ipfs;

namespace HealthShare.Vault.Content.Kubo;

/// <summary>A content store at an IPFS daemon in a private swarm. CIDs equal the embedded store's, whatever the daemon's settings.</summary>
/// <remarks>
/// What is read may come from another peer of the swarm: it is verified here, block by block. Durable is what the daemon calls so:
/// Kubo syncs to disk before it has pinned, and each block with <c>sync: true</c> in its <c>Datastore.Spec</c>. Besides the exceptions of
/// <see cref="IContentStore"/>, every call fails with <see cref="IpfsException"/> while the daemon is away. Thread-safe.
/// </remarks>
public sealed class KuboContentStore : IContentStore, IDisposable
{
    private readonly KuboContentStoreOptions options;
    private readonly UnpinMarks marks;

    private KuboContentStore(KuboContentStoreOptions options, TimeProvider time)
    {
        this.options = options;
        marks = new UnpinMarks(options.Folder, time);
        Rpc = new KuboRpcClient(options.Rpc, time);
    }

    /// <summary>The daemon itself, for what a store does not offer; it lives as long as the store.</summary>
    public KuboRpcClient Rpc { get; }

    /// <summary>Makes the store; nothing is sent yet.</summary>
    /// <exception cref="ArgumentException">The layout is out of range, or the address is not usable.</exception>
    /// <exception cref="IOException">The folder or the file of trusted authorities cannot be used.</exception>
    public static KuboContentStore Open(KuboContentStoreOptions options, TimeProvider? time = null) => options.Layout.IsValid
        ? new(options, time ?? TimeProvider.System)
        : throw new ArgumentException("A chunk is 1 KiB to 2,096,896 bytes; a node has 2 to 8,192 links.", nameof(options));

    /// <inheritdoc/>
    public Task<StoredContent> PutAsync(Stream content, CancellationToken ct) => PutAsync(content, options.Layout, ct);

    /// <inheritdoc/>
    public async Task<StoredContent> PutAsync(Stream content, ContentLayout layout, CancellationToken ct)
    {
        if (!layout.IsValid)
            throw new ArgumentException("A chunk is 1 KiB to 2,096,896 bytes; a node has 2 to 8,192 links.", nameof(layout));
        var releases = marks.Releases;
        var stored = await Rpc.ImportAsync(content, layout, pin: true, ct);
        // The same content may have been unpinned before, and may be let go at this very moment.
        if (!marks.IsPinned(stored.Cid) || marks.Releases != releases)
            await PinAsync(stored.Cid, ct);
        return stored;
    }

    /// <inheritdoc/>
    public async Task<Stream> OpenAsync(Cid cid, CancellationToken ct) => await KuboReadStream.OpenAsync(Rpc, cid, ct);

    /// <inheritdoc/>
    /// <remarks>Asks for the first block only; <see cref="IsPinnedAsync"/> speaks for all of them.</remarks>
    public async Task<bool> HasAsync(Cid cid, CancellationToken ct)
    {
        try
        {
            await Rpc.GetBlockSizeAsync(cid, localOnly: true, ct);
            return true;
        }
        catch (ContentNotFoundException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public async Task<bool> IsPinnedAsync(Cid cid, CancellationToken ct) => marks.IsPinned(cid) && await Rpc.IsPinnedAsync(cid, ct);

    /// <inheritdoc/>
    /// <remarks>The daemon fetches from its peers what it lacks.</remarks>
    public async Task PinAsync(Cid cid, CancellationToken ct)
    {
        // In this order: whoever lets go does so under the mark, before it is removed.
        await marks.RemoveAsync(cid, ct);
        await Rpc.PinAsync(cid, ct);
    }

    /// <inheritdoc/>
    public Task UnpinAsync(Cid cid, CancellationToken ct) => marks.AddAsync(cid, ct);

    /// <inheritdoc/>
    public async IAsyncEnumerable<Cid> ListPinsAsync([EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var cid in Rpc.ListPinsAsync(ct))
        {
            if (marks.IsPinned(cid))
                yield return cid;
        }
    }

    /// <inheritdoc/>
    /// <remarks>The daemon also removes blocks that never were pinned, such as those of an upload that broke off. It writes nothing meanwhile.</remarks>
    public async Task<int> CollectGarbageAsync(TimeSpan grace, CancellationToken ct)
    {
        var released = await marks.ReleaseAsync(grace, Rpc.UnpinAsync, ct);
        if (options.CollectsGarbage)
            await Rpc.CollectGarbageAsync(ct);
        return released;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Rpc.Dispose();
        marks.Dispose();
    }
}
