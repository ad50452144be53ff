using System.Buffers;
using System.Text;

namespace HealthShare.Hl7;

/// <summary>
/// One HL7 v2 message in ER7 form, read over the bytes as they came. Parsing finds the segments; nothing is decoded or copied
/// until it is asked for. Immutable as long as the bytes are; safe for concurrent readers.
/// </summary>
/// <remarks>
/// Every segment is kept, in order, whatever its identifier; what is written back is <see cref="Bytes"/>, byte for byte. Field 1 of MSH
/// is the field separator, field 2 the encoding characters. A segment is found by its identifier wherever it stands, so an unexpected
/// neighbour never hides PID or PV1; a line that is no segment makes the whole message unreadable, with its place, rather than a part of it
/// empty.
/// </remarks>
public sealed class Er7Message
{
    private const int LinesOnStack = 64;
    private readonly Line[] lines;
    private Er7CharacterSet? declared;
    private byte[]? shape;
    private Encoding? encoding;

    private Er7Message(ReadOnlyMemory<byte> bytes, Er7Delimiters delimiters, Line[] lines, bool endsInsideIdentifier)
    {
        Bytes = bytes;
        Delimiters = delimiters;
        this.lines = lines;
        EndsInsideIdentifier = endsInsideIdentifier;
    }

    /// <summary>The message as it was given, with its segment ends and whatever framed it.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The delimiters of this message.</summary>
    public Er7Delimiters Delimiters { get; }

    /// <summary>Number of segments, at least 1.</summary>
    public int SegmentCount => lines.Length;

    /// <summary>Whether the last line is shorter than a segment identifier: the message was cut on its way.</summary>
    public bool EndsInsideIdentifier { get; }

    /// <summary>Character set of the text, by the rule of <see cref="Er7Charset"/>.</summary>
    public Encoding Encoding => encoding ??= Declared.EncodingOf(Bytes.Span);

    /// <summary>The bytes in which delimiters are looked for; see <see cref="Er7Shape"/>.</summary>
    internal ReadOnlySpan<byte> Shape
    {
        get
        {
            var known = declared ?? Declared;
            // What is no text of the set that is declared is read by another one, in which these bytes are delimiters.
            if (known.Wide is Er7WideBytes.None || (known.Named is not null && !ReferenceEquals(known.Named, Encoding)))
                return Bytes.Span;
            // Threads that come here together make the same shape.
            return shape ??= Er7Shape.Of(Bytes.Span, known.Wide, Delimiters.Escape) ?? Bytes.ToArray();
        }
    }

    private Er7CharacterSet Declared => declared ??= Er7CharacterSet.OfHeader(Bytes.Span.Slice(lines[0].Start, lines[0].Length), Delimiters);

    /// <summary>The MSH segment.</summary>
    public Er7Segment Header => new(this, 0);

    /// <summary>The segment at a position, from 0.</summary>
    public Er7Segment this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, lines.Length);
            return new Er7Segment(this, index);
        }
    }

    /// <summary>Parses exactly one message.</summary>
    /// <exception cref="Er7Exception">The bytes are not one ER7 message; the exception says where and why.</exception>
    public static Er7Message Parse(ReadOnlyMemory<byte> bytes, Er7Limits? limits = null) =>
        TryParse(bytes, limits, out var message, out var error) ? message! : throw new Er7Exception(error!);

    /// <summary>Parses exactly one message; time and memory grow linearly with its size.</summary>
    /// <param name="bytes">The message; a byte order mark and MLLP's framing bytes at its ends are tolerated.</param>
    /// <param name="limits">Limits, or null for <see cref="Er7Limits.Default"/>.</param>
    /// <param name="message">The message when true is returned.</param>
    /// <param name="error">Place and reason when false is returned.</param>
    public static bool TryParse(ReadOnlyMemory<byte> bytes, Er7Limits? limits, out Er7Message? message, out Er7Error? error)
    {
        limits ??= Er7Limits.Default;
        message = null;
        error = bytes.Length > limits.MaxBytes
            ? new Er7Error(Er7Fault.TooLarge, $"The message has {bytes.Length} bytes; {limits.MaxBytes} are allowed.", limits.MaxBytes)
            : null;
        if (error is not null)
            return false;

        var text = new Er7Lines(bytes.Span);
        if (!TryReadHeader(bytes.Span, ref text, out var delimiters, out error))
            return false;

        Span<Line> found = stackalloc Line[LinesOnStack];
        Line[]? rented = null;
        try
        {
            var count = 0;
            var cut = false;
            do
            {
                if (count == limits.MaxSegments)
                {
                    error = new Er7Error(Er7Fault.TooManySegments, $"More than {limits.MaxSegments} segments.", text.Start);
                    return false;
                }
                cut = count > 0 && text.Length < 3 && IsLast(text) && IsIdentifier(text.Current);
                if (!cut && (error = CheckSegment(text, count, delimiters)) is not null)
                    return false;
                if (count == found.Length)
                    found = Grow(found, ref rented);
                found[count++] = new Line(text.Start, text.Length);
            }
            while (text.MoveNext());
            message = new Er7Message(bytes, delimiters, found[..count].ToArray(), cut);
            return true;
        }
        finally
        {
            if (rented is not null)
                ArrayPool<Line>.Shared.Return(rented);
        }
    }

    /// <summary>
    /// Reads only the header of bytes that did not parse as a message, so that the sender can still be answered. Null when there is none.
    /// </summary>
    public static Er7Message? ParseHeader(ReadOnlyMemory<byte> bytes)
    {
        var text = new Er7Lines(bytes.Span);
        return TryReadHeader(bytes.Span, ref text, out var delimiters, out _)
            ? new Er7Message(bytes[..(text.Start + text.Length)], delimiters, [new Line(text.Start, text.Length)], false)
            : null;
    }

    /// <summary>How many segments have an identifier, such as <c>"OBX"u8</c>.</summary>
    public int Count(ReadOnlySpan<byte> identifier)
    {
        var bytes = Bytes.Span;
        var count = 0;
        foreach (var line in lines)
            count += bytes.Slice(line.Start, Math.Min(3, line.Length)).SequenceEqual(identifier) ? 1 : 0;
        return count;
    }

    /// <summary>Finds a segment by identifier.</summary>
    /// <param name="identifier">Identifier, such as <c>"PID"u8</c>.</param>
    /// <param name="occurrence">Which one of that identifier, from 1.</param>
    /// <returns>The segment; one that is not present when the message has none.</returns>
    public Er7Segment Segment(ReadOnlySpan<byte> identifier, int occurrence = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(occurrence, 1);
        for (var i = Next(identifier, 0); i >= 0; i = Next(identifier, i + 1))
        {
            if (--occurrence == 0)
                return new Er7Segment(this, i);
        }
        return default;
    }

    /// <summary>All segments of an identifier in their order, in one pass.</summary>
    /// <param name="identifier">Identifier, such as <c>"OBX"u8</c>.</param>
    public Er7Segments Segments(ReadOnlySpan<byte> identifier) => new(this, identifier);

    /// <summary>The value at a path such as <c>PID-3(2).4.1</c>; one that is not present where the message has none.</summary>
    /// <exception cref="FormatException">The path is none; see <see cref="Er7Path"/>.</exception>
    public Er7Value Get(string path) => Get(Er7Path.Parse(path));

    /// <summary>The value at a path; one that is not present where the message has none.</summary>
    public Er7Value Get(Er7Path path) => path.In(this);

    /// <summary>The value at a path, which must have content; <c>""</c> (null) is none.</summary>
    /// <exception cref="Er7Exception">The segment or the field is absent or empty; the exception names segment, field and byte offset.</exception>
    /// <exception cref="FormatException">The path is none.</exception>
    public Er7Value Require(string path)
    {
        var place = Er7Path.Parse(path);
        var value = place.In(this);
        return value is { IsEmpty: false, IsNull: false } ? value : throw new Er7Exception(Er7Absence.Explain(this, place));
    }

    internal Line LineAt(int index) => lines[index];

    /// <summary>Position of the next segment of an identifier from a position on, or -1.</summary>
    internal int Next(ReadOnlySpan<byte> identifier, int from)
    {
        var bytes = Bytes.Span;
        for (var i = from; i < lines.Length; i++)
        {
            if (bytes.Slice(lines[i].Start, Math.Min(3, lines[i].Length)).SequenceEqual(identifier))
                return i;
        }
        return -1;
    }

    internal ReadOnlySpan<byte> IdentifierAt(int index)
    {
        var line = lines[index];
        return Bytes.Span.Slice(line.Start, Math.Min(3, line.Length));
    }

    private static bool TryReadHeader(ReadOnlySpan<byte> bytes, ref Er7Lines text, out Er7Delimiters delimiters, out Er7Error? error)
    {
        delimiters = default;
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF])
            || bytes.StartsWith("M\0S\0H\0"u8) || bytes.StartsWith("\0M\0S\0H"u8))
        {
            error = new Er7Error(Er7Fault.EncodingUnsupported, "The text is UTF-16; ER7 needs an encoding that extends ASCII.", 0);
            return false;
        }
        if (!text.MoveNext() || !text.Current.StartsWith("MSH"u8))
        {
            error = new Er7Error(Er7Fault.HeaderMissing, "The message does not begin with an MSH segment.", text.Start);
            return false;
        }
        error = Er7Delimiters.TryRead(text.Current, out delimiters, out var faultAt) is { } reason
            ? new Er7Error(Er7Fault.DelimitersInvalid, reason, text.Start + faultAt, "MSH", 1, faultAt == 3 ? 1 : 2)
            : null;
        return error is null;
    }

    private static Er7Error? CheckSegment(Er7Lines text, int count, Er7Delimiters delimiters)
    {
        var line = text.Current;
        var start = text.Start;
        if (line.Length < 3 || !IsIdentifier(line[..3]))
            return Fault("A line does not begin with a segment identifier of three capital letters or digits.", 0);
        if (line.Length > 3 && line[3] != delimiters.Field)
            return Fault("A segment identifier is not followed by the field separator.", 3);
        return count > 0 && line.StartsWith("MSH"u8)
            ? new Er7Error(Er7Fault.SeveralMessages, "A second message begins.", start, "MSH", count + 1)
            : null;

        Er7Error Fault(string reason, int at) => new(Er7Fault.SegmentInvalid, reason, start + at, null, count + 1);
    }

    private static Span<Line> Grow(Span<Line> full, ref Line[]? rented)
    {
        var larger = ArrayPool<Line>.Shared.Rent(full.Length * 2);
        full.CopyTo(larger);
        if (rented is not null)
            ArrayPool<Line>.Shared.Return(rented);
        rented = larger;
        return larger;
    }

    private static bool IsLast(Er7Lines text) => !text.MoveNext();

    private static bool IsIdentifier(ReadOnlySpan<byte> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!(char.IsAsciiLetterUpper((char)text[i]) || (i > 0 && char.IsAsciiDigit((char)text[i]))))
                return false;
        }
        return true;
    }

    internal readonly record struct Line(int Start, int Length);
}
