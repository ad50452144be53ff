using System.Diagnostics.CodeAnalysis;

namespace HealthShare.Vault;

/// <summary>RFC 4648 base32, lower case, without padding: the spelling of CIDs and key ids.</summary>
internal static class Base32
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        var text = new char[(bytes.Length * 8 + 4) / 5];
        int bits = 0, held = 0, at = 0;
        foreach (var value in bytes)
        {
            held = (held << 8) | value;
            for (bits += 8; bits >= 5; bits -= 5)
                text[at++] = Alphabet[(held >> (bits - 5)) & 31];
            held &= (1 << bits) - 1;
        }
        if (bits > 0)
            text[at] = Alphabet[(held << (5 - bits)) & 31];
        return new string(text);
    }

    /// <summary>Refuses upper case, padding, unused bits that are not zero: each value has one spelling.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        var result = new byte[text.Length * 5 / 8];
        int bits = 0, held = 0, at = 0;
        foreach (var letter in text)
        {
            var value = Alphabet.IndexOf(letter, StringComparison.Ordinal);
            if (value < 0)
                return false;
            held = (held << 5) | value;
            bits += 5;
            if (bits >= 8)
            {
                bits -= 8;
                result[at++] = (byte)(held >> bits);
                held &= (1 << bits) - 1;
            }
        }
        if (bits >= 5 || held != 0)
            return false;
        bytes = result;
        return true;
    }
}
