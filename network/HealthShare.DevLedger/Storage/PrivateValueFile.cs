using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using Google.Protobuf;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger.RwSet;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.DevLedger.Storage;

/// <summary>
/// Private values by block, which the blocks themselves hold as hashes only. Append-only frames: length of the record (4 bytes,
/// little-endian), block number (8), CRC-32C of these (4), SHA-256 of the record (32), the record. A frame is on the disk before its block is.
/// </summary>
internal sealed class PrivateValueFile : IDisposable
{
    private const int HeadSize = 48;
    private readonly Dictionary<ulong, (long Offset, int Length)> records = [];
    private readonly Stream file;
    private readonly Lock gate = new();
    private long end;

    /// <summary>Opens the file, cuts an incomplete last frame and a last frame whose block was never written.</summary>
    /// <param name="file">Stream over the file, readable, writable and seekable; owned by this object.</param>
    /// <param name="height">Number of blocks that exist.</param>
    /// <exception cref="LedgerCorruptException">The file holds anything else that is not right.</exception>
    public PrivateValueFile(Stream file, ulong height)
    {
        this.file = file;
        Span<byte> head = stackalloc byte[HeadSize];
        ulong? previous = null;
        while (file.Length - end >= HeadSize)
        {
            file.Position = end;
            file.ReadExactly(head);
            var length = BinaryPrimitives.ReadInt32LittleEndian(head);
            var number = BinaryPrimitives.ReadUInt64LittleEndian(head[4..]);
            if (BinaryPrimitives.ReadUInt32LittleEndian(head[12..]) != Checksum(head[..12]) || length < 0)
            {
                // A file system may have grown the file without having written the frame: then zeros follow to its end.
                if (IsZeroFrom(end))
                    break;
                throw Corrupt("a frame's head fails its checksum");
            }
            if (number <= previous || number > height)
                throw Corrupt($"a frame is of block {number}, out of order");
            if (file.Length - end - HeadSize < length)
                break;
            if (number == height)
            {
                if (file.Length > end + HeadSize + length)
                    throw Corrupt($"frames follow the values of block {number}, which was never written");
                break;
            }
            records.Add(number, (end, length));
            previous = number;
            end += HeadSize + length;
        }
        BytesCut = file.Length - end;
        file.SetLength(end);
    }

    /// <summary>Bytes that were cut off when the file was opened; 0 after a clean end.</summary>
    public long BytesCut { get; }

    public static PrivateValueFile Open(string path, ulong height)
    {
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        FolderSync.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!); // the file may have been made just now
        return new PrivateValueFile(file, height);
    }

    /// <summary>Appends the values of a block, by position of the transaction, and forces them to the disk.</summary>
    /// <exception cref="IOException">The disk is full or failing; <see cref="CutFrom"/> removes what was written.</exception>
    public void Append(ulong number, IReadOnlyDictionary<int, TxPvtReadWriteSet> values)
    {
        var record = new BlockAndPrivateData { Block = new Block { Header = new BlockHeader { Number = number } } };
        foreach (var (transaction, set) in values)
            record.PrivateDataMap.Add((ulong)transaction, set);
        var bytes = record.ToByteArray();
        var frame = new byte[HeadSize + bytes.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, bytes.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(frame.AsSpan(4), number);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(12), Checksum(frame.AsSpan(0, 12)));
        SHA256.HashData(bytes, frame.AsSpan(16, SHA256.HashSizeInBytes));
        bytes.CopyTo(frame, HeadSize);
        lock (gate)
        {
            file.Position = end;
            file.Write(frame);
            Flush();
            records.Add(number, (end, bytes.Length));
            end += frame.Length;
        }
    }

    /// <summary>
    /// Cuts off what is there of a block that could not be appended. Before it succeeds no block may be: values without their
    /// block would pass for those of the next one.
    /// </summary>
    /// <exception cref="IOException">The disk does not take it.</exception>
    public void CutFrom(ulong number)
    {
        lock (gate)
        {
            if (records.Remove(number, out var record))
                end = record.Offset;
            if (file.Length > end)
            {
                file.SetLength(end);
                Flush();
            }
        }
    }

    /// <summary>The values of a block by position of the transaction; empty where it has none.</summary>
    /// <exception cref="LedgerCorruptException">The record fails its checksum.</exception>
    public IReadOnlyDictionary<ulong, TxPvtReadWriteSet> Read(ulong number)
    {
        Span<byte> head = stackalloc byte[HeadSize];
        byte[] bytes;
        lock (gate)
        {
            if (!records.TryGetValue(number, out var record))
                return new Dictionary<ulong, TxPvtReadWriteSet>();
            file.Position = record.Offset;
            file.ReadExactly(head);
            bytes = new byte[record.Length];
            file.ReadExactly(bytes);
        }
        if (!SHA256.HashData(bytes).AsSpan().SequenceEqual(head[16..]))
            throw new LedgerCorruptException($"The private values of block {number} fail their checksum.");
        return BlockAndPrivateData.Parser.ParseFrom(bytes).PrivateDataMap;
    }

    public void Dispose() => file.Dispose();

    private void Flush()
    {
        if (file is FileStream onDisk)
            onDisk.Flush(flushToDisk: true);
        else
            file.Flush();
    }

    private bool IsZeroFrom(long offset)
    {
        var buffer = new byte[64 * 1024];
        file.Position = offset;
        for (int count; (count = file.Read(buffer)) > 0;)
        {
            if (buffer.AsSpan(0, count).ContainsAnyExcept((byte)0))
                return false;
        }
        return true;
    }

    private LedgerCorruptException Corrupt(string reason) => new($"The file of private values is damaged at offset {end}: {reason}.");

    private static uint Checksum(ReadOnlySpan<byte> head) => BitOperations.Crc32C(
        BitOperations.Crc32C(uint.MaxValue, BinaryPrimitives.ReadUInt64LittleEndian(head)),
        BinaryPrimitives.ReadUInt32LittleEndian(head[8..]));
}
