using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using Google.Protobuf;
using HealthShare.DevLedger.State;
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
    private readonly SortedDictionary<ulong, (long Offset, int Length)> records = [];
    private readonly string? path;
    private readonly Action<string> flushFolder;
    private Stream? opened;
    private readonly Lock gate = new();
    private long end;
    private bool renamed; // and the new name may not be on the disk yet

    /// <summary>Opens the file, cuts an incomplete last frame and a last frame whose block was never written.</summary>
    /// <param name="file">Stream over the file, readable, writable and seekable; owned by this object.</param>
    /// <param name="height">Number of blocks that exist.</param>
    /// <param name="path">Where the file is, so that it can be replaced; null where it cannot.</param>
    /// <param name="flushFolder">Forces the names in a folder to the disk. Default: <see cref="FolderSync.Flush"/>.</param>
    /// <exception cref="LedgerCorruptException">The file holds anything else that is not right.</exception>
    public PrivateValueFile(Stream file, ulong height, string? path = null, Action<string>? flushFolder = null)
    {
        (opened, this.path, this.flushFolder) = (file, path, flushFolder ?? FolderSync.Flush);
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
        File.Delete(Rewritten(path)); // left by a process that ended while it purged: the file beside it is still whole
        var file = OpenFile(path);
        FolderSync.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!); // the file may have been made just now
        return new PrivateValueFile(file, height, path);
    }

    /// <summary>Appends the values of a block, by position of the transaction, and forces them to the disk.</summary>
    /// <exception cref="IOException">The disk is full or failing; <see cref="CutFrom"/> removes what was written.</exception>
    public void Append(ulong number, IReadOnlyDictionary<int, TxPvtReadWriteSet> values)
    {
        var record = new BlockAndPrivateData { Block = new Block { Header = new BlockHeader { Number = number } } };
        foreach (var (transaction, set) in values)
            record.PrivateDataMap.Add((ulong)transaction, set);
        var bytes = record.ToByteArray();
        var frame = Frame(number, bytes);
        lock (gate)
        {
            FlushName(); // what is written under a name that is lost is lost with it
            Contents.Position = end;
            Contents.Write(frame);
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
            if (Contents.Length > end)
            {
                Contents.SetLength(end);
                Flush();
            }
        }
    }

    /// <summary>
    /// Removes past values of keys from the disk: the file is written anew without them and takes the old one's place. Nothing
    /// is written where no value is left of any of the keys.
    /// </summary>
    /// <exception cref="IOException">The disk is full or failing; what was to go may be there still.</exception>
    public void Purge(IEnumerable<PurgedKey> keys)
    {
        var byCollection = keys.ToLookup(key => (key.Chaincode, key.Collection));
        Remove((written, values) => PurgedKey.Remove(values, written, byCollection));
    }

    /// <summary>Removes values from the disk, in the same way.</summary>
    /// <param name="remove">Takes out of a transaction's values what must go; true where there was anything.</param>
    /// <exception cref="IOException">The disk is full or failing; what was to go may be there still.</exception>
    public void Remove(Func<StateVersion, TxPvtReadWriteSet, bool> remove)
    {
        lock (gate)
        {
            Dictionary<ulong, byte[]> changed = [];
            foreach (var number in records.Keys)
            {
                var record = BlockAndPrivateData.Parser.ParseFrom(ReadRecord(number));
                var removed = false;
                foreach (var (transaction, values) in record.PrivateDataMap)
                    removed |= remove(new StateVersion(number, transaction), values);
                if (removed)
                    changed.Add(number, record.ToByteArray());
            }
            if (changed.Count > 0)
                Rewrite(changed);
            FlushName();
        }
    }

    /// <summary>The values of a block by position of the transaction; empty where it has none.</summary>
    /// <exception cref="LedgerCorruptException">The record fails its checksum.</exception>
    public IReadOnlyDictionary<ulong, TxPvtReadWriteSet> Read(ulong number)
    {
        byte[] bytes;
        lock (gate)
        {
            if (!records.ContainsKey(number))
                return new Dictionary<ulong, TxPvtReadWriteSet>();
            bytes = ReadRecord(number);
        }
        return BlockAndPrivateData.Parser.ParseFrom(bytes).PrivateDataMap;
    }

    private byte[] ReadRecord(ulong number)
    {
        var (offset, length) = records[number];
        Span<byte> head = stackalloc byte[HeadSize];
        Contents.Position = offset;
        Contents.ReadExactly(head);
        var bytes = new byte[length];
        Contents.ReadExactly(bytes);
        return SHA256.HashData(bytes).AsSpan().SequenceEqual(head[16..])
            ? bytes
            : throw new LedgerCorruptException($"The private values of block {number} fail their checksum.");
    }

    private void Rewrite(Dictionary<ulong, byte[]> changed)
    {
        if (path is null)
            throw new InvalidOperationException("The values are in no file that could be replaced.");
        var offsets = new Dictionary<ulong, (long, int)>();
        long length = 0;
        using (var anew = new FileStream(Rewritten(path), FileMode.Create, FileAccess.Write, FileShare.None))
        {
            foreach (var number in records.Keys)
            {
                var bytes = changed.GetValueOrDefault(number) ?? ReadRecord(number);
                anew.Write(Frame(number, bytes));
                offsets.Add(number, (length, bytes.Length));
                length += HeadSize + bytes.Length;
            }
            anew.Flush(flushToDisk: true);
        }
        opened?.Dispose();
        opened = null;
        File.Move(Rewritten(path), path, overwrite: true);
        // At once, whatever fails from here on: these are the places in the file that the name now stands for.
        foreach (var (number, place) in offsets)
            records[number] = place;
        (end, renamed) = (length, true);
    }

    private void FlushName()
    {
        if (!renamed)
            return;
        flushFolder(Path.GetDirectoryName(Path.GetFullPath(path!))!);
        renamed = false;
    }

    // Opened again after it was replaced by whoever needs it next, and once more by the next where that fails.
    private Stream Contents => opened ??= OpenFile(path!);

    private static byte[] Frame(ulong number, byte[] bytes)
    {
        var frame = new byte[HeadSize + bytes.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, bytes.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(frame.AsSpan(4), number);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(12), Checksum(frame.AsSpan(0, 12)));
        SHA256.HashData(bytes, frame.AsSpan(16, SHA256.HashSizeInBytes));
        bytes.CopyTo(frame, HeadSize);
        return frame;
    }

    private static string Rewritten(string path) => path + ".new";

    private static FileStream OpenFile(string path) =>
        new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);

    public void Dispose() => opened?.Dispose();

    private void Flush()
    {
        if (Contents is FileStream onDisk)
            onDisk.Flush(flushToDisk: true);
        else
            Contents.Flush();
    }

    private bool IsZeroFrom(long offset)
    {
        var buffer = new byte[64 * 1024];
        Contents.Position = offset;
        for (int count; (count = Contents.Read(buffer)) > 0;)
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
