namespace HealthShare.Vault.Content.Kubo;

/// <summary>CAR version 1: a header of DAG-CBOR with the roots, then blocks, each behind its length and CID.</summary>
internal static class CarFormat
{
    /// <summary>A header that names no root.</summary>
    public static ReadOnlyMemory<byte> Header { get; } = Frame([0xA2, .. "eroots"u8, 0x80, .. "gversion"u8, 1]);

    /// <summary>A header that names one root: as CBOR tag 42 with the CID behind a zero byte.</summary>
    public static ReadOnlyMemory<byte> HeaderOf(Cid root) =>
        Frame([0xA2, .. "eroots"u8, 0x81, 0xD8, 0x2A, 0x58, (byte)(Cid.Size + 1), 0, .. root.Bytes, .. "gversion"u8, 1]);

    /// <summary>What stands before a block: the length of CID and block, and the CID.</summary>
    public static ReadOnlyMemory<byte> Prefix(Cid cid, int blockLength) => (byte[])[.. Varint(Cid.Size + blockLength), .. cid.Bytes];

    private static byte[] Frame(ReadOnlySpan<byte> bytes) => [.. Varint(bytes.Length), .. bytes];

    private static byte[] Varint(int value)
    {
        var bytes = new List<byte>(5);
        for (; value > 0x7F; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }
}
