using System.Runtime.CompilerServices;

namespace HealthShare.Vault.Content.Replicas;

/// <summary>
/// A store of this node as a replica. For stores that read what they hold themselves and nothing else, such as the embedded one; a
/// daemon that would fetch what it lacks needs a replica of its own kind.
/// </summary>
/// <param name="name">Name for people.</param>
/// <param name="store">The store.</param>
public sealed class StoreReplica(string name, IContentStore store) : IWritableReplica
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public async Task ChallengeAsync(Cid cid, long? size, long position, CancellationToken ct)
    {
        await using var content = await OpenAsync(cid, ct);
        if (size is { } known && content.Length != known)
            throw new ContentCorruptException(cid, $"it has {content.Length} bytes instead of {known}.");
        content.Position = Math.Clamp(position, 0, Math.Max(0, content.Length - 1));
        await ReadAsync(content, cid, new byte[1], ct); // verifies the leaf that holds it, and an empty one, too
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ContentBlock> ReadBlocksAsync(Cid cid, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var content = await OpenAsync(cid, ct);
        if (content is not VerifiedReadStream { Index: var index })
            throw new ReplicaUnavailableException(name, "this kind of store gives no blocks.");
        var (layout, nodes) = index.BuildNodes();
        var leaf = new byte[(int)Math.Min(index.ChunkSize, Math.Max(1, index.Length))];
        var open = new Stack<Cid>([cid]);
        while (open.TryPop(out var current))
        {
            if (!nodes.TryGetValue(current, out var node))
            {
                var read = await ReadAsync(content, cid, leaf, ct);
                yield return new ContentBlock(current, leaf.AsMemory(0, read), layout);
                continue;
            }
            yield return new ContentBlock(current, node, layout);
            foreach (var link in DagNode.Decode(cid, node).Links.Reverse())
                open.Push(link.Cid);
        }
    }

    /// <inheritdoc/>
    public Task<bool> IsPinnedAsync(Cid cid, CancellationToken ct) => store.IsPinnedAsync(cid, ct);

    /// <inheritdoc/>
    public Task<bool> IsPinnedHereAsync(Cid cid, CancellationToken ct) => store.IsPinnedAsync(cid, ct);

    /// <inheritdoc/>
    public IAsyncEnumerable<Cid> ListPinsHereAsync(CancellationToken ct) => store.ListPinsAsync(ct);

    /// <inheritdoc/>
    public async Task<bool> PinAsync(Cid cid, CancellationToken ct)
    {
        await store.PinAsync(cid, ct);
        return true;
    }

    /// <inheritdoc/>
    public Task UnpinAsync(Cid cid, CancellationToken ct) => store.UnpinAsync(cid, ct);

    /// <inheritdoc/>
    public async Task RestoreAsync(Cid cid, IContentReplica source, CancellationToken ct)
    {
        await using var content = await LeafStream.OpenAsync(source, cid, ct);
        // The new copy is written whole and verified by its CID before it takes the bad one's place.
        var stored = await store.PutAsync(content, content.Layout, ct);
        if (stored.Cid.Equals(cid))
            return;
        await store.UnpinAsync(stored.Cid, ct);
        throw new ReplicaUnavailableException(name, $"content {cid} is cut in a way that this store cannot make again.");
    }

    // Held or not is asked first, of the store itself: where stores of several nodes are joined, only the opening goes further.
    private async Task<Stream> OpenAsync(Cid cid, CancellationToken ct)
    {
        try
        {
            return await store.HasAsync(cid, ct) ? await store.OpenAsync(cid, ct) : throw new ContentNotFoundException(cid);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException and not (ContentNotFoundException or ContentCorruptException))
        {
            throw new ReplicaUnavailableException(name, e.Message, e);
        }
    }

    // A file that opens and cannot be read lies on bad sectors: it is as lost as one with wrong bytes, and a new copy heals both.
    private static async Task<int> ReadAsync(Stream content, Cid cid, byte[] buffer, CancellationToken ct)
    {
        try
        {
            return await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, ct);
        }
        catch (IOException e) when (e is not (ContentNotFoundException or ContentCorruptException))
        {
            throw new ContentCorruptException(cid, "it cannot be read from the disk.");
        }
    }
}
