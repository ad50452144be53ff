using System.Text;

namespace HealthShare.Hl7;

/// <summary>
/// A switch of the character set inside a text: ISO 2022's own (ESC and two or three bytes) or HL7's form of it (<c>\C2842\</c>,
/// <c>\M2442\</c>; HL7 v2, chapter 2, section 2.7.3).
/// </summary>
/// <param name="CodePage">Code page that the text after it is read by; 0 for the message's own set.</param>
/// <param name="IsWide">Whether its characters are two bytes below 0x80 each.</param>
/// <param name="First">Set in the first byte of a character before it is read.</param>
/// <param name="Second">Set in the second byte of a character before it is read.</param>
internal sealed record Er7SetSwitch(int CodePage, bool IsWide, byte First = 0, byte Second = 0)
{
    private const byte Esc = 0x1B;
    private const int JapaneseEuc = 20932; // JIS X 0208 in two high bytes, JIS X 0212 in a high and a low one
    private static readonly Er7SetSwitch Own = new(0, false);
    private static readonly Er7SetSwitch Kanji = new(JapaneseEuc, true, 0x80, 0x80);
    private static readonly Er7SetSwitch MoreKanji = new(JapaneseEuc, true, 0x80);
    private static readonly Er7SetSwitch Katakana = new(932, false, 0x80);
    private static readonly Er7SetSwitch HighKatakana = new(932, false);
    private static readonly Er7SetSwitch Chinese = new(936, true, 0x80, 0x80);
    private static readonly Er7SetSwitch Korean = new(949, true, 0x80, 0x80);

    // Parts of ISO 8859 by the final byte of their ISO 2022 sequence (ESC - x).
    private static readonly Dictionary<byte, Er7SetSwitch> Parts = new()
    {
        [(byte)'A'] = new(28591, false), [(byte)'B'] = new(28592, false), [(byte)'C'] = new(28593, false), [(byte)'D'] = new(28594, false),
        [(byte)'L'] = new(28595, false), [(byte)'G'] = new(28596, false), [(byte)'F'] = new(28597, false), [(byte)'H'] = new(28598, false),
        [(byte)'M'] = new(28599, false),
    };

    /// <summary>The switch that a text begins with, or null.</summary>
    /// <param name="text">The text.</param>
    /// <param name="escape">The message's escape character; 0 for none.</param>
    /// <param name="length">Its length in bytes; 0 where there is none.</param>
    public static Er7SetSwitch? At(ReadOnlySpan<byte> text, byte escape, out int length)
    {
        length = 0;
        if (text.Length < 3 || (text[0] != Esc && (text[0] != escape || escape == 0 || text[1] is not ((byte)'C' or (byte)'M'))))
            return null;
        if (text[0] == Esc)
        {
            var found = Find(text[1..Math.Min(4, text.Length)], out var used);
            length = found is null ? 0 : used + 1;
            return found;
        }

        var end = text[1..Math.Min(text.Length, 10)].IndexOf(escape);
        if (end < 0 || Sequence(text.Slice(1, end)) is not { } hl7)
            return null;
        length = end + 2;
        return hl7;
    }

    /// <summary>The switch that an HL7 escape sequence names (without its escape characters), such as <c>M2442</c>, or null.</summary>
    public static Er7SetSwitch? Sequence(ReadOnlySpan<byte> sequence)
    {
        if (sequence.Length is not (5 or 7) || sequence[0] is not ((byte)'C' or (byte)'M'))
            return null;
        Span<byte> designator = stackalloc byte[3];
        return Convert.FromHexString(sequence[1..], designator, out _, out var written) is System.Buffers.OperationStatus.Done
            && Find(designator[..written], out var used) is { } found && used == written ? found : null;
    }

    /// <summary>Text of a run of bytes under this set, which is not the message's own.</summary>
    public string Decode(ReadOnlySpan<byte> run)
    {
        var encoding = CodePage == 28591 ? Encoding.Latin1 : CodePagesEncodingProvider.Instance.GetEncoding(CodePage)!;
        var bytes = run.ToArray();
        for (var i = 0; i < bytes.Length && First != 0; i++)
        {
            if (bytes[i] is <= 0x20 or 0x7F)
                continue;
            bytes[i] |= First;
            if (IsWide && i + 1 < bytes.Length)
                bytes[++i] |= Second;
        }
        return encoding.GetString(bytes);
    }

    private static Er7SetSwitch? Find(ReadOnlySpan<byte> designator, out int length)
    {
        length = designator is [(byte)'$', (byte)'(', _, ..] ? 3 : 2;
        return designator switch
        {
            [(byte)'(', (byte)'B' or (byte)'J', ..] => Own,
            [(byte)'(', (byte)'I', ..] => Katakana,
            [(byte)')', (byte)'I', ..] => HighKatakana,
            [(byte)'-', var part, ..] => Parts.GetValueOrDefault(part),
            [(byte)'$', (byte)'B' or (byte)'@', ..] => Kanji,
            [(byte)'$', (byte)'A', ..] => Chinese,
            [(byte)'$', (byte)'(', (byte)'B', ..] => Kanji,
            [(byte)'$', (byte)'(', (byte)'C', ..] => Korean,
            [(byte)'$', (byte)'(', (byte)'D', ..] => MoreKanji,
            _ => null,
        };
    }
}
