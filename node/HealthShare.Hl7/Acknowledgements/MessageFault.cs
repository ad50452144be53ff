namespace HealthShare.Hl7.Acknowledgements;

/// <summary>One fault to tell the sender, in the terms of the ERR segment.</summary>
/// <param name="Code">Code of table 0357, such as 207.</param>
/// <param name="Text">That code's words.</param>
/// <param name="Reason">A sentence for people, without patient data.</param>
/// <param name="Segment">Segment identifier, or null.</param>
/// <param name="SegmentNumber">Which of the segments of that identifier, from 1; 0 where unknown.</param>
/// <param name="Field">Field number, from 1; 0 where unknown.</param>
public sealed record MessageFault(
    string Code, string Text, string Reason, string? Segment = null, int SegmentNumber = 0, int Field = 0)
{
    /// <summary>Table 0357's "application internal error": the receiver cannot take messages now.</summary>
    public static MessageFault Internal(string reason) => Of(Table0357.ApplicationInternalError, reason);

    /// <summary>A fault of table 0357 with a sentence of its own.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The table has no such code.</exception>
    public static MessageFault Of(string code, string reason) => new(code, Table0357.TextOf(code), reason);

    /// <summary>The fault of table 0357 that a parser's error comes under.</summary>
    /// <param name="error">The error.</param>
    /// <param name="message">The message, as far as it could be read, to count its segments in; null where nothing could.</param>
    public static MessageFault Of(Er7Error error, Er7Message? message = null)
    {
        var code = error.Fault switch
        {
            Er7Fault.HeaderMissing or Er7Fault.SegmentInvalid or Er7Fault.SegmentMissing or Er7Fault.SeveralMessages
                or Er7Fault.OutsideMessage or Er7Fault.EnvelopeInvalid or Er7Fault.ContinuationInvalid => Table0357.SegmentSequenceError,
            Er7Fault.FieldMissing => Table0357.RequiredFieldMissing,
            Er7Fault.DelimitersInvalid or Er7Fault.FieldInvalid or Er7Fault.EncodingUnsupported or Er7Fault.TooLarge or Er7Fault.TooManySegments => Table0357.DataTypeError,
            Er7Fault.ProcessingIdUnsupported => Table0357.UnsupportedProcessingId,
            _ => Table0357.ApplicationInternalError,
        };
        return new(code, Table0357.TextOf(code), error.ToString(), error.Segment, Occurrence(error, message), error.Field);
    }

    // ERL-2 counts the segments of an identifier, an error those of the message. Of a message that cannot be read the header is known, and that a second one is the second.
    private static int Occurrence(Er7Error error, Er7Message? message)
    {
        if (error.Segment is not { } segment || error.SegmentNumber == 0)
            return 0;
        if (segment == "MSH")
            return error.SegmentNumber == 1 ? 1 : 2;
        if (message is null || error.SegmentNumber > message.SegmentCount)
            return 0;
        var identifier = System.Text.Encoding.ASCII.GetBytes(segment);
        var count = 0;
        for (var i = 0; i < error.SegmentNumber; i++)
            count += message[i].Identifier.SequenceEqual(identifier) ? 1 : 0;
        return count;
    }
}
