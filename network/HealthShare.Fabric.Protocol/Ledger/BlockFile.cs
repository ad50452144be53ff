using System.Buffers;
using Google.Protobuf;
using HealthShare.Fabric.Protocol.Common;
using Microsoft.Win32.SafeHandles;

namespace HealthShare.Fabric.Protocol.Ledger;

/// <summary>
/// An append-only file of blocks, each in a frame with its length, number and checksums. One writer at a time, by a lock
/// beside the file; readers of any number. Appended blocks survive a crash of the machine once <see cref="Flush"/> returned.
/// </summary>
public sealed class BlockFile : IDisposable
{
    private const string LockName = "blocks.lock";
    private readonly SafeFileHandle file;
    private readonly SafeFileHandle writerLock;
    private readonly BlockFileReader reader;
    private readonly Lock appending = new();

    private BlockFile(SafeFileHandle file, SafeFileHandle writerLock)
    {
        this.file = file;
        this.writerLock = writerLock;
        reader = new BlockFileReader(file);
        reader.Refresh();
        var size = RandomAccess.GetLength(file);
        BytesCut = size - reader.End;
        if (BytesCut > 0)
        {
            RandomAccess.SetLength(file, reader.End);
            RandomAccess.FlushToDisk(file);
        }
        if (reader.Height > 0)
            reader.Read(reader.Height - 1); // the block written last is the likeliest to have suffered
    }

    /// <summary>Number of blocks, which is also the number of the next one.</summary>
    public ulong Height => reader.Height;

    /// <summary>Bytes of an incomplete last frame that were cut off when the file was opened; 0 after a clean end.</summary>
    public long BytesCut { get; }

    /// <summary>Opens or creates the block file in a folder and cuts an incomplete last frame off.</summary>
    /// <param name="folder">Folder for <see cref="BlockFileReader.FileName"/>; made if absent.</param>
    /// <exception cref="BlockFileException">The file holds anything else that is not right; nothing was changed.</exception>
    /// <exception cref="IOException">The file cannot be opened, or another writer has it open.</exception>
    public static BlockFile Open(string folder)
    {
        Directory.CreateDirectory(folder);
        // A lock of its own: on Unix, sharing with readers and shutting other writers out cannot be had on one file.
        var writerLock = File.OpenHandle(
            Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        SafeFileHandle? file = null;
        try
        {
            file = File.OpenHandle(Path.Combine(folder, BlockFileReader.FileName),
                FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
            FolderSync.Flush(folder); // the files may have been made just now
            return new BlockFile(file, writerLock);
        }
        catch
        {
            file?.Dispose();
            writerLock.Dispose();
            throw;
        }
    }

    /// <summary>Appends a block. It is readable at once, and durable after <see cref="Flush"/>.</summary>
    /// <exception cref="ArgumentException">The block's number is not <see cref="Height"/>.</exception>
    /// <exception cref="IOException">
    /// The disk is full or failing; the file still ends with its last whole block, and the block can be appended again.
    /// </exception>
    public void Append(Block block) => Append(block, durable: false);

    /// <summary>Appends a block and forces it to the disk before it is readable.</summary>
    /// <inheritdoc cref="Append(Block)"/>
    public void AppendDurably(Block block) => Append(block, durable: true);

    private void Append(Block block, bool durable)
    {
        lock (appending)
        {
            if (block.Header?.Number != Height)
                throw new ArgumentException($"Block {block.Header?.Number} cannot follow; the next one is {Height}.", nameof(block));
            var length = block.CalculateSize();
            var end = reader.End;
            CutTo(end); // what an attempt before may have left
            var buffer = ArrayPool<byte>.Shared.Rent(BlockFrame.HeadSize + length); // blocks are large, and each is written once
            try
            {
                var frame = buffer.AsSpan(0, BlockFrame.HeadSize + length);
                block.WriteTo(frame[BlockFrame.HeadSize..]);
                BlockFrame.EncodeHead(frame, Height);
                RandomAccess.Write(file, frame, end);
                // After a failed fsync the system may take unwritten pages for written: nothing short of writing again helps.
                if (durable)
                    RandomAccess.FlushToDisk(file);
            }
            catch (IOException)
            {
                TryCutTo(end);
                throw;
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
            reader.Added(length);
        }
    }

    /// <summary>Forces what was appended to the disk.</summary>
    /// <exception cref="IOException">The disk did not take it.</exception>
    public void Flush() => RandomAccess.FlushToDisk(file);

    /// <inheritdoc cref="BlockFileReader.Read"/>
    public Block Read(ulong number) => reader.Read(number);

    /// <inheritdoc cref="BlockFileReader.ReadFrom"/>
    public IEnumerable<Block> ReadFrom(ulong from = 0) => reader.ReadFrom(from);

    private void CutTo(long end)
    {
        if (RandomAccess.GetLength(file) > end)
            RandomAccess.SetLength(file, end);
    }

    private void TryCutTo(long end)
    {
        try
        {
            CutTo(end);
        }
        catch (IOException)
        {
            // The failure that led here is the one to report; the next append cuts first, and so does the next start.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        reader.Dispose();
        writerLock.Dispose();
    }
}
