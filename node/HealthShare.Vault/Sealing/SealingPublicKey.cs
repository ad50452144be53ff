using System.Buffers.Text;
using System.Security.Cryptography;

namespace HealthShare.Vault.Sealing;

/// <summary>A member's public sealing key, as it stands on the ledger: others seal record keys for it.</summary>
public sealed class SealingPublicKey
{
    private readonly byte[] point;

    private SealingPublicKey(byte[] point)
    {
        this.point = point;
        KeyId = "sk-" + Base32.Encode(SHA256.HashData(point).AsSpan(0, 16));
    }

    /// <summary><c>sk-</c> and the first 128 bits of SHA-256 of the point, in lower-case base32.</summary>
    public string KeyId { get; }

    /// <summary>The uncompressed P-256 point, 65 bytes.</summary>
    public ReadOnlySpan<byte> Point => point;

    /// <summary>Wire form: the uncompressed P-256 point (65 bytes) in base64url without padding.</summary>
    public override string ToString() => Base64Url.EncodeToString(point);

    /// <summary>Reads the wire form.</summary>
    /// <exception cref="VaultException"><c>sealing_key.invalid</c>: not base64url, or not a point on P-256.</exception>
    public static SealingPublicKey Parse(string text)
    {
        var bytes = Base64UrlText.TryDecode(text, P256Point.Size);
        return bytes is null ? throw Invalid() : FromPoint(bytes);
    }

    /// <summary>Takes an uncompressed point.</summary>
    /// <exception cref="VaultException"><c>sealing_key.invalid</c>: not a point on P-256.</exception>
    public static SealingPublicKey FromPoint(ReadOnlySpan<byte> point) =>
        P256Point.IsValid(point) ? new(point.ToArray()) : throw Invalid();

    private static VaultException Invalid() =>
        new("sealing_key.invalid", "A sealing key is an uncompressed P-256 point (65 bytes) in base64url.");
}
