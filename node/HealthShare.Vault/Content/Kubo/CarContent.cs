using System.Buffers;
using System.Net;
using System.Security.Cryptography;
using HealthShare.Vault.Content.Ipfs;

namespace HealthShare.Vault.Content.Kubo;

/// <summary>
/// Cuts content into blocks while it is sent, as one CAR without a root: the root is known at the end only. Memory is one leaf's
/// and the tree's. Can be sent once.
/// </summary>
internal sealed class CarContent(Stream source, ContentLayout layout, StallClock clock, TimeSpan patienceAtEnd) : HttpContent
{
    private readonly List<(Cid Cid, byte[] Block)> nodes = [];

    /// <summary>True once bytes were taken from the source, which can be read only once.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>The content's CID and length, once all of it was sent.</summary>
    public StoredContent? Stored { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(layout.ChunkSize);
        try
        {
            Stored = await WriteAsync(stream, buffer.AsMemory(0, layout.ChunkSize), cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        // The daemon now syncs, visits every block and pins.
        clock.Wind(patienceAtEnd);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    private async Task<StoredContent> WriteAsync(Stream stream, Memory<byte> leaf, CancellationToken ct)
    {
        var tree = new UnixFsTree(layout.MaxLinks, (cid, node) => nodes.Add((cid, node)));
        await stream.WriteAsync(CarFormat.Header, ct);
        long size = 0;
        for (var more = true; more;)
        {
            var read = await ReadAsync(leaf, ct);
            more = read == leaf.Length;
            if (read == 0 && size > 0)
                break;
            var cid = Cid.FromDigest(CidCodec.Raw, SHA256.HashData(leaf.Span[..read]));
            tree.Add(cid.Digest, read);
            await SendAsync(stream, cid, leaf[..read], ct);
            size += read;
        }
        var root = tree.Finish();
        await SendNodesAsync(stream, ct);
        return new(root, size);
    }

    private async Task<int> ReadAsync(Memory<byte> leaf, CancellationToken ct)
    {
        clock.Pause();
        HasBegun = true;
        try
        {
            return await source.ReadAtLeastAsync(leaf, leaf.Length, throwOnEndOfStream: false, ct);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new ContentSourceException(e);
        }
        finally
        {
            clock.Wind();
        }
    }

    private async Task SendAsync(Stream stream, Cid cid, ReadOnlyMemory<byte> block, CancellationToken ct)
    {
        await SendNodesAsync(stream, ct);
        await stream.WriteAsync(CarFormat.Prefix(cid, block.Length), ct);
        await stream.WriteAsync(block, ct);
        clock.Wind();
    }

    private async Task SendNodesAsync(Stream stream, CancellationToken ct)
    {
        foreach (var (cid, node) in nodes)
        {
            await stream.WriteAsync(CarFormat.Prefix(cid, node.Length), ct);
            await stream.WriteAsync(node, ct);
        }
        nodes.Clear();
    }
}

/// <summary>A CAR that holds nothing but its header: it tells the daemon the root of the CAR before it.</summary>
internal sealed class CarRootContent(Func<Cid> root) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        stream.WriteAsync(CarFormat.HeaderOf(root()), cancellationToken).AsTask();

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}

/// <summary>What was to be stored could not be read; carries its reader's own failure past the HTTP client.</summary>
internal sealed class ContentSourceException(Exception inner) : Exception(inner.Message, inner);
