namespace HealthShare.Vault.Content;

/// <summary>Encodes UnixFS file nodes: dag-pb's canonical form (links before data) around UnixFS 1 data.</summary>
internal static class DagPb
{
    private const byte FileType = 2;

    public static byte[] EncodeFile(IReadOnlyList<DagLink> links)
    {
        using var node = new MemoryStream(links.Count * 56 + 64);
        foreach (var link in links)
        {
            // PBLink: Hash = 1, Name = 2 (present and empty for parts of a file), Tsize = 3.
            var cid = link.Cid.Bytes;
            var length = 2 + cid.Length + 2 + 1 + VarintLength(link.TotalSize);
            node.WriteByte(0x12); // PBNode.Links = 2
            WriteVarint(node, length);
            node.WriteByte(0x0A);
            WriteVarint(node, cid.Length);
            node.Write(cid);
            node.Write([0x12, 0x00, 0x18]);
            WriteVarint(node, link.TotalSize);
        }

        using var data = new MemoryStream(links.Count * 4 + 16);
        data.Write([0x08, FileType, 0x18]); // Type = 1, filesize = 3
        WriteVarint(data, links.Sum(link => link.FileSize));
        foreach (var link in links)
        {
            data.WriteByte(0x20); // blocksizes = 4, not packed
            WriteVarint(data, link.FileSize);
        }
        node.WriteByte(0x0A); // PBNode.Data = 1
        WriteVarint(node, data.Length);
        data.WriteTo(node);
        return node.ToArray();
    }

    private static int VarintLength(long value) => value == 0 ? 1 : (63 - System.Numerics.BitOperations.LeadingZeroCount((ulong)value)) / 7 + 1;

    private static void WriteVarint(MemoryStream stream, long value)
    {
        for (; value > 0x7F; value >>= 7)
            stream.WriteByte((byte)(value | 0x80));
        stream.WriteByte((byte)value);
    }
}
