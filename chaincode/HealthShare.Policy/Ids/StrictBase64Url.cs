using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace HealthShare.Policy.Ids;

/// <summary>
/// base64url without padding (RFC 4648 section 5), one spelling per value: white space, padding and unused bits that are
/// not zero are refused, so that equal bytes are equal text on the ledger.
/// </summary>
public static class StrictBase64Url
{
    /// <summary>Decodes <paramref name="text"/> when it is well formed and at most <paramref name="maxBytes"/> long.</summary>
    public static bool TryDecode(string? text, int maxBytes, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        // The length is checked first, so a hostile text costs nothing.
        if (text is null || text.Length > Base64Url.GetEncodedLength(maxBytes) || text.Length % 4 == 1)
            return false;
        foreach (var letter in text)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '_'))
                return false;
        }
        var decoded = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        if (Base64Url.DecodeFromChars(text, decoded, out _, out var written) is not OperationStatus.Done)
            return false;
        Array.Resize(ref decoded, written);
        if (!string.Equals(Base64Url.EncodeToString(decoded), text, StringComparison.Ordinal))
            return false;
        bytes = decoded;
        return true;
    }

    /// <summary>True when <paramref name="text"/> decodes to between the two lengths, both included.</summary>
    public static bool IsValid(string? text, int minBytes, int maxBytes) =>
        TryDecode(text, maxBytes, out var bytes) && bytes.Length >= minBytes;
}
