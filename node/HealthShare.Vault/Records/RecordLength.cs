namespace HealthShare.Vault.Records;

/// <summary>Lengths in bytes of a record before and after sealing.</summary>
public static class RecordLength
{
    /// <summary>Length after sealing.</summary>
    /// <param name="plaintext">Length before sealing, 0 or more.</param>
    /// <param name="chunkSize">The chunk size used.</param>
    public static long Sealed(long plaintext, int chunkSize = RecordSealStream.DefaultChunkSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(plaintext);
        var chunks = Math.Max(1, (plaintext + chunkSize - 1) / chunkSize);
        return checked(RecordHeader.Size + plaintext + chunks * ChunkCipher.TagSize);
    }
}
