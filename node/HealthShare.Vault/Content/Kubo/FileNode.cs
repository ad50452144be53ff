using HealthShare.Vault.Content.Replicas;

namespace HealthShare.Vault.Content.Kubo;

/// <summary>A node of a file, and where in the file under it each of its parts ends: a byte's part is found at once.</summary>
internal sealed class FileNode
{
    // No file is this long; sums below stay far from overflowing.
    private const long MaxLength = 1L << 50;

    private readonly IReadOnlyList<DagLink> parts;
    private readonly long[] ends;

    private FileNode(IReadOnlyList<DagLink> parts, long[] ends) => (this.parts, this.ends) = (parts, ends);

    /// <summary>Bytes of the file under this node.</summary>
    public long Length => ends[^1];

    /// <summary>Number of its parts.</summary>
    public int Count => parts.Count;

    /// <summary>Reads a node whose bytes are verified already.</summary>
    /// <exception cref="ContentCorruptException">It is none that this project writes, or a part of it is empty or too long.</exception>
    public static FileNode Decode(Cid cid, ReadOnlySpan<byte> block)
    {
        var links = DagNode.Decode(cid, block).Links;
        var ends = new long[links.Count];
        long end = 0;
        for (var i = 0; i < ends.Length; i++)
        {
            var size = links[i].FileSize;
            if (size is <= 0 or > MaxLength || (end += size) > MaxLength)
                throw new ContentCorruptException(cid, "a part of it is empty or too long.");
            ends[i] = end;
        }
        return new(links, ends);
    }

    /// <summary>Finds the part that holds a byte, which must be under this node.</summary>
    /// <returns>The part, its first byte's place under this node, and its length.</returns>
    public (Cid Cid, long Start, long Length) PartAt(long position)
    {
        var found = Array.BinarySearch(ends, position + 1); // the first end beyond the position
        var part = found < 0 ? ~found : found;
        return (parts[part].Cid, ends[part] - parts[part].FileSize, parts[part].FileSize);
    }
}
