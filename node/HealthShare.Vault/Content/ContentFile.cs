using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace HealthShare.Vault.Content;

/// <summary>
/// The file behind one CID. A content of one leaf is the bare bytes. A longer one is followed by its leaves' digests (32 bytes
/// each) and a footer: 8 bytes content length, 4 bytes chunk size, 4 bytes links per node, 8 bytes magic, big-endian. From these
/// the root is built again, so that each leaf can be verified on its own before it is given out.
/// </summary>
internal static class ContentFile
{
    private const int DigestSize = 32;
    private const int FooterSize = 24;

    private static ReadOnlySpan<byte> Magic => "HSLEAVES"u8;

    /// <summary>Bytes of the file that <see cref="WriteAsync"/> makes of content of a length.</summary>
    public static long LengthFor(long content, ContentLayout layout) => content <= layout.ChunkSize
        ? content
        : content + Leaves(content, layout.ChunkSize) * DigestSize + FooterSize;

    /// <summary>Streams content into a file and returns its CID; each byte is hashed once.</summary>
    public static async Task<StoredContent> WriteAsync(SafeFileHandle file, Stream content, ContentLayout layout, Memory<byte> leaf,
        CancellationToken ct)
    {
        var tree = new UnixFsTree(layout.MaxLinks);
        using var digests = new MemoryStream();
        long size = 0;
        while (true)
        {
            var read = await content.ReadAtLeastAsync(leaf, leaf.Length, throwOnEndOfStream: false, ct);
            if (read == 0 && size > 0)
                break;
            var digest = System.Security.Cryptography.SHA256.HashData(leaf.Span[..read]);
            tree.Add(digest, read);
            digests.Write(digest);
            // Synchronous: it goes to the page cache, and the thread pool's queue costs more than the copy.
            RandomAccess.Write(file, leaf.Span[..read], size);
            size += read;
            if (read < leaf.Length)
                break;
        }
        if (digests.Length > DigestSize)
        {
            var footer = new byte[FooterSize];
            BinaryPrimitives.WriteInt64BigEndian(footer, size);
            BinaryPrimitives.WriteInt32BigEndian(footer.AsSpan(8), layout.ChunkSize);
            BinaryPrimitives.WriteInt32BigEndian(footer.AsSpan(12), layout.MaxLinks);
            Magic.CopyTo(footer.AsSpan(16));
            digests.Write(footer);
            RandomAccess.Write(file, digests.GetBuffer().AsSpan(0, (int)digests.Length), size);
        }
        return new(tree.Finish(), size);
    }

    /// <summary>Reads the index of a file's leaves and checks that it gives the CID.</summary>
    /// <exception cref="ContentCorruptException">It does not.</exception>
    public static ContentIndex ReadIndex(SafeFileHandle file, Cid cid)
    {
        var total = RandomAccess.GetLength(file);
        if (cid.Codec is CidCodec.Raw)
        {
            return total <= ContentLayout.MaxChunkSize
                ? new(cid, total, Math.Max(1, (int)total), ContentLayout.Default.MaxLinks, cid.Digest.ToArray())
                : throw new ContentCorruptException(cid, "a single leaf is longer than any leaf may be.");
        }
        Span<byte> footer = stackalloc byte[FooterSize];
        if (total < FooterSize || RandomAccess.Read(file, footer, total - FooterSize) != FooterSize || !footer[16..].SequenceEqual(Magic))
            throw new ContentCorruptException(cid, "its footer is missing.");
        var length = BinaryPrimitives.ReadInt64BigEndian(footer);
        var layout = new ContentLayout(BinaryPrimitives.ReadInt32BigEndian(footer[8..]), BinaryPrimitives.ReadInt32BigEndian(footer[12..]));
        // Checked before anything is allocated by it: the number of leaves follows from the file's real length.
        if (!layout.IsValid || length <= layout.ChunkSize || length > total
            || total - FooterSize - length != Leaves(length, layout.ChunkSize) * DigestSize)
            throw new ContentCorruptException(cid, "its footer does not fit its length.");

        var digests = new byte[total - FooterSize - length];
        if (RandomAccess.Read(file, digests, length) != digests.Length)
            throw new ContentCorruptException(cid, "its list of leaves is cut.");
        var tree = new UnixFsTree(layout.MaxLinks);
        for (long at = 0, leaf = 0; at < length; at += layout.ChunkSize, leaf++)
            tree.Add(digests.AsSpan((int)leaf * DigestSize, DigestSize), (int)Math.Min(layout.ChunkSize, length - at));
        return tree.Finish().Equals(cid)
            ? new(cid, length, layout.ChunkSize, layout.MaxLinks, digests)
            : throw new ContentCorruptException(cid, "its list of leaves does not hash to it.");
    }

    private static long Leaves(long length, int chunkSize) => (length + chunkSize - 1) / chunkSize;
}

/// <summary>Where the leaves of a content are and what they hash to; the digests are already proven by the CID.</summary>
internal sealed record ContentIndex(Cid Cid, long Length, int ChunkSize, int MaxLinks, byte[] Digests)
{
    /// <summary>How the content is cut, and the nodes above its leaves; a single leaf has none.</summary>
    public (ContentLayout Layout, IReadOnlyDictionary<Cid, byte[]> Nodes) BuildNodes()
    {
        var nodes = new Dictionary<Cid, byte[]>();
        var tree = new UnixFsTree(MaxLinks, (cid, node) => nodes[cid] = node);
        for (long at = 0, leaf = 0; at < Length || leaf == 0; at += ChunkSize, leaf++)
            tree.Add(DigestOf(leaf), (int)Math.Min(ChunkSize, Length - at));
        tree.Finish();
        return (new(Math.Max(1024, ChunkSize), MaxLinks), nodes);
    }

    public ReadOnlySpan<byte> DigestOf(long leaf) => Digests.AsSpan((int)leaf * 32, 32);
}
