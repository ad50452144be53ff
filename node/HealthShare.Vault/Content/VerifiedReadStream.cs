using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace HealthShare.Vault.Content;

/// <summary>Reads a content leaf by leaf; a leaf is verified before any byte of it is given out. Seekable.</summary>
internal sealed class VerifiedReadStream(SafeFileHandle file, ContentIndex index) : Stream, ICutContent
{
    private byte[]? leaf = ArrayPool<byte>.Shared.Rent(index.ChunkSize);
    private long held = -1;
    private long position;

    /// <summary>Where the leaves are and what they hash to.</summary>
    public ContentIndex Index => index;

    public override bool CanRead => leaf is not null;

    public override bool CanSeek => leaf is not null;

    public override bool CanWrite => false;

    public override long Length => index.Length;

    public override long Position
    {
        get => position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            position = value;
        }
    }

    public ValueTask<ContentLayout> FindLayoutAsync(CancellationToken ct) => new(new ContentLayout(index.ChunkSize, index.MaxLinks));

    public override int Read(Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(leaf is null, this);
        // Content of no bytes has one leaf too, and that is verified like any other.
        if (position >= index.Length && (index.Length > 0 || held == 0))
            return 0;
        var (number, within) = Math.DivRem(position, index.ChunkSize);
        var length = (int)Math.Min(index.ChunkSize, index.Length - number * index.ChunkSize);
        if (held != number)
            Load(number, length);
        var count = Math.Min(buffer.Length, length - (int)within);
        if (count <= 0)
            return 0;
        leaf.AsSpan((int)within, count).CopyTo(buffer);
        position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(Read(buffer.Span));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => position + offset,
        _ => Length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref leaf, null) is { } rented)
        {
            ArrayPool<byte>.Shared.Return(rented);
            file.Dispose();
        }
        base.Dispose(disposing);
    }

    private void Load(long number, int length)
    {
        held = -1;
        for (var done = 0; done < length;)
        {
            var read = RandomAccess.Read(file, leaf.AsSpan(done, length - done), number * index.ChunkSize + done);
            if (read == 0)
                throw new ContentCorruptException(index.Cid, $"leaf {number} is cut.");
            done += read;
        }
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(leaf.AsSpan(0, length), digest);
        if (!digest.SequenceEqual(index.DigestOf(number)))
            throw new ContentCorruptException(index.Cid, $"leaf {number} does not hash to its digest.");
        held = number;
    }
}
