using System.Security.Cryptography;

namespace HealthShare.Vault.Keys;

/// <summary>32 secret bytes that stay where they are in memory and are zeroed on dispose.</summary>
public sealed class SecretKey : IDisposable
{
    /// <summary>Length of every key, in bytes.</summary>
    public const int Size = 32;

    // Pinned: the collector must not leave copies of a key behind when it moves objects.
    private readonly byte[] bytes = GC.AllocateUninitializedArray<byte>(Size, pinned: true);
    private bool disposed;

    private SecretKey()
    {
    }

    /// <summary>The key itself. Do not keep copies; do not log.</summary>
    /// <exception cref="ObjectDisposedException">The key was zeroed already.</exception>
    public ReadOnlySpan<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            return bytes;
        }
    }

    /// <summary>Makes a key from the system's random source.</summary>
    public static SecretKey Create()
    {
        var key = new SecretKey();
        RandomNumberGenerator.Fill(key.bytes);
        return key;
    }

    /// <summary>Copies a key; the caller zeroes its own copy.</summary>
    /// <exception cref="ArgumentException"><paramref name="source"/> is not 32 bytes long.</exception>
    public static SecretKey From(ReadOnlySpan<byte> source)
    {
        if (source.Length != Size)
            throw new ArgumentException($"A key is {Size} bytes long, not {source.Length}.", nameof(source));
        var key = new SecretKey();
        source.CopyTo(key.bytes);
        return key;
    }

    /// <summary>Derives an independent key for one use: HKDF-SHA256, info <c>healthshare-subkey-v1\n</c> + label.</summary>
    /// <param name="label">Names the use, such as <c>record-id</c>. Different labels give unrelated keys.</param>
    public SecretKey Derive(string label)
    {
        ArgumentException.ThrowIfNullOrEmpty(label);
        var key = new SecretKey();
        HKDF.DeriveKey(HashAlgorithmName.SHA256, Bytes, key.bytes, [], VaultLabel.Bytes($"healthshare-subkey-v1\n{label}"));
        return key;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(bytes);
        disposed = true;
    }
}
