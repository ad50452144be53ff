namespace HealthShare.Vault.Content.Replicas;

/// <summary>The bytes of a content as its verified blocks come in. Read it to its end: only then is it whole.</summary>
internal sealed class LeafStream : Stream
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

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

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

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

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
