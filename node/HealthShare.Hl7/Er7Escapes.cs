using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace HealthShare.Hl7;

/// <summary>The escape sequences of HL7 v2, chapter 2, section 2.7. Never throws and never loses a byte it does not understand.</summary>
/// <remarks>
/// Decoded: <c>F S T R E P</c> to the delimiters, <c>Xhh…</c> to bytes of the message's character set, <c>.br</c> and <c>.ce</c> to a line
/// end, <c>.sp n</c> to n line ends, <c>.sk n</c> to n spaces. <c>C</c> and <c>M</c> (and ISO 2022's own escape sequences) switch the character set
/// of the text that follows. Dropped, since they only say how to show text: <c>H N .in .ti .fi .nf</c>. Kept as they stand: <c>Z</c> (local ones),
/// unknown ones, an escape without its end.
/// </remarks>
public static class Er7Escapes
{
    private const byte Esc = 0x1B;
    private const int MostRepeats = 100; // bounds what \.sp9999999\ can make of eleven bytes

    /// <summary>Text of a value with its escape sequences resolved.</summary>
    public static string Decode(ReadOnlySpan<byte> raw, Er7Delimiters delimiters, Encoding encoding) => Decode(raw, raw, delimiters, encoding);

    /// <summary>The same, where some bytes of <paramref name="raw"/> must not be taken for an escape character (see <see cref="Er7Shape"/>).</summary>
    internal static string Decode(ReadOnlySpan<byte> raw, ReadOnlySpan<byte> shape, Er7Delimiters delimiters, Encoding encoding)
    {
        var hasEscapes = delimiters.Escape != 0 && shape.Contains(delimiters.Escape);
        if (!hasEscapes && !Er7Text.MaySwitch(raw))
            return encoding.GetString(raw);
        var text = new Er7Text(raw.Length);
        if (hasEscapes)
            Resolve(raw, shape, delimiters, text);
        else
            text.AddWritten(raw);
        return text.ToText(encoding);
    }

    /// <summary>Writes text so that none of its characters acts as a delimiter, ends the segment or switches the character set.</summary>
    public static void Encode(ReadOnlySpan<byte> text, Er7Delimiters delimiters, IBufferWriter<byte> output)
    {
        ReadOnlySpan<byte> special =
        [
            delimiters.Field, delimiters.Component, delimiters.Subcomponent, delimiters.Repetition, delimiters.Escape, delimiters.Truncation,
            (byte)'\r', (byte)'\n', Esc,
        ];
        while (text.IndexOfAny(special) is var at and >= 0)
        {
            output.Write(text[..at]);
            var value = text[at];
            text = text[(at + 1)..];
            if (value == 0)
                output.Write([value]); // a delimiter that the message has not, not a zero byte, is meant by 0
            else if (delimiters.Escape == 0)
                output.Write(" "u8); // without an escape character a delimiter cannot be written; a space does the least harm
            else
            {
                output.Write([delimiters.Escape]);
                output.Write(SequenceOf(value, delimiters));
                output.Write([delimiters.Escape]);
            }
        }
        output.Write(text);
    }

    private static ReadOnlySpan<byte> SequenceOf(byte value, Er7Delimiters delimiters) =>
        value == delimiters.Field ? "F"u8 : value == delimiters.Component ? "S"u8 : value == delimiters.Subcomponent ? "T"u8
        : value == delimiters.Repetition ? "R"u8 : value == delimiters.Escape ? "E"u8 : value == delimiters.Truncation ? "P"u8
        : value == Esc ? "X1B"u8 : ".br"u8;

    /// <summary>Text in which no character acts as a delimiter or ends the segment, whatever character set it is written in afterwards.</summary>
    internal static string Escape(string text, Er7Delimiters delimiters)
    {
        var output = new StringBuilder(text.Length);
        Span<byte> one = stackalloc byte[1];
        var escaped = new ArrayBufferWriter<byte>(8);
        foreach (var character in text)
        {
            if (character >= 0x80)
            {
                output.Append(character);
                continue;
            }
            one[0] = (byte)character;
            escaped.ResetWrittenCount();
            Encode(one, delimiters, escaped);
            foreach (var value in escaped.WrittenSpan)
                output.Append((char)value);
        }
        return output.ToString();
    }

    private static void Resolve(
        ReadOnlySpan<byte> raw, ReadOnlySpan<byte> shape, Er7Delimiters delimiters, Er7Text text)
    {
        while (true)
        {
            var start = shape.IndexOf(delimiters.Escape);
            if (start < 0)
                break;
            text.AddWritten(raw[..start]);
            raw = raw[start..];
            shape = shape[start..];
            var length = shape[1..].IndexOf(delimiters.Escape);
            if (length < 0)
                break;
            if (TryResolve(raw.Slice(1, length), delimiters, text))
            {
                raw = raw[(length + 2)..];
                shape = shape[(length + 2)..];
                continue;
            }
            // Not a sequence: the first character stands for itself and the next one may open a sequence.
            text.AddWritten(raw[..(length + 1)]);
            raw = raw[(length + 1)..];
            shape = shape[(length + 1)..];
        }
        text.AddWritten(raw);
    }

    private static bool TryResolve(ReadOnlySpan<byte> sequence, Er7Delimiters delimiters, Er7Text text)
    {
        if (sequence.Length == 1)
        {
            if (sequence[0] is (byte)'H' or (byte)'N')
                return true;
            var value = sequence[0] switch
            {
                (byte)'F' => delimiters.Field,
                (byte)'S' => delimiters.Component,
                (byte)'T' => delimiters.Subcomponent,
                (byte)'R' => delimiters.Repetition,
                (byte)'E' => delimiters.Escape,
                (byte)'P' => delimiters.Truncation,
                _ => (byte)0,
            };
            if (value != 0)
                text.Add([value]);
            return value != 0;
        }
        return sequence.Length > 1 && sequence[0] switch
        {
            (byte)'X' => TryHexadecimal(sequence[1..], text),
            (byte)'.' => TryFormat(sequence[1..], text),
            (byte)'C' or (byte)'M' => TrySwitch(sequence, text) || Keep(sequence, delimiters, text),
            (byte)'Z' => Keep(sequence, delimiters, text),
            _ => false,
        };
    }

    private static bool Keep(ReadOnlySpan<byte> sequence, Er7Delimiters delimiters, Er7Text text)
    {
        text.Add([delimiters.Escape]);
        text.Add(sequence);
        text.Add([delimiters.Escape]);
        return true;
    }

    private static bool TrySwitch(ReadOnlySpan<byte> sequence, Er7Text text)
    {
        if (Er7SetSwitch.Sequence(sequence) is not { } set)
            return false;
        text.Switch(set);
        return true;
    }

    private static bool TryHexadecimal(ReadOnlySpan<byte> digits, Er7Text text)
    {
        if (digits.Length % 2 != 0 || digits.ContainsAnyExcept(HexadecimalDigits))
            return false;
        Span<byte> few = stackalloc byte[128];
        while (!digits.IsEmpty)
        {
            var part = digits[..Math.Min(digits.Length, 2 * few.Length)];
            Convert.FromHexString(part, few, out _, out var written);
            text.Add(few[..written]);
            digits = digits[part.Length..];
        }
        return true;
    }

    private static readonly SearchValues<byte> HexadecimalDigits = SearchValues.Create("0123456789abcdefABCDEF"u8);

    private static bool TryFormat(ReadOnlySpan<byte> command, Er7Text text)
    {
        if (command.Length < 2)
            return false;
        var number = command[2..].TrimStart((byte)' ').TrimStart((byte)'+');
        var repeats = 1;
        var digits = number.TrimStart((byte)'-');
        if (number.Length > 0 && (!Utf8Parser.TryParse(digits, out repeats, out var consumed) || consumed != digits.Length || repeats < 0))
            return false;
        repeats = Math.Min(repeats, MostRepeats);
        switch (command[..2])
        {
            case [(byte)'b', (byte)'r'] or [(byte)'c', (byte)'e']:
                text.Add("\n"u8);
                return true;
            case [(byte)'s', (byte)'p'] or [(byte)'s', (byte)'k']:
                text.Add(command[1] == (byte)'p' ? (byte)'\n' : (byte)' ', repeats);
                return true;
            case [(byte)'i', (byte)'n'] or [(byte)'t', (byte)'i'] or [(byte)'f', (byte)'i'] or [(byte)'n', (byte)'f']:
                return true;
            default:
                return false;
        }
    }
}
