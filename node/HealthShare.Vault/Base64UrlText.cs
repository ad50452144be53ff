using System.Buffers;
using System.Buffers.Text;

namespace HealthShare.Vault;

/// <summary>Base64url without padding, of a known length, in its one canonical spelling.</summary>
internal static class Base64UrlText
{
    public static byte[]? TryDecode(ReadOnlySpan<char> text, int length)
    {
        if (text.Length != Base64Url.GetEncodedLength(length))
            return null;
        var bytes = new byte[length];
        return Base64Url.DecodeFromChars(text, bytes, out _, out var written) is OperationStatus.Done && written == length
            && text.SequenceEqual(Base64Url.EncodeToString(bytes)) ? bytes : null;
    }
}
