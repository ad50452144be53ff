using System.Security.Cryptography;
using System.Text;
using HealthShare.Vault.Keys;

namespace HealthShare.Node.Intake;

/// <summary>
/// Encrypts what the journal keeps: a version byte, a 12-byte random nonce, ciphertext, a 16-byte tag (AES-256-GCM, a key per
/// entry by HKDF). Bound to the entry's id and to what it is, so rows cannot be swapped. Thread-safe.
/// </summary>
internal sealed class PayloadCipher(SecretKey key) : IDisposable
{
    private const byte Version = 1;
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private const int Overhead = 1 + NonceSize + TagSize;

    /// <summary>Encrypts.</summary>
    public byte[] Protect(ReadOnlySpan<byte> plaintext, string id, string what)
    {
        var output = new byte[Overhead + plaintext.Length];
        output[0] = Version;
        var nonce = output.AsSpan(1, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        using var aes = CipherFor(id);
        aes.Encrypt(nonce, plaintext, output.AsSpan(1 + NonceSize, plaintext.Length), output.AsSpan(output.Length - TagSize),
            Encoding.UTF8.GetBytes($"{what}\n{id}"));
        return output;
    }

    /// <summary>Decrypts.</summary>
    /// <exception cref="CryptographicException">The bytes were changed, or belong to another entry.</exception>
    public byte[] Unprotect(ReadOnlySpan<byte> input, string id, string what)
    {
        if (input.Length < Overhead || input[0] != Version)
            throw new CryptographicException("The journal's entry is not of a known form.");
        var plaintext = new byte[input.Length - Overhead];
        using var aes = CipherFor(id);
        aes.Decrypt(input.Slice(1, NonceSize), input[(1 + NonceSize)..^TagSize], input[^TagSize..], plaintext,
            Encoding.UTF8.GetBytes($"{what}\n{id}"));
        return plaintext;
    }

    public void Dispose() => key.Dispose();

    // A key per entry keeps random nonces safe however many messages a hospital ever takes in.
    private AesGcm CipherFor(string id)
    {
        Span<byte> derived = stackalloc byte[SecretKey.Size];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key.Bytes, derived, [], Encoding.UTF8.GetBytes($"healthshare-journal-v1\n{id}"));
        var aes = new AesGcm(derived, TagSize);
        CryptographicOperations.ZeroMemory(derived);
        return aes;
    }
}
