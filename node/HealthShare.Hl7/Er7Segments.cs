namespace HealthShare.Hl7;

/// <summary>The segments of one identifier, in their order; for <c>foreach</c>. One pass over the message, nothing is allocated.</summary>
public ref struct Er7Segments
{
    private readonly Er7Message message;
    private readonly ReadOnlySpan<byte> identifier;
    private int index = -1;

    internal Er7Segments(Er7Message message, ReadOnlySpan<byte> identifier)
    {
        this.message = message;
        this.identifier = identifier;
    }

    /// <summary>The segment the enumeration stands at.</summary>
    public readonly Er7Segment Current => message[index];

    /// <summary>Goes to the next segment of the identifier.</summary>
    public bool MoveNext()
    {
        var next = message.Next(identifier, index + 1);
        index = next < 0 ? message.SegmentCount - 1 : next;
        return next >= 0;
    }

    /// <summary>The enumeration itself.</summary>
    public readonly Er7Segments GetEnumerator() => this;
}
