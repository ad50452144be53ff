using System.Security.Cryptography;

namespace HealthShare.Vault.Records;

/// <summary>What the ledger holds of a record's key: SHA-256(<c>healthshare-record-key-v1\n</c> + salt + key).</summary>
/// <remarks>
/// AES-GCM does not commit to its key: a ciphertext can be crafted that opens under two keys. Whoever opens a record of
/// another hospital checks the received key against this commitment first, so both sides speak of one plaintext.
/// </remarks>
public static class RecordKeyCommitment
{
    /// <summary>Length of the salt, in bytes.</summary>
    public const int SaltSize = 16;

    /// <summary>Length of a commitment, in bytes.</summary>
    public const int Size = SHA256.HashSizeInBytes;

    /// <summary>A fresh random salt; one for each record.</summary>
    public static byte[] CreateSalt() => RandomNumberGenerator.GetBytes(SaltSize);

    /// <summary>The commitment to a 32-byte key under a 16-byte salt.</summary>
    /// <exception cref="ArgumentException">The salt or the key has another length.</exception>
    public static byte[] Compute(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> key)
    {
        if (salt.Length != SaltSize || key.Length != Keys.SecretKey.Size)
            throw new ArgumentException("A commitment takes a 16-byte salt and a 32-byte key.");
        ReadOnlySpan<byte> label = "healthshare-record-key-v1\n"u8;
        Span<byte> input = stackalloc byte[label.Length + SaltSize + Keys.SecretKey.Size];
        label.CopyTo(input);
        salt.CopyTo(input[label.Length..]);
        key.CopyTo(input[(label.Length + SaltSize)..]);
        var commitment = SHA256.HashData(input);
        CryptographicOperations.ZeroMemory(input);
        return commitment;
    }

    /// <summary>Compares in constant time. False for a salt, key or commitment of a wrong length.</summary>
    public static bool Matches(ReadOnlySpan<byte> commitment, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> key) =>
        salt.Length == SaltSize && key.Length == Keys.SecretKey.Size
        && CryptographicOperations.FixedTimeEquals(commitment, Compute(salt, key));
}
