using System.Buffers.Binary;
using System.Numerics;

namespace HealthShare.Fabric.Protocol.Ledger;

/// <summary>
/// A frame of a block file, all numbers little-endian: length of the block (4 bytes), its number (8), CRC-32C of the block (4),
/// CRC-32C of the 16 bytes before (4), the serialized block. With its own checksum the head can be trusted when it says that
/// the file ends too early.
/// </summary>
internal readonly record struct BlockFrame(int Length, ulong Number, uint Checksum)
{
    public const int HeadSize = 20;

    /// <summary>Writes the head of a frame whose block stands behind it already.</summary>
    public static void EncodeHead(Span<byte> frame, ulong number)
    {
        var block = frame[HeadSize..];
        BinaryPrimitives.WriteInt32LittleEndian(frame, block.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(frame[4..], number);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[12..], Crc32C(block));
        BinaryPrimitives.WriteUInt32LittleEndian(frame[16..], Crc32C(frame[..16]));
    }

    /// <summary>Reads a head of <see cref="HeadSize"/> bytes; null when it fails its checksum.</summary>
    public static BlockFrame? DecodeHead(ReadOnlySpan<byte> head)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(head[16..]) != Crc32C(head[..16]))
            return null;
        var length = BinaryPrimitives.ReadInt32LittleEndian(head);
        return length < 0 ? null : new BlockFrame(
            length, BinaryPrimitives.ReadUInt64LittleEndian(head[4..]), BinaryPrimitives.ReadUInt32LittleEndian(head[12..]));
    }

    public bool Matches(ReadOnlySpan<byte> block) => Crc32C(block) == Checksum;

    private static uint Crc32C(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        for (; data.Length >= 8; data = data[8..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
        foreach (var b in data)
            crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
