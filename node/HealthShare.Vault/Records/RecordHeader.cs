using System.Security.Cryptography;

namespace HealthShare.Vault.Records;

/// <summary>
/// The first 24 bytes of a sealed record: magic <c>HSRC</c>, version 1, algorithm 1 (AES-256-GCM in chunks), base-2
/// logarithm of the chunk size, a zero byte, 16 bytes of salt. Associated data of every chunk.
/// </summary>
internal sealed class RecordHeader
{
    public const int Size = 24;
    public const int MinChunkBits = 12;
    public const int MaxChunkBits = 20;
    private const int SaltOffset = 8;
    private const byte Version = 1;
    private const byte AesGcmChunks = 1;

    private readonly byte[] bytes;

    private RecordHeader(byte[] bytes) => this.bytes = bytes;

    private static ReadOnlySpan<byte> Magic => "HSRC"u8;

    public ReadOnlySpan<byte> Bytes => bytes;

    public ReadOnlySpan<byte> Salt => bytes.AsSpan(SaltOffset);

    /// <summary>Plaintext bytes in each chunk but the last.</summary>
    public int ChunkSize => 1 << bytes[6];

    public static RecordHeader Create(int chunkSize) => Create(chunkSize, RandomNumberGenerator.GetBytes(Size - SaltOffset));

    public static RecordHeader Create(int chunkSize, ReadOnlySpan<byte> salt)
    {
        var bits = int.Log2(chunkSize);
        if (!int.IsPow2(chunkSize) || bits is < MinChunkBits or > MaxChunkBits)
            throw new ArgumentOutOfRangeException(nameof(chunkSize), chunkSize, "A chunk is a power of two from 4 KiB to 1 MiB.");
        return new([.. Magic, Version, AesGcmChunks, (byte)bits, 0, .. salt]);
    }

    /// <summary>Reads a header; bounds are checked before anything is allocated for a chunk.</summary>
    public static RecordHeader Parse(ReadOnlySpan<byte> header)
    {
        if (header.Length < Size || !header[..4].SequenceEqual(Magic))
            throw new VaultException("record.malformed", "The bytes do not begin with a sealed record's header.");
        if (header[4] != Version || header[5] != AesGcmChunks)
            throw new VaultException("record.unsupported", $"Record format version {header[4]}, algorithm {header[5]} is not known here.");
        if (header[6] is < MinChunkBits or > MaxChunkBits || header[7] != 0)
            throw new VaultException("record.malformed", "The header's chunk size is out of range or its spare byte is set.");
        return new(header[..Size].ToArray());
    }
}
