namespace HealthShare.Vault.Records;

/// <summary>Opens a part of a sealed record without reading the rest.</summary>
public static class RecordRange
{
    /// <summary>Reads plaintext bytes from <paramref name="offset"/>; fewer than asked only at the record's end.</summary>
    /// <param name="sealedRecord">Seekable, holds the whole sealed record and nothing else.</param>
    /// <param name="key">The record's 32-byte key.</param>
    /// <param name="associatedData">The same bytes as at sealing.</param>
    /// <param name="offset">First plaintext byte, 0 or more.</param>
    /// <param name="length">Number of bytes, up to 16 MiB.</param>
    /// <param name="ct">Stops reading.</param>
    /// <exception cref="VaultException">The record is malformed, or a chunk read is not authentic. The last chunk is always
    /// checked as well, so a cut record is refused whatever part of it is asked for.</exception>
    public static async Task<byte[]> ReadAsync(Stream sealedRecord, ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> associatedData,
        long offset, int length, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, 16 * 1024 * 1024);
        var first = new byte[RecordHeader.Size];
        sealedRecord.Position = 0;
        var read = await sealedRecord.ReadAtLeastAsync(first, first.Length, throwOnEndOfStream: false, ct);
        var header = RecordHeader.Parse(first.AsSpan(0, read));
        long full = header.ChunkSize + ChunkCipher.TagSize;
        var body = sealedRecord.Length - RecordHeader.Size;
        var lastChunk = Math.Max(0, (body - 1) / full);
        var lastLength = body - lastChunk * full - ChunkCipher.TagSize;
        if (lastLength < 0 || (lastLength == 0 && lastChunk > 0))
            throw new VaultException("record.not_authentic", $"The record ends within chunk {lastChunk}.");

        using var cipher = new ChunkCipher(header, key.Span, associatedData.Span);
        var sealedChunk = new byte[full];
        var chunk = new byte[header.ChunkSize];
        await OpenAsync(lastChunk);
        var available = lastChunk * header.ChunkSize + lastLength - offset;
        var result = new byte[Math.Clamp(available, 0, length)];
        for (var done = 0; done < result.Length;)
        {
            var (number, within) = Math.DivRem(offset + done, header.ChunkSize);
            var size = await OpenAsync(number);
            var count = Math.Min(size - (int)within, result.Length - done);
            chunk.AsSpan((int)within, count).CopyTo(result.AsSpan(done));
            done += count;
        }
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(chunk);
        return result;

        async Task<int> OpenAsync(long number)
        {
            var size = number == lastChunk ? (int)lastLength : header.ChunkSize;
            sealedRecord.Position = RecordHeader.Size + number * full;
            await sealedRecord.ReadExactlyAsync(sealedChunk.AsMemory(0, size + ChunkCipher.TagSize), ct);
            cipher.Open(number, number == lastChunk, sealedChunk.AsSpan(0, size + ChunkCipher.TagSize), chunk);
            return size;
        }
    }
}
