using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;

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
    private const int MostRepeats = 100; // bounds what \.sp9999999\ can make of eleven bytes
    private const byte Esc = 0x1B;

    /// <summary>Text of a value with its escape sequences resolved.</summary>
    public static string Decode(ReadOnlySpan<byte> raw, Er7Delimiters delimiters, Encoding encoding) => Decode(raw, raw, delimiters, encoding);

    /// <summary>The same, where some bytes of <paramref name="raw"/> must not be taken for an escape character (see <see cref="Er7Shape"/>).</summary>
    internal static string Decode(ReadOnlySpan<byte> raw, ReadOnlySpan<byte> shape, Er7Delimiters delimiters, Encoding encoding)
    {
        if (delimiters.Escape == 0 || !shape.Contains(delimiters.Escape))
            return raw.Contains(Esc) ? DecodeSwitched(raw, encoding) : encoding.GetString(raw);
        var output = new ArrayBufferWriter<byte>(raw.Length);
        Resolve(raw, shape, delimiters, output);
        var bytes = output.WrittenSpan;
        return bytes.Contains(Esc) ? DecodeSwitched(bytes, encoding) : DecodeOwn(bytes, encoding);
    }

    private static string DecodeOwn(ReadOnlySpan<byte> bytes, Encoding encoding) =>
        encoding is UTF8Encoding && !Utf8.IsValid(bytes) ? Encoding.Latin1.GetString(bytes) : encoding.GetString(bytes);

    /// <summary>Text whose character set switches on its way; each value begins in the message's own set.</summary>
    private static string DecodeSwitched(ReadOnlySpan<byte> bytes, Encoding own)
    {
        var text = new StringBuilder(bytes.Length);
        Er7SetSwitch? current = null;
        var from = 0; // where the run under the current set begins
        var at = 0;
        while (bytes[at..].IndexOf(Esc) is var next and >= 0)
        {
            at += next;
            if (Er7SetSwitch.At(bytes[at..], 0, out var length) is not { } found)
            {
                at++;
                continue;
            }
            Append(bytes[from..at]);
            (current, at) = (found, at + length);
            from = at;
        }
        Append(bytes[from..]);
        return text.ToString();

        void Append(ReadOnlySpan<byte> run) => text.Append(current is null or { CodePage: 0 } ? DecodeOwn(run, own) : current.Decode(run));
    }

    /// <summary>Writes text so that none of its characters acts as a delimiter or ends the segment.</summary>
    public static void Encode(ReadOnlySpan<byte> text, Er7Delimiters delimiters, IBufferWriter<byte> output)
    {
        foreach (var value in text)
        {
            var letter = value == delimiters.Field ? 'F' : value == delimiters.Component ? 'S' : value == delimiters.Subcomponent ? 'T'
                : value == delimiters.Repetition ? 'R' : value == delimiters.Escape ? 'E' : value is (byte)'\r' or (byte)'\n' ? '.' : '\0';
            if (letter == '\0' || value == 0 || delimiters.Escape == 0)
            {
                // Without an escape character a delimiter cannot be written; a space does the least harm.
                output.Write([letter == '\0' || value == 0 ? value : (byte)' ']);
                continue;
            }
            if (letter == '.')
                output.Write([delimiters.Escape, (byte)'.', (byte)'b', (byte)'r', delimiters.Escape]);
            else
                output.Write([delimiters.Escape, (byte)letter, delimiters.Escape]);
        }
    }

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
        ReadOnlySpan<byte> raw, ReadOnlySpan<byte> shape, Er7Delimiters delimiters, ArrayBufferWriter<byte> output)
    {
        while (true)
        {
            var start = shape.IndexOf(delimiters.Escape);
            if (start < 0)
                break;
            output.Write(raw[..start]);
            raw = raw[start..];
            shape = shape[start..];
            var length = shape[1..].IndexOf(delimiters.Escape);
            if (length < 0)
                break;
            if (TryResolve(raw.Slice(1, length), delimiters, output))
            {
                raw = raw[(length + 2)..];
                shape = shape[(length + 2)..];
                continue;
            }
            // Not a sequence: the first character stands for itself and the next one may open a sequence.
            output.Write(raw[..(length + 1)]);
            raw = raw[(length + 1)..];
            shape = shape[(length + 1)..];
        }
        output.Write(raw);
    }

    private static bool TryResolve(ReadOnlySpan<byte> sequence, Er7Delimiters delimiters, ArrayBufferWriter<byte> output)
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
                output.Write([value]);
            return value != 0;
        }
        return sequence.Length > 1 && sequence[0] switch
        {
            (byte)'X' => TryHexadecimal(sequence[1..], output),
            (byte)'.' => TryFormat(sequence[1..], output),
            (byte)'C' or (byte)'M' => TrySwitch(sequence, output) || Keep(sequence, delimiters, output),
            (byte)'Z' => Keep(sequence, delimiters, output),
            _ => false,
        };
    }

    private static bool Keep(ReadOnlySpan<byte> sequence, Er7Delimiters delimiters, ArrayBufferWriter<byte> output)
    {
        output.Write([delimiters.Escape]);
        output.Write(sequence);
        output.Write([delimiters.Escape]);
        return true;
    }

    /// <summary>Writes a switch of the set as ISO 2022's own escape sequence, for the second pass.</summary>
    private static bool TrySwitch(ReadOnlySpan<byte> sequence, ArrayBufferWriter<byte> output)
    {
        if (Er7SetSwitch.Sequence(sequence) is null)
            return false;
        output.Write([Esc]);
        return TryHexadecimal(sequence[1..], output);
    }

    private static bool TryHexadecimal(ReadOnlySpan<byte> digits, ArrayBufferWriter<byte> output)
    {
        if (digits.Length % 2 != 0 || digits.ContainsAnyExcept(HexadecimalDigits))
            return false;
        Convert.FromHexString(digits, output.GetSpan(digits.Length / 2), out _, out var written);
        output.Advance(written);
        return true;
    }

    private static readonly SearchValues<byte> HexadecimalDigits = SearchValues.Create("0123456789abcdefABCDEF"u8);

    private static bool TryFormat(ReadOnlySpan<byte> command, ArrayBufferWriter<byte> output)
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
                output.Write("\n"u8);
                return true;
            case [(byte)'s', (byte)'p'] or [(byte)'s', (byte)'k']:
                output.GetSpan(repeats)[..repeats].Fill(command[1] == (byte)'p' ? (byte)'\n' : (byte)' ');
                output.Advance(repeats);
                return true;
            case [(byte)'i', (byte)'n'] or [(byte)'t', (byte)'i'] or [(byte)'f', (byte)'i'] or [(byte)'n', (byte)'f']:
                return true;
            default:
                return false;
        }
    }
}
