using HealthShare.Hl7;

namespace HealthShare.Node.Intake.Receiving;

/// <summary>A message as it stands in a file: in one piece, or in parts that its sender split it into.</summary>
/// <param name="Parts">The pieces, one or more, in their order.</param>
/// <param name="Bytes">The whole message.</param>
internal sealed record FileMessage(IReadOnlyList<Er7Piece> Parts, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Offset of its first byte in the file.</summary>
    public int Offset => Parts[0].Offset;

    /// <summary>
    /// The messages of a file. Parts (DSC-1 of one is MSH-14 of the next) are put together where they follow one another, come from the same sender
    /// and are all there; else each stands alone, and is refused as a part.
    /// </summary>
    public static List<FileMessage> Read(IReadOnlyList<Er7Piece> pieces)
    {
        var found = pieces.Where(piece => piece.Kind is Er7PieceKind.Message).ToList();
        var messages = new List<FileMessage>(found.Count);
        for (var i = 0; i < found.Count; i += messages[^1].Parts.Count)
            messages.Add(Continued(found, i) ?? new FileMessage([found[i]], found[i].Bytes));
        return messages;
    }

    /// <summary>Those that go together in one step.</summary>
    /// <param name="messages">All of them.</param>
    /// <param name="from">The first one.</param>
    /// <param name="most">Most of them.</param>
    /// <param name="mostBytes">Most bytes; a message that is larger goes alone.</param>
    public static List<FileMessage> Together(List<FileMessage> messages, int from, int most, int mostBytes)
    {
        var bytes = 0L;
        return [.. messages.Skip(from).Take(most).TakeWhile((message, i) => (bytes += message.Bytes.Length) <= mostBytes || i == 0)];
    }

    // Every part but the first names the one before it, so that none is looked at as the first part of a second chain: time is linear.
    private static FileMessage? Continued(List<Er7Piece> pieces, int from)
    {
        if (pieces[from].Bytes.Span.IndexOf("DSC"u8) < 0 || Parse(pieces[from]) is not { } first || Pointer(first) is null
            || !first.Header.Field(14).IsEmpty || IntakeRules.GoesOn(first))
            return null;
        var parts = new List<Er7Message> { first };
        for (var pointer = Pointer(first); pointer is not null; pointer = Pointer(parts[^1]))
        {
            if (from + parts.Count == pieces.Count || Parse(pieces[from + parts.Count]) is not { } next || !Follows(next, first, pointer))
                return null;
            parts.Add(next);
        }
        try
        {
            return new FileMessage(pieces.GetRange(from, parts.Count), Er7Continuation.Join(parts).Bytes);
        }
        catch (Er7Exception) // in other delimiters, about two patients, or what they give together is no message
        {
            return null;
        }
    }

    private static bool Follows(Er7Message next, Er7Message first, string pointer) => next.Header.Field(14).RawText == pointer
        && Same(next, first, 3) && Same(next, first, 4) && Same(next, first, 9);

    private static bool Same(Er7Message one, Er7Message other, int field) => one.Header.Field(field).Raw.SequenceEqual(other.Header.Field(field).Raw);

    private static string? Pointer(Er7Message message) => Er7Continuation.Next(message) is { IsEmpty: false, IsNull: false } pointer ? pointer.RawText : null;

    private static Er7Message? Parse(Er7Piece piece) => Er7Message.TryParse(piece.Bytes, null, out var message, out _) ? message : null;
}
