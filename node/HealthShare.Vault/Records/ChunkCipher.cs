using System.Buffers.Binary;
using System.Security.Cryptography;

namespace HealthShare.Vault.Records;

/// <summary>
/// Encrypts and opens single chunks of one record: the STREAM construction. The nonce holds the chunk's number and whether
/// it is the last, so a chunk that is moved, repeated, dropped, or appended after the last does not open.
/// </summary>
internal sealed class ChunkCipher : IDisposable
{
    public const int TagSize = 16;
    private const int PrefixSize = 7;

    private readonly AesGcm aes;
    private readonly byte[] prefix = new byte[PrefixSize];
    private readonly byte[] associatedData;

    public ChunkCipher(RecordHeader header, ReadOnlySpan<byte> key, ReadOnlySpan<byte> associatedData)
    {
        // One derivation gives the chunk key and the nonce prefix; both are this record's alone, even if a key is used twice.
        Span<byte> derived = stackalloc byte[32 + PrefixSize];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, derived, header.Salt, "healthshare-record-v1"u8);
        aes = new AesGcm(derived[..32], TagSize);
        derived[32..].CopyTo(prefix);
        CryptographicOperations.ZeroMemory(derived);
        this.associatedData = [.. header.Bytes, .. associatedData];
    }

    /// <summary>Writes ciphertext and tag; <paramref name="output"/> is 16 bytes longer than <paramref name="chunk"/>.</summary>
    public void Seal(long number, bool last, ReadOnlySpan<byte> chunk, Span<byte> output)
    {
        Span<byte> nonce = stackalloc byte[12];
        WriteNonce(nonce, number, last);
        aes.Encrypt(nonce, chunk, output[..chunk.Length], output.Slice(chunk.Length, TagSize), associatedData);
    }

    /// <exception cref="VaultException"><c>record.not_authentic</c>; <paramref name="output"/> is zeroed.</exception>
    public void Open(long number, bool last, ReadOnlySpan<byte> chunk, Span<byte> output)
    {
        Span<byte> nonce = stackalloc byte[12];
        WriteNonce(nonce, number, last);
        try
        {
            aes.Decrypt(nonce, chunk[..^TagSize], chunk[^TagSize..], output[..(chunk.Length - TagSize)], associatedData);
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new VaultException("record.not_authentic",
                $"Chunk {number} does not open: wrong key or context, or the record was changed, cut or extended.", e);
        }
    }

    public void Dispose() => aes.Dispose();

    private void WriteNonce(Span<byte> nonce, long number, bool last)
    {
        if (number > uint.MaxValue)
            throw new VaultException("record.too_long", "A record holds at most 2^32 chunks.");
        prefix.CopyTo(nonce);
        BinaryPrimitives.WriteUInt32BigEndian(nonce[PrefixSize..], (uint)number);
        nonce[11] = last ? (byte)1 : (byte)0;
    }
}
