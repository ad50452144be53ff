using System.Text;
using System.Text.Unicode;

namespace HealthShare.Hl7;

/// <summary>
/// Chooses the character set of a message from MSH-18 (table 0211) and from the bytes themselves.
/// </summary>
/// <remarks>
/// Rule. UTF-8, ASCII, ISO-8859-1, nothing, or a name we do not know: the text is UTF-8 if the bytes are valid UTF-8, else
/// ISO-8859-1. So bytes overrule the declaration where they contradict it: real text in ISO-8859-1 is practically never valid
/// UTF-8 by chance. Other one-byte sets (other parts of ISO-8859, Windows-125x) are taken at their word. Sets of several bytes (GB 18030,
/// Big5, KS X 1001, CNS 11643, Shift JIS) are taken at their word too, unless the bytes are no text of that set: then the first rule holds.
/// Sets that are switched in the text (ISO 2022, as Japan uses it) read as the first rule says between the switches. No byte sequence is
/// ever refused.
/// </remarks>
public static class Er7Charset
{
    /// <summary>The encoding of <paramref name="bytes"/> under the declaration of MSH-18 (one repetition, may be empty).</summary>
    public static Encoding Choose(string declared, ReadOnlySpan<byte> bytes) =>
        Er7CharacterSet.Declared(Encoding.Latin1.GetBytes(declared), 0).EncodingOf(bytes);

    /// <summary>Text of bytes that stand alone: UTF-8 if valid, else ISO-8859-1.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes) =>
        (Utf8.IsValid(bytes) ? Encoding.UTF8 : Encoding.Latin1).GetString(bytes);
}
