namespace HealthShare.Hl7;

/// <summary>What a stretch of a file is.</summary>
public enum Er7PieceKind
{
    /// <summary>A message: from an MSH line to the next message or envelope line.</summary>
    Message,

    /// <summary>FHS, the header of a file.</summary>
    FileHeader,

    /// <summary>BHS, the header of a batch.</summary>
    BatchHeader,

    /// <summary>BTS, the end of a batch.</summary>
    BatchTrailer,

    /// <summary>FTS, the end of a file.</summary>
    FileTrailer,

    /// <summary>Lines that belong to no message: before the first one, after an envelope's line or after an MLLP frame.</summary>
    Stray,
}

/// <summary>A stretch of a file.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Offset">Offset of its first byte in the file.</param>
/// <param name="Bytes">Its bytes, without line ends or framing around it.</param>
public readonly record struct Er7Piece(Er7PieceKind Kind, int Offset, ReadOnlyMemory<byte> Bytes);

/// <summary>
/// Splits a file or a stream's content into messages at each line that begins with MSH, and recognises the envelopes of the batch
/// protocol (HL7 v2, chapter 2, section 2.10.3). Reads lazily; linear in the size.
/// </summary>
public static class Er7File
{
    /// <summary>The pieces of a file in their order.</summary>
    public static List<Er7Piece> Split(ReadOnlyMemory<byte> file)
    {
        var pieces = new List<Er7Piece>();
        var lines = new Er7Lines(file.Span);
        Er7PieceKind? open = null;
        var (start, end) = (0, 0);
        while (lines.MoveNext())
        {
            var starts = KindOf(lines.Current);
            if (starts is null && open is Er7PieceKind.Message && !lines.AfterFrame)
            {
                end = lines.Start + lines.Length;
                continue;
            }
            if (starts is null && open is Er7PieceKind.Stray)
            {
                end = lines.Start + lines.Length;
                continue;
            }
            Close();
            (open, start, end) = (starts ?? Er7PieceKind.Stray, lines.Start, lines.Start + lines.Length);
        }
        Close();
        return pieces;

        void Close()
        {
            if (open is { } kind)
                pieces.Add(new Er7Piece(kind, start, file[start..end]));
        }
    }

    /// <summary>A text from the first byte of its first line to the last byte of its last: without a byte order mark, line ends and MLLP's bytes around it.</summary>
    /// <returns>A slice of the text; the text itself where it has no line.</returns>
    public static ReadOnlyMemory<byte> WithoutFraming(ReadOnlyMemory<byte> text)
    {
        var lines = new Er7Lines(text.Span);
        if (!lines.MoveNext())
            return text;
        var (start, end) = (lines.Start, lines.Start + lines.Length);
        while (lines.MoveNext())
            end = lines.Start + lines.Length;
        return text[start..end];
    }

    private static Er7PieceKind? KindOf(ReadOnlySpan<byte> line)
    {
        if (line.StartsWith("MSH"u8))
            return Er7PieceKind.Message;
        if (line.Length > 3 && char.IsAsciiLetterOrDigit((char)line[3]))
            return null;
        return line.StartsWith("FHS"u8) ? Er7PieceKind.FileHeader
            : line.StartsWith("BHS"u8) ? Er7PieceKind.BatchHeader
            : line.StartsWith("BTS"u8) ? Er7PieceKind.BatchTrailer
            : line.StartsWith("FTS"u8) ? Er7PieceKind.FileTrailer
            : null;
    }
}
