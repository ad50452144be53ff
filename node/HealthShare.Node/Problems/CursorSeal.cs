using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using HealthShare.Node.Keys;
using HealthShare.Policy.Ids;
using HealthShare.Vault.Keys;

namespace HealthShare.Node.Problems;

/// <summary>
/// Makes positions in lists opaque: encrypted and authenticated under a key of this node, bound to the list they belong to. What was
/// altered, made up or taken from another list is refused. The same position gives the same text, so that a page is the same twice.
/// </summary>
internal sealed class CursorSeal(NodeKeys keys) : IDisposable
{
    private const int MaxBytes = 4096, NonceSize = 12, TagSize = 16;
    private readonly Lazy<Pair> secret = new(() => new Pair(keys));

    /// <summary>Seals a position.</summary>
    /// <param name="list">Names the list, such as <c>consents pt-…</c>: only there it opens.</param>
    /// <param name="position">What the list needs to go on.</param>
    public string Seal(string list, string position)
    {
        var (plain, name) = (Encoding.UTF8.GetBytes(position), Encoding.UTF8.GetBytes(list));
        var sealedBytes = new byte[NonceSize + TagSize + plain.Length];
        // Derived from all that is sealed: no two positions share a nonce, save by a collision of 96 bits.
        HMACSHA256.HashData(secret.Value.Nonces.Bytes, [.. BitConverter.GetBytes(name.Length), .. name, .. plain]).AsSpan(0, NonceSize).CopyTo(sealedBytes);
        using var cipher = new AesGcm(secret.Value.Cipher.Bytes, TagSize);
        cipher.Encrypt(sealedBytes.AsSpan(0, NonceSize), plain, sealedBytes.AsSpan(NonceSize + TagSize), sealedBytes.AsSpan(NonceSize, TagSize), name);
        return Base64Url.EncodeToString(sealedBytes);
    }

    /// <summary>Opens a position; null where this node made no such one for that list.</summary>
    public string? Open(string list, string cursor)
    {
        if (!StrictBase64Url.TryDecode(cursor, MaxBytes, out var bytes) || bytes.Length < NonceSize + TagSize)
            return null;
        var plain = new byte[bytes.Length - NonceSize - TagSize];
        using var cipher = new AesGcm(secret.Value.Cipher.Bytes, TagSize);
        try
        {
            cipher.Decrypt(bytes.AsSpan(0, NonceSize), bytes.AsSpan(NonceSize + TagSize), bytes.AsSpan(NonceSize, TagSize), plain, Encoding.UTF8.GetBytes(list));
            return Encoding.UTF8.GetString(plain);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    /// <summary>What a caller's cursor means to the list; null where there is none.</summary>
    /// <exception cref="ApiProblemException"><c>request.invalid</c>: the list gave no such cursor.</exception>
    public string? OpenCursor(string list, string? cursor) => cursor is null ? null : Open(list, cursor) ?? throw PageCursor.Invalid();

    /// <summary>The cursor that a caller gets; null on the last page.</summary>
    public string? SealCursor(string list, string? next) => next is null ? null : Seal(list, next);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (secret.IsValueCreated)
            secret.Value.Dispose();
    }

    // The node's keys are there once it has started.
    private sealed class Pair(NodeKeys keys) : IDisposable
    {
        public SecretKey Cipher { get; } = keys.Subkey("cursor");

        public SecretKey Nonces { get; } = keys.Subkey("cursor-nonce");

        public void Dispose()
        {
            Cipher.Dispose();
            Nonces.Dispose();
        }
    }
}
