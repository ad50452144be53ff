using System.Security.Cryptography;

namespace HealthShare.Vault.Content;

/// <summary>
/// Builds the root CID of a UnixFS file from its leaves, in order: raw leaves, balanced layout. Memory grows with the depth of
/// the tree only.
/// </summary>
/// <param name="maxLinks">Links in a node.</param>
/// <param name="onNode">Told of each node as it is made, children before parents.</param>
internal sealed class UnixFsTree(int maxLinks, Action<Cid, byte[]>? onNode = null)
{
    private readonly List<List<DagLink>> levels = [[]];

    /// <summary>Adds the next leaf.</summary>
    public void Add(ReadOnlySpan<byte> digest, int length) => Add(0, new(Cid.FromDigest(CidCodec.Raw, digest), length, length));

    /// <summary>The root; for a single leaf, the leaf itself. Call it once, after at least one leaf.</summary>
    public Cid Finish()
    {
        for (var level = 0; ; level++)
        {
            var links = levels[level];
            if (level == levels.Count - 1 && links.Count == 1)
                return links[0].Cid;
            if (links.Count > 0)
                Close(level);
        }
    }

    private void Add(int level, DagLink link)
    {
        if (level == levels.Count)
            levels.Add([]);
        levels[level].Add(link);
        if (levels[level].Count == maxLinks)
            Close(level);
    }

    private void Close(int level)
    {
        var links = levels[level];
        var node = DagPb.EncodeFile(links);
        var parent = new DagLink(Cid.FromDigest(CidCodec.DagPb, SHA256.HashData(node)), links.Sum(link => link.FileSize),
            node.Length + links.Sum(link => link.TotalSize));
        onNode?.Invoke(parent.Cid, node);
        links.Clear();
        Add(level + 1, parent);
    }
}

/// <summary>A part of a file.</summary>
/// <param name="Cid">The part's block.</param>
/// <param name="FileSize">Bytes of the file under it.</param>
/// <param name="TotalSize">Bytes of all blocks under it, its own included (dag-pb's Tsize).</param>
internal readonly record struct DagLink(Cid Cid, long FileSize, long TotalSize);
