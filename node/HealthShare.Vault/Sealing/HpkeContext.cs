using System.Buffers.Binary;
using System.Security.Cryptography;

namespace HealthShare.Vault.Sealing;

/// <summary>An HPKE encryption context (RFC 9180, section 5.2): messages in order, each under its own nonce.</summary>
internal sealed class HpkeContext(byte[] key, byte[] baseNonce) : IDisposable
{
    public const int TagSize = 16;
    private readonly AesGcm aes = new(key, TagSize);
    private ulong sequence;

    public byte[] Seal(ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext)
    {
        var ciphertext = new byte[plaintext.Length + TagSize];
        aes.Encrypt(NextNonce(), plaintext, ciphertext.AsSpan(0, plaintext.Length), ciphertext.AsSpan(plaintext.Length), associatedData);
        sequence++;
        return ciphertext;
    }

    /// <exception cref="VaultException"><c>envelope.not_authentic</c>; the sequence does not move.</exception>
    public byte[] Open(ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext)
    {
        if (ciphertext.Length < TagSize)
            throw new VaultException("envelope.not_authentic", "The sealed message is shorter than its tag.");
        var plaintext = GC.AllocateUninitializedArray<byte>(ciphertext.Length - TagSize, pinned: true);
        try
        {
            aes.Decrypt(NextNonce(), ciphertext[..^TagSize], ciphertext[^TagSize..], plaintext, associatedData);
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new VaultException("envelope.not_authentic", "The sealed message was changed, or is for another key or purpose.", e);
        }
        sequence++;
        return plaintext;
    }

    public void Dispose() => aes.Dispose();

    private byte[] NextNonce()
    {
        var nonce = (byte[])baseNonce.Clone();
        var low = nonce.AsSpan(4);
        BinaryPrimitives.WriteUInt64BigEndian(low, BinaryPrimitives.ReadUInt64BigEndian(low) ^ sequence);
        return nonce;
    }
}
