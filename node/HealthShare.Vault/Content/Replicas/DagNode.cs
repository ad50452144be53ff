namespace HealthShare.Vault.Content.Replicas;

/// <summary>A dag-pb node of a UnixFS file, as <see cref="DagPb"/> writes it. Anything else is refused: no record is made of it.</summary>
/// <param name="Links">Its parts, in order.</param>
/// <param name="FileSize">Bytes of the file under it.</param>
internal sealed record DagNode(IReadOnlyList<DagLink> Links, long FileSize)
{
    // What one link takes at the least: key, length, and a PBLink with a CID of 36 bytes, an empty name and a size.
    private const int LeastLink = 2 + 2 + 36 + 2 + 2;

    /// <summary>Reads a node whose bytes are verified already.</summary>
    /// <exception cref="ContentCorruptException">It is no node of a UnixFS file in the canonical form.</exception>
    public static DagNode Decode(Cid cid, ReadOnlySpan<byte> block)
    {
        var hashes = new List<(Cid Cid, long TotalSize)>(block.Length / LeastLink);
        var at = 0;
        while (at < block.Length && block[at] == 0x12) // PBNode.Links = 2
        {
            at++;
            hashes.Add(DecodeLink(cid, Take(cid, block, ref at)));
        }
        if (at >= block.Length || block[at++] != 0x0A) // PBNode.Data = 1
            throw Malformed(cid);
        var data = Take(cid, block, ref at);
        if (at != block.Length || hashes.Count == 0 || data is not [0x08, 0x02, 0x18, ..])
            throw Malformed(cid);

        var within = 3;
        var fileSize = Varint(cid, data, ref within);
        var links = new List<DagLink>(hashes.Count);
        long sum = 0;
        foreach (var (child, total) in hashes)
        {
            if (within >= data.Length || data[within++] != 0x20) // blocksizes = 4
                throw Malformed(cid);
            var size = Varint(cid, data, ref within);
            if (size > total || (sum += size) < 0)
                throw Malformed(cid);
            links.Add(new DagLink(child, size, total));
        }
        return within == data.Length && sum == fileSize && fileSize > 0 ? new(links, fileSize) : throw Malformed(cid);
    }

    private static (Cid Cid, long TotalSize) DecodeLink(Cid cid, ReadOnlySpan<byte> link)
    {
        // Hash = 1 with 36 bytes: version 1, codec, SHA-256, 32 bytes; Name = 2, empty; Tsize = 3.
        if (link.Length < LeastLink - 2 || link is not [0x0A, 36, 1, (byte)CidCodec.Raw or (byte)CidCodec.DagPb, 0x12, 32, ..]
            || !link[38..41].SequenceEqual((ReadOnlySpan<byte>)[0x12, 0x00, 0x18]))
            throw Malformed(cid);
        var at = 41;
        var total = Varint(cid, link, ref at);
        return at == link.Length ? (Cid.FromDigest((CidCodec)link[3], link[6..38]), total) : throw Malformed(cid);
    }

    private static ReadOnlySpan<byte> Take(Cid cid, ReadOnlySpan<byte> from, ref int at)
    {
        var length = Varint(cid, from, ref at);
        if (length > from.Length - at)
            throw Malformed(cid);
        at += (int)length;
        return from.Slice(at - (int)length, (int)length);
    }

    private static long Varint(Cid cid, ReadOnlySpan<byte> from, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; shift < 63; shift += 7)
        {
            if (at >= from.Length)
                throw Malformed(cid);
            var part = from[at++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return part > 0 || shift == 0 ? (long)value : throw Malformed(cid); // the shortest form only
        }
        throw Malformed(cid);
    }

    private static ContentCorruptException Malformed(Cid cid) => new(cid, "a node of it is none of a file of IPFS in canonical form.");
}
