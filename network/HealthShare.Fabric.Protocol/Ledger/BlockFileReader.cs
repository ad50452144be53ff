using HealthShare.Fabric.Protocol.Common;
using Microsoft.Win32.SafeHandles;

namespace HealthShare.Fabric.Protocol.Ledger;

/// <summary>
/// Reads a block file, also while another process appends to it. Changes nothing: an incomplete last frame is where the
/// file ends, for now. Safe to use from many threads.
/// </summary>
public sealed class BlockFileReader : IDisposable
{
    /// <summary>Name of the file in its folder.</summary>
    public const string FileName = "blocks.dat";

    private readonly SafeFileHandle file;
    private readonly List<long> offsets = [];
    private readonly Lock indexing = new();
    private long end;

    /// <summary>Opens the block file in a folder and finds its blocks, without reading them.</summary>
    /// <param name="folder">Folder that holds <see cref="FileName"/>.</param>
    /// <exception cref="BlockFileException">Something other than an incomplete frame follows the last whole one.</exception>
    /// <exception cref="IOException">There is no such file, or it cannot be read.</exception>
    public BlockFileReader(string folder)
        : this(File.OpenHandle(Path.Combine(folder, FileName), FileMode.Open, FileAccess.Read, FileShare.ReadWrite)) =>
        Refresh();

    internal BlockFileReader(SafeFileHandle file) => this.file = file;

    /// <summary>Number of blocks found so far, which is also the number of the next one.</summary>
    public ulong Height
    {
        get
        {
            lock (indexing)
                return (ulong)offsets.Count;
        }
    }

    /// <summary>Offset behind the last whole frame.</summary>
    internal long End => end;

    /// <summary>Whether a folder holds a block file.</summary>
    public static bool ExistsIn(string folder) => File.Exists(Path.Combine(folder, FileName));

    /// <summary>Looks for blocks appended since.</summary>
    /// <returns>The height.</returns>
    /// <exception cref="BlockFileException">Something other than an incomplete frame follows the last whole one.</exception>
    public ulong Refresh()
    {
        lock (indexing)
        {
            var size = RandomAccess.GetLength(file);
            var head = new byte[BlockFrame.HeadSize];
            while (size - end >= BlockFrame.HeadSize)
            {
                ReadExactly(head, end);
                if (BlockFrame.DecodeHead(head) is not { } frame)
                {
                    // A file system may have grown the file without having written the frame: then zeros follow to its end.
                    if (IsZeroFrom(end, size))
                        break;
                    throw new BlockFileException((ulong)offsets.Count, end, "the frame's head fails its checksum");
                }
                if (frame.Number != (ulong)offsets.Count)
                    throw new BlockFileException((ulong)offsets.Count, end, $"the frame is of block {frame.Number}");
                if (size - end - BlockFrame.HeadSize < frame.Length)
                    break;
                Added(frame.Length);
            }
            return (ulong)offsets.Count;
        }
    }

    /// <summary>Reads one block and checks it against its checksum.</summary>
    /// <param name="number">A number below <see cref="Height"/>.</param>
    /// <exception cref="BlockFileException">The block fails its checksum or is none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such block.</exception>
    public Block Read(ulong number)
    {
        var offset = OffsetOf(number);
        var head = new byte[BlockFrame.HeadSize];
        ReadExactly(head, offset);
        if (BlockFrame.DecodeHead(head) is not { } frame || frame.Number != number)
            throw new BlockFileException(number, offset, "the frame's head fails its checksum");
        if (RandomAccess.GetLength(file) - offset - BlockFrame.HeadSize < frame.Length)
            throw new BlockFileException(number, offset, "the frame is longer than the file");
        var bytes = new byte[frame.Length];
        ReadExactly(bytes, offset + BlockFrame.HeadSize);
        if (!frame.Matches(bytes))
            throw new BlockFileException(number, offset, "the block fails its checksum");
        try
        {
            return Block.Parser.Read(bytes.AsMemory(), "block");
        }
        catch (FabricDataException e)
        {
            throw new BlockFileException(number, offset, e.Message.TrimEnd('.'));
        }
    }

    /// <summary>Reads blocks in order up to the height at the time of the call.</summary>
    /// <param name="from">Number of the first block.</param>
    /// <exception cref="BlockFileException">Thrown while enumerating, at a block that fails its checksum.</exception>
    public IEnumerable<Block> ReadFrom(ulong from = 0)
    {
        var height = Height;
        for (var number = from; number < height; number++)
            yield return Read(number);
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    /// <summary>Takes note of a frame that follows the last one.</summary>
    internal void Added(int length)
    {
        lock (indexing)
        {
            offsets.Add(end);
            end += BlockFrame.HeadSize + length;
        }
    }

    private long OffsetOf(ulong number)
    {
        lock (indexing)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(number, (ulong)offsets.Count);
            return offsets[(int)number];
        }
    }

    private bool IsZeroFrom(long offset, long size)
    {
        var buffer = new byte[64 * 1024];
        while (offset < size)
        {
            var count = RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(buffer.Length, size - offset)), offset);
            if (count == 0 || buffer.AsSpan(0, count).ContainsAnyExcept((byte)0))
                return count == 0;
            offset += count;
        }
        return true;
    }

    private void ReadExactly(Span<byte> target, long offset)
    {
        for (var done = 0; done < target.Length;)
        {
            var count = RandomAccess.Read(file, target[done..], offset + done);
            if (count == 0)
                throw new EndOfStreamException("The block file became shorter while it was read.");
            done += count;
        }
    }
}
