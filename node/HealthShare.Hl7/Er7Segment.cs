namespace HealthShare.Hl7;

/// <summary>One segment of a message. The default value is a segment that is not there; all of its fields are absent.</summary>
public readonly struct Er7Segment
{
    private readonly Er7Message? message;

    internal Er7Segment(Er7Message message, int index)
    {
        this.message = message;
        Index = index;
    }

    /// <summary>Whether the message has this segment.</summary>
    public bool IsPresent => message is not null;

    /// <summary>Position in the message, from 0.</summary>
    public int Index { get; }

    /// <summary>Identifier: three bytes, or fewer in the last line of a message that was cut. Empty when absent.</summary>
    public ReadOnlySpan<byte> Identifier => message is null ? default : message.IdentifierAt(Index);

    /// <summary>The segment's bytes without its end; empty when absent.</summary>
    public ReadOnlySpan<byte> Raw => message is null ? default : message.Bytes.Span.Slice(Offset, message.LineAt(Index).Length);

    private ReadOnlySpan<byte> Shape => message is null ? default : message.Shape.Slice(Offset, message.LineAt(Index).Length);

    /// <summary>Offset of the first byte in <see cref="Er7Message.Bytes"/>; 0 when absent.</summary>
    public int Offset => message?.LineAt(Index).Start ?? 0;

    /// <summary>Number of the last field that is written, 0 for a bare identifier.</summary>
    public int FieldCount
    {
        get
        {
            if (message is null)
                return 0;
            var separators = Shape.Count(message.Delimiters.Field);
            // MSH-1 is the first separator itself.
            return IsHeader ? separators + 1 : separators;
        }
    }

    private bool IsHeader => Identifier.SequenceEqual("MSH"u8) || Identifier.SequenceEqual("FHS"u8) || Identifier.SequenceEqual("BHS"u8);

    /// <summary>A field by its number, from 1. Absent where the segment ends before it.</summary>
    public Er7Value Field(int number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        if (message is null)
            return default;
        var line = Shape;
        var separator = message.Delimiters.Field;
        var header = IsHeader;
        if (header && number == 1)
            return line.Length > 3 ? new Er7Value(message, Offset + 3, 1, Er7Level.Literal) : Absent(line.Length);

        var start = 3;
        for (var skip = header ? number - 1 : number; skip > 0; skip--)
        {
            if (start > line.Length)
                return Absent(line.Length);
            var next = line[start..].IndexOf(separator);
            if (next < 0)
                return Absent(line.Length);
            start += next + 1;
        }
        var length = line[start..].IndexOf(separator);
        return new Er7Value(message, Offset + start, length < 0 ? line.Length - start : length,
            header && number == 2 ? Er7Level.Literal : Er7Level.Field);
    }

    /// <summary>All fields that are written, in their order, in one pass.</summary>
    public IEnumerable<Er7Value> Fields()
    {
        var at = 3; // where the separator before the next field stands
        if (IsHeader)
        {
            for (var number = 1; number <= Math.Min(2, FieldCount); number++)
            {
                var literal = Field(number);
                yield return literal;
                at = literal.Offset - Offset + literal.Raw.Length;
            }
        }
        while (message is not null && at < Raw.Length)
        {
            var size = LengthOfField(at + 1);
            yield return new Er7Value(message, Offset + at + 1, size, Er7Level.Field);
            at += size + 1;
        }
    }

    private int LengthOfField(int start)
    {
        var rest = Shape[start..];
        var end = rest.IndexOf(message!.Delimiters.Field);
        return end < 0 ? rest.Length : end;
    }

    private Er7Value Absent(int at) => Er7Value.Absent(message!, Offset + at);
}
