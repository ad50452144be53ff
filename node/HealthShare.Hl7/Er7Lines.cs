using HealthShare.Hl7.Mllp;

namespace HealthShare.Hl7;

/// <summary>
/// The lines of an ER7 text. CR, LF and CRLF all end a segment, mixed as they come; empty lines are passed over. MLLP's own
/// bytes (VT, FS) and a byte order mark are no part of a line when they stand at its ends.
/// </summary>
internal ref struct Er7Lines(ReadOnlySpan<byte> text)
{
    private readonly ReadOnlySpan<byte> text = text;
    private int next;
    private bool frameEnded;

    /// <summary>Offset of the current line in the text.</summary>
    public int Start { get; private set; }

    /// <summary>Length of the current line without its end.</summary>
    public int Length { get; private set; }

    public readonly ReadOnlySpan<byte> Current => text.Slice(Start, Length);

    /// <summary>Whether an MLLP frame ended between the previous line and the current one.</summary>
    public bool AfterFrame { get; private set; }

    /// <summary>Steps to the next line that is not empty.</summary>
    public bool MoveNext()
    {
        AfterFrame = frameEnded;
        frameEnded = false;
        while (next < text.Length)
        {
            var rest = text[next..];
            var end = rest.IndexOfAny((byte)'\r', (byte)'\n');
            var length = end < 0 ? rest.Length : end;
            var (start, stop) = (next, next + length);
            next = end < 0 ? text.Length : stop + 1;
            Trim(ref start, ref stop);
            if (stop == start)
                continue;
            (Start, Length) = (start, stop - start);
            return true;
        }
        return false;
    }

    private void Trim(ref int start, ref int stop)
    {
        for (; start < stop; start++)
        {
            if (text[start] is MllpFraming.EndOfFrame)
                AfterFrame = true;
            else if (text[start..stop].StartsWith(ByteOrderMark))
                start += ByteOrderMark.Length - 1;
            else if (text[start] is not MllpFraming.StartOfFrame)
                break;
        }
        for (; stop > start && text[stop - 1] is MllpFraming.EndOfFrame; stop--)
            frameEnded = true;
    }

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];
}
