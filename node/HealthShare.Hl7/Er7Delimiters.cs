using System.Buffers;

namespace HealthShare.Hl7;

/// <summary>
/// The delimiters that a message states for itself in MSH-1 and MSH-2 (HL7 v2, chapter 2, section 2.5.4).
/// </summary>
/// <remarks>
/// Policy. Missing ones take the standard's value (<c>^ ~ \ &amp;</c>) unless the message uses that character for something
/// else: then there is none of that kind. An escape character written twice (<c>^~\\&amp;</c>, left over from program text) counts
/// once. Any other repetition, and any character outside printable ASCII, makes the message unreadable; so does an MSH-2 of letters and
/// digits alone: it is the sender's name, where MSH-2 itself was left out.
/// </remarks>
/// <param name="Field">Field separator, MSH-1.</param>
/// <param name="Component">Component separator; 0 where the message has none.</param>
/// <param name="Repetition">Repetition separator; 0 where the message has none.</param>
/// <param name="Escape">Escape character; 0 where the message has none.</param>
/// <param name="Subcomponent">Sub-component separator; 0 where the message has none.</param>
/// <param name="Truncation">Truncation character (from version 2.7); 0 where the message has none.</param>
public readonly record struct Er7Delimiters(
    byte Field, byte Component, byte Repetition, byte Escape, byte Subcomponent, byte Truncation)
{
    private const int MaxCount = 5;
    private static readonly SearchValues<byte> LettersAndDigits = SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>The recommended set, <c>|^~\&amp;</c>, without a truncation character.</summary>
    public static Er7Delimiters Standard { get; } = new((byte)'|', (byte)'^', (byte)'~', (byte)'\\', (byte)'&', 0);

    /// <summary>Reads the delimiters from a header segment (MSH, FHS or BHS).</summary>
    /// <param name="header">The segment, from its identifier on, without its end.</param>
    /// <param name="delimiters">The delimiters found.</param>
    /// <param name="faultAt">Offset in <paramref name="header"/> of the offending byte.</param>
    /// <returns>Null when they were read, otherwise the reason why not.</returns>
    internal static string? TryRead(ReadOnlySpan<byte> header, out Er7Delimiters delimiters, out int faultAt)
    {
        delimiters = default;
        faultAt = 3;
        if (header.Length < 4)
            return "The header ends before its field separator (MSH-1).";
        var field = header[3];
        if (!IsPunctuation(field))
            return "The field separator (MSH-1) is not a printable ASCII character other than a letter or a digit.";

        var rest = header[4..];
        var end = rest.IndexOf(field);
        var stated = end < 0 ? rest : rest[..end];
        Span<byte> all = stackalloc byte[MaxCount];
        var count = 0;
        for (var i = 0; i < stated.Length; i++)
        {
            faultAt = 4 + i;
            if (count == 3 && stated[i] == all[2])
                continue;
            if (count == MaxCount)
                return "MSH-2 has more than five encoding characters.";
            if (stated[i] is <= 0x20 or >= 0x7F)
                return "An encoding character (MSH-2) is not printable ASCII.";
            if (all[..count].Contains(stated[i]))
                return "MSH-2 gives one character two meanings.";
            all[count++] = stated[i];
        }
        if (count > 0 && !stated.ContainsAnyExcept(LettersAndDigits))
        {
            faultAt = 4;
            return "MSH-2 holds letters and digits alone: it may have been left out, so that every field stands one too early.";
        }

        ReadOnlySpan<byte> standard = "^~\\&"u8;
        for (; count < standard.Length; count++)
            all[count] = field == standard[count] || all[..count].Contains(standard[count]) ? (byte)0 : standard[count];
        delimiters = new Er7Delimiters(field, all[0], all[1], all[2], all[3], all[4]);
        return null;
    }

    /// <summary>Whether no letter or digit is among them, so that words can be written without escaping.</summary>
    internal bool ArePunctuation
    {
        get
        {
            foreach (var delimiter in (ReadOnlySpan<byte>)[Component, Repetition, Escape, Subcomponent, Truncation])
            {
                if (delimiter != 0 && !IsPunctuation(delimiter))
                    return false;
            }
            return true;
        }
    }

    private static bool IsPunctuation(byte value) => value is > 0x20 and < 0x7F && !char.IsAsciiLetterOrDigit((char)value);
}
