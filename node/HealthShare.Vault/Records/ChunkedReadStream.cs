using System.Buffers;
using System.Security.Cryptography;

namespace HealthShare.Vault.Records;

/// <summary>A forward-only stream that transforms a source chunk by chunk; memory is two chunks, whatever the length.</summary>
/// <remarks>Reads are asynchronous only. The source stays open; the pooled buffers are zeroed.</remarks>
public abstract class ChunkedReadStream : Stream
{
    private readonly int largest;
    private byte[]? output;
    private int start;
    private int end;
    private bool finished;

    /// <param name="largest">The most bytes that one piece can have.</param>
    private protected ChunkedReadStream(int largest)
    {
        this.largest = largest;
        output = ArrayPool<byte>.Shared.Rent(largest);
    }

    /// <inheritdoc/>
    public override bool CanRead => output is not null;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Bytes that it will give in all, where that is known before they are read: whoever stores them can make room first.</summary>
    internal virtual long? KnownLength => null;

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(output is null, this);
        if (buffer.IsEmpty)
            return 0;
        while (start == end)
        {
            if (finished)
                return 0;
            (start, end) = (0, 0);
            var direct = buffer.Length >= largest; // saves a copy where the reader has room for a whole piece
            var (length, last) = await FillAsync(direct ? buffer : output, cancellationToken);
            finished = last;
            if (direct && length > 0)
                return length;
            end = length;
        }
        var count = Math.Min(buffer.Length, end - start);
        output.AsMemory(start, count).CopyTo(buffer);
        start += count;
        return count;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read asynchronously.");

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Writes the next piece into <paramref name="destination"/>; after <c>Last</c> it is not called again.</summary>
    private protected abstract ValueTask<(int Length, bool Last)> FillAsync(Memory<byte> destination, CancellationToken cancellationToken);

    private protected static void Return(byte[] buffer)
    {
        CryptographicOperations.ZeroMemory(buffer);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref output, null) is { } rented)
            Return(rented);
        base.Dispose(disposing);
    }
}
