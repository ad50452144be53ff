using System.Text;
using System.Text.Unicode;

namespace HealthShare.Hl7;

/// <summary>
/// Chooses the character set of a message from MSH-18 (table 0211) and from the bytes themselves.
/// </summary>
/// <remarks>
/// Rule. UTF-8, ASCII, ISO-8859-1, nothing, or a name we do not know: the text is UTF-8 if the bytes are valid UTF-8, else
/// ISO-8859-1. So bytes overrule the declaration where they contradict it: real text in ISO-8859-1 is practically never valid
/// UTF-8 by chance. Other parts of ISO-8859 are taken at their word. No byte sequence is ever refused.
/// </remarks>
public static class Er7Charset
{
    /// <summary>The encoding of <paramref name="bytes"/> under the declaration of MSH-18 (its first repetition, may be empty).</summary>
    public static Encoding Choose(string declared, ReadOnlySpan<byte> bytes)
    {
        var name = declared.Trim().ToUpperInvariant();
        if (name.StartsWith("8859/", StringComparison.Ordinal) && name is not "8859/1"
            && CodePagesEncodingProvider.Instance.GetEncoding("iso-8859-" + name[5..]) is { } part)
            return part;
        // In pure ASCII the declaration still decides about bytes that \X..\ escapes bring in.
        if (name is "8859/1" && Ascii.IsValid(bytes))
            return Encoding.Latin1;
        return Utf8.IsValid(bytes) ? Encoding.UTF8 : Encoding.Latin1;
    }

    /// <summary>Text of bytes that stand alone: UTF-8 if valid, else ISO-8859-1.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes) =>
        (Utf8.IsValid(bytes) ? Encoding.UTF8 : Encoding.Latin1).GetString(bytes);
}
