namespace HealthShare.Vault.Content.Replicas;

/// <summary>The bytes of a content as its verified blocks come in. Read it to its end: only then is it whole.</summary>
internal sealed class LeafStream : ForwardReadStream
{
    private readonly IAsyncEnumerator<ContentBlock> blocks;
    private ReadOnlyMemory<byte> rest;
    private bool ended;

    private LeafStream(IAsyncEnumerator<ContentBlock> blocks) => this.blocks = blocks;

    /// <summary>How the content is cut.</summary>
    public ContentLayout Layout { get; private set; } = ContentLayout.Default;

    /// <summary>Reads up to the first leaf, so that the layout is known.</summary>
    public static async Task<LeafStream> OpenAsync(IContentReplica replica, Cid cid, CancellationToken ct)
    {
        var stream = new LeafStream(replica.ReadBlocksAsync(cid, ct).GetAsyncEnumerator(ct));
        try
        {
            await stream.NextAsync();
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (rest.IsEmpty && !ended)
            await NextAsync();
        var count = Math.Min(buffer.Length, rest.Length);
        rest[..count].CopyTo(buffer);
        rest = rest[count..];
        return count;
    }

    public override async ValueTask DisposeAsync()
    {
        await blocks.DisposeAsync();
        await base.DisposeAsync();
    }

    // To the next leaf; a leaf may be empty, which only a content of no bytes has.
    private async Task NextAsync()
    {
        while (await blocks.MoveNextAsync())
        {
            if (!blocks.Current.IsLeaf)
                continue;
            (rest, Layout) = (blocks.Current.Bytes, blocks.Current.Layout);
            return;
        }
        ended = true;
    }
}
