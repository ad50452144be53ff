using System.Security.Cryptography;

namespace HealthShare.Vault.Keys;

/// <summary>Wraps keys for storage under the current master key, and unwraps what any known master key wrapped.</summary>
/// <remarks>
/// Wrapped form, version 1: 1 byte version, 8 bytes id of the master key, 16 bytes salt, ciphertext, 16 bytes tag.
/// AES-256-GCM with a key of its own for each wrap (HKDF-SHA256 of the master key, salt, <c>healthshare-wrap-v1</c>) and a
/// nonce of zeros; purpose and id are associated data, so a wrapped key cannot be moved to another place. Thread-safe.
/// </remarks>
public sealed class KeyWrapper : IDisposable
{
    private const byte Version = 1;
    private const int SaltSize = 16;
    private const int TagSize = 16;
    private const int HeaderSize = 1 + MasterKey.IdSize + SaltSize;

    private readonly MasterKey current;
    private readonly IReadOnlyList<MasterKey> all;

    /// <summary>Takes ownership of the keys.</summary>
    /// <param name="current">Wraps from now on.</param>
    /// <param name="previous">Still unwrap, until everything is wrapped anew.</param>
    public KeyWrapper(MasterKey current, params IReadOnlyList<MasterKey> previous)
    {
        this.current = current;
        all = [current, .. previous];
    }

    /// <summary>Id of the master key that wraps now.</summary>
    public string CurrentKeyId => current.Id;

    /// <summary>Wraps a secret for one purpose and one id.</summary>
    /// <param name="secret">Up to 64 KiB.</param>
    /// <param name="purpose">What the secret is for, such as <c>record-key</c>; no line feed.</param>
    /// <param name="id">Whose it is, such as a record id.</param>
    public byte[] Wrap(ReadOnlySpan<byte> secret, string purpose, string id)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(secret.Length, 64 * 1024, nameof(secret));
        var wrapped = new byte[HeaderSize + secret.Length + TagSize];
        wrapped[0] = Version;
        current.IdBytes.CopyTo(wrapped.AsSpan(1));
        RandomNumberGenerator.Fill(wrapped.AsSpan(1 + MasterKey.IdSize, SaltSize));
        using var aes = CipherFor(current, wrapped);
        aes.Encrypt(Nonce, secret, wrapped.AsSpan(HeaderSize, secret.Length), wrapped.AsSpan(HeaderSize + secret.Length),
            AssociatedData(wrapped, purpose, id));
        return wrapped;
    }

    /// <summary>Unwraps a secret; the caller zeroes it after use.</summary>
    /// <exception cref="VaultException"><c>key.unknown_master</c>: no known master key wrapped it;
    /// <c>key.not_authentic</c>: damaged, or wrapped for another purpose or id; <c>key.malformed</c>.</exception>
    public byte[] Unwrap(ReadOnlySpan<byte> wrapped, string purpose, string id)
    {
        var master = MasterOf(wrapped);
        var secret = GC.AllocateUninitializedArray<byte>(wrapped.Length - HeaderSize - TagSize, pinned: true);
        using var aes = CipherFor(master, wrapped);
        try
        {
            aes.Decrypt(Nonce, wrapped[HeaderSize..^TagSize], wrapped[^TagSize..], secret, AssociatedData(wrapped, purpose, id));
            return secret;
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new VaultException("key.not_authentic", $"The wrapped {purpose} of '{id}' is damaged or belongs elsewhere.", e);
        }
    }

    /// <summary>Unwraps a 32-byte key.</summary>
    /// <inheritdoc cref="Unwrap" path="/exception"/>
    public SecretKey UnwrapKey(ReadOnlySpan<byte> wrapped, string purpose, string id)
    {
        var secret = Unwrap(wrapped, purpose, id);
        try
        {
            return secret.Length == SecretKey.Size
                ? SecretKey.From(secret)
                : throw new VaultException("key.malformed", $"The wrapped {purpose} of '{id}' is not a 32-byte key.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    /// <summary>True when an earlier master key wrapped it: unwrap and wrap anew, then that key can be retired.</summary>
    /// <exception cref="VaultException">As for <see cref="Unwrap"/>.</exception>
    public bool NeedsRewrap(ReadOnlySpan<byte> wrapped) => MasterOf(wrapped) != current;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var key in all)
            key.Dispose();
    }

    private static ReadOnlySpan<byte> Nonce => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    private MasterKey MasterOf(ReadOnlySpan<byte> wrapped)
    {
        if (wrapped.Length < HeaderSize + TagSize || wrapped[0] != Version)
            throw new VaultException("key.malformed", "The bytes are no wrapped key of version 1.");
        foreach (var key in all)
        {
            if (key.IdBytes.SequenceEqual(wrapped.Slice(1, MasterKey.IdSize)))
                return key;
        }
        var id = Base32.Encode(wrapped.Slice(1, MasterKey.IdSize));
        throw new VaultException("key.unknown_master", $"The key was wrapped by master key 'mk-{id}', which is not configured.");
    }

    private static AesGcm CipherFor(MasterKey master, ReadOnlySpan<byte> wrapped)
    {
        Span<byte> key = stackalloc byte[SecretKey.Size];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, master.Secret, key, wrapped.Slice(1 + MasterKey.IdSize, SaltSize),
            "healthshare-wrap-v1"u8);
        var aes = new AesGcm(key, TagSize);
        CryptographicOperations.ZeroMemory(key);
        return aes;
    }

    private static byte[] AssociatedData(ReadOnlySpan<byte> wrapped, string purpose, string id)
    {
        if (purpose.Contains('\n', StringComparison.Ordinal))
            throw new ArgumentException("A purpose holds no line feed.", nameof(purpose));
        return [.. wrapped[..HeaderSize], .. VaultLabel.Bytes($"{purpose}\n{id}")];
    }
}
