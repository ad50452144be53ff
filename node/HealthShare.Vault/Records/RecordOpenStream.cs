using System.Buffers;

namespace HealthShare.Vault.Records;

/// <summary>Reading it gives the plaintext of a sealed record.</summary>
/// <remarks>
/// Each chunk is authenticated before a byte of it is given out. That the record is whole is known when the end is reached:
/// a cut record fails at the cut, so act on a plaintext only once a read has returned 0.
/// </remarks>
public sealed class RecordOpenStream : ChunkedReadStream
{
    private readonly Stream sealedRecord;
    private readonly RecordHeader header;
    private readonly ChunkCipher cipher;
    private byte[]? ahead;
    private int held;
    private long number;

    private RecordOpenStream(Stream sealedRecord, RecordHeader header, ReadOnlySpan<byte> key, ReadOnlySpan<byte> associatedData)
        : base(header.ChunkSize)
    {
        this.sealedRecord = sealedRecord;
        this.header = header;
        cipher = new ChunkCipher(header, key, associatedData);
        ahead = ArrayPool<byte>.Shared.Rent(header.ChunkSize + ChunkCipher.TagSize + 1);
    }

    /// <summary>Reads the header and prepares to open.</summary>
    /// <param name="sealedRecord">Read from its position; stays open.</param>
    /// <param name="key">The record's 32-byte key, already checked against the ledger's commitment.</param>
    /// <param name="associatedData">The same bytes as at sealing.</param>
    /// <param name="ct">Stops the read of the header.</param>
    /// <exception cref="VaultException"><c>record.malformed</c> or <c>record.unsupported</c> here;
    /// <c>record.not_authentic</c> from a later read.</exception>
    public static async Task<RecordOpenStream> CreateAsync(Stream sealedRecord, ReadOnlyMemory<byte> key,
        ReadOnlyMemory<byte> associatedData, CancellationToken ct)
    {
        var first = new byte[RecordHeader.Size];
        var read = await sealedRecord.ReadAtLeastAsync(first, first.Length, throwOnEndOfStream: false, ct);
        return new(sealedRecord, RecordHeader.Parse(first.AsSpan(0, read)), key.Span, associatedData.Span);
    }

    private protected override async ValueTask<(int Length, bool Last)> FillAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        var full = header.ChunkSize + ChunkCipher.TagSize;
        held += await sealedRecord.ReadAtLeastAsync(ahead.AsMemory(held, full + 1 - held), full + 1 - held,
            throwOnEndOfStream: false, cancellationToken);
        var last = held <= full;
        var length = last ? held : full;
        // A chunk is never empty unless the whole record is, so that each plaintext has one sealed length.
        if (length < ChunkCipher.TagSize || (length == ChunkCipher.TagSize && number > 0))
            throw new VaultException("record.not_authentic", $"The record ends within chunk {number}.");
        cipher.Open(number++, last, ahead.AsSpan(0, length), destination.Span);
        if (!last)
            ahead![0] = ahead[full];
        held = last ? 0 : 1;
        return (length - ChunkCipher.TagSize, last);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref ahead, null) is { } rented)
        {
            Return(rented);
            cipher.Dispose();
        }
        base.Dispose(disposing);
    }
}
