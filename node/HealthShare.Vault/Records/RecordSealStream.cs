using System.Buffers;

namespace HealthShare.Vault.Records;

/// <summary>Reading it gives the sealed form of a plaintext, in the format that <c>docs/content.md</c> fixes.</summary>
/// <remarks>
/// Give it to <see cref="Content.IContentStore.PutAsync(Stream, CancellationToken)"/>: nothing but ciphertext is ever written.
/// A data key seals one record; a second record takes a fresh key.
/// </remarks>
public sealed class RecordSealStream : ChunkedReadStream
{
    /// <summary>Plaintext bytes in a chunk, by default 64 KiB.</summary>
    public const int DefaultChunkSize = 64 * 1024;

    private readonly Stream? plaintext;
    private readonly RecordHeader header;
    private readonly ChunkCipher cipher;
    private readonly long? knownLength;
    private ReadOnlyMemory<byte> rest; // of a plaintext in memory, which is sealed from where it lies
    private byte[]? ahead; // one chunk and one byte: whether a chunk is the last is known only once the next byte is
    private int held;
    private long number = -1;

    /// <summary>Prepares to seal what a stream gives.</summary>
    /// <param name="plaintext">Read to its end once; stays open.</param>
    /// <param name="key">The record's own 32-byte key.</param>
    /// <param name="associatedData">Bound to the record and needed to open it; not stored. See <see cref="RecordContext"/>.</param>
    /// <param name="chunkSize">A power of two from 4 KiB to 1 MiB.</param>
    public RecordSealStream(Stream plaintext, ReadOnlySpan<byte> key, ReadOnlySpan<byte> associatedData, int chunkSize = DefaultChunkSize)
        : this(plaintext, RecordHeader.Create(chunkSize), key, associatedData)
    {
    }

    /// <summary>Prepares to seal bytes that are in memory; they must not change until the end was read.</summary>
    /// <inheritdoc cref="RecordSealStream(Stream, ReadOnlySpan{byte}, ReadOnlySpan{byte}, int)" path="/param"/>
    public RecordSealStream(ReadOnlyMemory<byte> plaintext, ReadOnlySpan<byte> key, ReadOnlySpan<byte> associatedData,
        int chunkSize = DefaultChunkSize)
        : this(plaintext.Length, RecordHeader.Create(chunkSize), key, associatedData) => rest = plaintext;

    internal RecordSealStream(Stream plaintext, RecordHeader header, ReadOnlySpan<byte> key, ReadOnlySpan<byte> associatedData)
        : this(plaintext.CanSeek ? Math.Max(0, plaintext.Length - plaintext.Position) : null, header, key, associatedData)
    {
        this.plaintext = plaintext;
        ahead = ArrayPool<byte>.Shared.Rent(header.ChunkSize + 1);
    }

    private RecordSealStream(long? length, RecordHeader header, ReadOnlySpan<byte> key, ReadOnlySpan<byte> associatedData)
        : base(Math.Max(RecordHeader.Size, header.ChunkSize + ChunkCipher.TagSize))
    {
        this.header = header;
        knownLength = length is { } known ? RecordLength.Sealed(known, header.ChunkSize) : null;
        cipher = new ChunkCipher(header, key, associatedData);
    }

    internal override long? KnownLength => knownLength;

    private protected override async ValueTask<(int Length, bool Last)> FillAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (number < 0)
        {
            number = 0;
            header.Bytes.CopyTo(destination.Span);
            return (RecordHeader.Size, false);
        }
        if (plaintext is null)
            return TakeFromMemory(destination.Span);
        var size = header.ChunkSize;
        held += await plaintext.ReadAtLeastAsync(ahead.AsMemory(held, size + 1 - held), size + 1 - held, throwOnEndOfStream: false,
            cancellationToken);
        var last = held <= size;
        var length = last ? held : size;
        cipher.Seal(number++, last, ahead.AsSpan(0, length), destination.Span);
        if (!last)
            ahead![0] = ahead[size];
        held = last ? 0 : 1;
        return (length + ChunkCipher.TagSize, last);
    }

    private (int Length, bool Last) TakeFromMemory(Span<byte> destination)
    {
        var last = rest.Length <= header.ChunkSize;
        var length = last ? rest.Length : header.ChunkSize;
        cipher.Seal(number++, last, rest.Span[..length], destination);
        rest = rest[length..];
        return (length + ChunkCipher.TagSize, last);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            if (Interlocked.Exchange(ref ahead, null) is { } rented)
                Return(rented);
            rest = default;
            cipher.Dispose();
        }
        base.Dispose(disposing);
    }
}
