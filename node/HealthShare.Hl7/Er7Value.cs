namespace HealthShare.Hl7;

/// <summary>How deep a value lies in its field.</summary>
internal enum Er7Level : byte
{
    Field,
    Repetition,
    Component,
    Subcomponent,

    /// <summary>MSH-1 and MSH-2: delimiters themselves, never split and never unescaped.</summary>
    Literal,
}

/// <summary>
/// A field, repetition, component or sub-component, as a view of the message's bytes. Absent (never written), empty (written
/// with nothing in it) and null (<c>""</c>, "delete what you have") are three different things.
/// </summary>
public readonly struct Er7Value
{
    private readonly Er7Message? message;
    private readonly int length;
    private readonly Er7Level level;

    internal Er7Value(Er7Message message, int offset, int length, Er7Level level)
    {
        this.message = message;
        Offset = offset;
        this.length = length;
        this.level = level;
        IsPresent = true;
    }

    private Er7Value(Er7Message message, int offset)
    {
        this.message = message;
        Offset = offset;
    }

    /// <summary>Whether the message writes this value, be it with nothing in it.</summary>
    public bool IsPresent { get; }

    /// <summary>Whether there is no content: absent, or written with nothing in it. <c>""</c> is content.</summary>
    public bool IsEmpty => length == 0;

    /// <summary>Whether the value is the two characters <c>""</c>: explicitly null.</summary>
    public bool IsNull => Raw.SequenceEqual("\"\""u8);

    /// <summary>Offset of the first byte in <see cref="Er7Message.Bytes"/>; for an absent value, where its parent ends.</summary>
    public int Offset { get; }

    /// <summary>The bytes as they stand, delimiters and escapes included.</summary>
    public ReadOnlySpan<byte> Raw => IsPresent ? message!.Bytes.Span.Slice(Offset, length) : default;

    private ReadOnlySpan<byte> Shape => IsPresent ? message!.Shape.Slice(Offset, length) : default;

    /// <summary>
    /// Whether the sender cut the value short and says so: it ends in the truncation character of MSH-2 (from version 2.7), unescaped.
    /// </summary>
    public bool IsTruncated => length > 0 && level is not Er7Level.Literal && message!.Delimiters.Truncation is not 0 and var mark && Shape[^1] == mark;

    /// <summary>Number of repetitions: 0 when empty or absent, else at least 1.</summary>
    public int RepetitionCount => CountParts(Er7Level.Repetition);

    /// <summary>Number of components (of the first repetition): 0 when empty or absent, else at least 1.</summary>
    public int ComponentCount => First(Er7Level.Repetition).CountParts(Er7Level.Component);

    /// <summary>Number of sub-components (of the first component): 0 when empty or absent, else at least 1.</summary>
    public int SubcomponentCount => First(Er7Level.Component).CountParts(Er7Level.Subcomponent);

    /// <summary>A repetition of a field, from 1. A value below the field's level is its own only repetition.</summary>
    public Er7Value Repetition(int number) => Part(number, Er7Level.Repetition);

    /// <summary>All repetitions of a field in their order, in one pass; none where there is no content.</summary>
    public IEnumerable<Er7Value> Repetitions() => Parts(Er7Level.Repetition);

    /// <summary>All components of the first repetition in their order, in one pass; none where there is no content.</summary>
    public IEnumerable<Er7Value> Components() => First(Er7Level.Repetition).Parts(Er7Level.Component);

    /// <summary>All sub-components of the first component in their order, in one pass; none where there is no content.</summary>
    public IEnumerable<Er7Value> Subcomponents() => First(Er7Level.Component).Parts(Er7Level.Subcomponent);

    /// <summary>A component, from 1, of the first repetition where this is a field.</summary>
    public Er7Value Component(int number) => First(Er7Level.Repetition).Part(number, Er7Level.Component);

    /// <summary>A sub-component, from 1, of the first component where this is a field or repetition.</summary>
    public Er7Value Subcomponent(int number) => First(Er7Level.Component).Part(number, Er7Level.Subcomponent);

    /// <summary>The text with escapes resolved. A value of several parts keeps its delimiters, so ask the parts where it matters.</summary>
    public string Text => length == 0 ? "" : level is Er7Level.Literal
        ? RawText
        : Er7Escapes.Decode(Raw, Shape, message!.Delimiters, message.Encoding);

    /// <summary>The text as it stands, escapes unresolved.</summary>
    public string RawText => length == 0 ? "" : message!.Encoding.GetString(Raw);

    /// <summary>Same as <see cref="Text"/>.</summary>
    public override string ToString() => Text;

    internal static Er7Value Absent(Er7Message message, int offset) => new(message, offset);

    private Er7Value First(Er7Level of)
    {
        var value = this;
        for (var next = value.level + 1; next <= of && next < Er7Level.Literal; next++)
            value = value.Part(1, next);
        return value;
    }

    private IEnumerable<Er7Value> Parts(Er7Level of)
    {
        var delimiter = Delimiter(of);
        if (length > 0 && delimiter == 0)
            yield return this;
        for (var start = 0; length > 0 && delimiter != 0 && start <= length;)
        {
            var size = LengthTo(delimiter, start);
            yield return new Er7Value(message!, Offset + start, size, of);
            start += size + 1;
        }
    }

    private int CountParts(Er7Level of)
    {
        if (length == 0)
            return 0;
        var delimiter = Delimiter(of);
        return delimiter == 0 ? 1 : Shape.Count(delimiter) + 1;
    }

    private Er7Value Part(int number, Er7Level of)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        if (!IsPresent)
            return this;
        var delimiter = Delimiter(of);
        if (delimiter == 0)
            return number == 1 ? this : Absent(message!, Offset + length);
        var rest = Shape;
        var start = 0;
        while (true)
        {
            var end = rest[start..].IndexOf(delimiter);
            if (--number == 0)
                return new Er7Value(message!, Offset + start, end < 0 ? length - start : end, of);
            if (end < 0)
                return Absent(message!, Offset + length);
            start += end + 1;
        }
    }

    private int LengthTo(byte delimiter, int start)
    {
        var rest = Shape[start..];
        var end = rest.IndexOf(delimiter);
        return end < 0 ? rest.Length : end;
    }

    /// <summary>What separates parts of a level inside this value; 0 where nothing does.</summary>
    private byte Delimiter(Er7Level of) => message is null || level >= of ? (byte)0 : of switch
    {
        Er7Level.Repetition => message.Delimiters.Repetition,
        Er7Level.Component => message.Delimiters.Component,
        _ => message.Delimiters.Subcomponent,
    };
}
