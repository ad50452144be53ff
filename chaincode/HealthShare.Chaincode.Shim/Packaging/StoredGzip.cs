using System.Buffers.Binary;

namespace HealthShare.Chaincode.Shim.Packaging;

/// <summary>
/// The gzip format (RFC 1952) with stored blocks (RFC 1951, 3.2.4). A compressor's output changes with its version and the
/// processor it runs on; a package id must not.
/// </summary>
internal static class StoredGzip
{
    private const int MaxBlock = ushort.MaxValue;
    private static readonly byte[] Header = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]; // deflate, no name, no time, unknown system

    public static byte[] Pack(ReadOnlySpan<byte> content)
    {
        using var output = new MemoryStream();
        output.Write(Header);
        Span<byte> eight = stackalloc byte[8];
        for (var rest = content; ;)
        {
            var block = rest[..Math.Min(rest.Length, MaxBlock)];
            rest = rest[block.Length..];
            output.WriteByte(rest.IsEmpty ? (byte)1 : (byte)0);
            BinaryPrimitives.WriteUInt16LittleEndian(eight, (ushort)block.Length);
            BinaryPrimitives.WriteUInt16LittleEndian(eight[2..], (ushort)~block.Length);
            output.Write(eight[..4]);
            output.Write(block);
            if (rest.IsEmpty)
                break;
        }
        BinaryPrimitives.WriteUInt32LittleEndian(eight, Crc32(content));
        BinaryPrimitives.WriteUInt32LittleEndian(eight[4..], (uint)content.Length);
        output.Write(eight);
        return output.ToArray();
    }

    private static uint Crc32(ReadOnlySpan<byte> content)
    {
        var crc = uint.MaxValue;
        foreach (var value in content)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
        }
        return ~crc;
    }
}
