using System.Runtime.CompilerServices;

namespace HealthShare.Vault.Content.Replicas;

/// <summary>Walks a content from its CID down, verifying every block before it is used. Memory: the nodes on the way, and one leaf.</summary>
internal static class VerifiedBlocks
{
    // 2^40 bytes in leaves of 1 KiB under nodes of two links; deeper is an attack, not a record.
    private const int MaxDepth = 32;

    /// <summary>Reads the way to the leaf at a position, and the leaf.</summary>
    /// <inheritdoc cref="IContentReplica.ChallengeAsync"/>
    public static async Task ChallengeAsync(IBlockSource source, Cid cid, long? size, long position, CancellationToken ct)
    {
        var (current, expected) = (cid, size);
        for (var depth = 0; depth <= MaxDepth; depth++)
        {
            var block = await ReadAsync(source, cid, current, ct);
            if (current.Codec is CidCodec.Raw)
            {
                RequireLength(cid, block.Length, expected);
                return;
            }
            var node = DagNode.Decode(cid, block.Span);
            RequireLength(cid, node.FileSize, expected);
            var next = LinkAt(node, Math.Min(position, node.FileSize - 1), out var before);
            (current, expected, position) = (next.Cid, next.FileSize, position - before);
        }
        throw TooDeep(cid);
    }

    /// <inheritdoc cref="IContentReplica.ReadBlocksAsync"/>
    public static async IAsyncEnumerable<ContentBlock> ReadAsync(IBlockSource source, Cid cid, [EnumeratorCancellation] CancellationToken ct)
    {
        var open = new Stack<Frame>();
        var layout = ContentLayout.Default;
        for (var (current, expected) = (cid, (long?)null); ;)
        {
            var block = await ReadAsync(source, cid, current, ct);
            if (current.Codec is CidCodec.Raw)
            {
                RequireLength(cid, block.Length, expected);
                if (open.Count == 0)
                    layout = LayoutOf(cid, block.Length, layout.MaxLinks);
            }
            else
            {
                var node = DagNode.Decode(cid, block.Span);
                RequireLength(cid, node.FileSize, expected);
                if (open.Count == MaxDepth)
                    throw TooDeep(cid);
                // On the way down to the first leaf: the lowest node shows how many links a full one has, its first part how long a
                // leaf is. Where there is one node only it need not be full, and any number of links from its own on is right.
                if (open.All(frame => frame.Next == 1))
                    layout = LayoutOf(cid, node.Links[0] is { Cid.Codec: CidCodec.Raw } leaf ? leaf.FileSize : layout.ChunkSize, node.Links.Count);
                open.Push(new Frame(node));
            }
            yield return new ContentBlock(current, block, layout);

            while (open.Count > 0 && open.Peek().IsDone)
                open.Pop();
            if (open.Count == 0)
                yield break;
            var next = open.Peek().Take();
            (current, expected) = (next.Cid, next.FileSize);
        }
    }

    private static ContentLayout LayoutOf(Cid cid, long leaf, int links)
    {
        // A single leaf, or a single node, is right under any layout that has room for it.
        var layout = new ContentLayout((int)Math.Clamp(leaf, 1024, int.MaxValue), Math.Max(2, links));
        return layout.IsValid ? layout : throw new ContentCorruptException(cid, "it is cut in a way that no record is.");
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(IBlockSource source, Cid content, Cid cid, CancellationToken ct)
    {
        var block = await source.ReadBlockAsync(cid, ct);
        return block.Length <= IBlockSource.MaxBlock && cid.Matches(block.Span)
            ? block
            : throw new ContentCorruptException(content, $"block {cid} does not hash to its id.");
    }

    private static DagLink LinkAt(DagNode node, long position, out long before)
    {
        before = 0;
        foreach (var link in node.Links)
        {
            if (position < before + link.FileSize)
                return link;
            before += link.FileSize;
        }
        before -= node.Links[^1].FileSize;
        return node.Links[^1];
    }

    private static void RequireLength(Cid cid, long length, long? expected)
    {
        if (expected is { } known && known != length)
            throw new ContentCorruptException(cid, $"it, or a part of it, has {length} bytes instead of {known}.");
    }

    private static ContentCorruptException TooDeep(Cid cid) => new(cid, "its nodes are nested too deep.");

    private sealed class Frame(DagNode node)
    {
        public int Next { get; private set; }

        public bool IsDone => Next == node.Links.Count;

        public DagLink Take() => node.Links[Next++];
    }
}
