using System.Diagnostics.CodeAnalysis;

namespace HealthShare.Vault.Content.Ipfs;

/// <summary>Reads CIDs as daemons spell them: version 1 in base32 (<c>b…</c>, Kubo) or base58 (<c>z…</c>, js-ipfs).</summary>
internal static class CidText
{
    private const string Base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

    /// <summary>False for what is no CID, and for CIDs that this project never makes (version 0, other hashes and codecs).</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Cid? cid)
    {
        cid = null;
        if (text is not { Length: > 1 and < 64 } || text[0] != 'z')
            return Cid.TryParse(text, out cid);
        Span<byte> bytes = stackalloc byte[Cid.Size];
        return TryDecode(text.AsSpan(1), bytes) && Cid.TryRead(bytes, out cid);
    }

    // Arithmetic in base 256, most significant byte first; a number too large for the bytes is refused.
    private static bool TryDecode(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        bytes.Clear();
        foreach (var letter in text)
        {
            var carry = Base58.IndexOf(letter, StringComparison.Ordinal);
            if (carry < 0)
                return false;
            for (var i = bytes.Length - 1; i >= 0; i--)
            {
                carry += bytes[i] * 58;
                bytes[i] = (byte)carry;
                carry >>= 8;
            }
            if (carry != 0)
                return false;
        }
        return true;
    }
}
