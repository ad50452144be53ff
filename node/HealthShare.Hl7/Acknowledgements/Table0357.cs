namespace HealthShare.Hl7.Acknowledgements;

/// <summary>Table 0357, message error condition codes: what the ERR segment says of a message.</summary>
public static class Table0357
{
    /// <summary>Segments are missing, unexpected or out of order.</summary>
    public const string SegmentSequenceError = "100";

    /// <summary>A required field is missing.</summary>
    public const string RequiredFieldMissing = "101";

    /// <summary>A field holds what its data type does not allow.</summary>
    public const string DataTypeError = "102";

    /// <summary>A field holds a value that its table has not.</summary>
    public const string TableValueNotFound = "103";

    /// <summary>The message type is not supported.</summary>
    public const string UnsupportedMessageType = "200";

    /// <summary>The event is not supported.</summary>
    public const string UnsupportedEventCode = "201";

    /// <summary>The processing id (MSH-11) is not supported.</summary>
    public const string UnsupportedProcessingId = "202";

    /// <summary>The version (MSH-12) is not supported.</summary>
    public const string UnsupportedVersionId = "203";

    /// <summary>A patient, an order or the like is not known.</summary>
    public const string UnknownKeyIdentifier = "204";

    /// <summary>A patient, an order or the like exists already.</summary>
    public const string DuplicateKeyIdentifier = "205";

    /// <summary>What the message is about is locked.</summary>
    public const string ApplicationRecordLocked = "206";

    /// <summary>The receiver cannot take messages now.</summary>
    public const string ApplicationInternalError = "207";

    /// <summary>The table's words for a code.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The table has no such code.</exception>
    public static string TextOf(string code) => code switch
    {
        SegmentSequenceError => "Segment sequence error",
        RequiredFieldMissing => "Required field missing",
        DataTypeError => "Data type error",
        TableValueNotFound => "Table value not found",
        UnsupportedMessageType => "Unsupported message type",
        UnsupportedEventCode => "Unsupported event code",
        UnsupportedProcessingId => "Unsupported processing id",
        UnsupportedVersionId => "Unsupported version id",
        UnknownKeyIdentifier => "Unknown key identifier",
        DuplicateKeyIdentifier => "Duplicate key identifier",
        ApplicationRecordLocked => "Application record locked",
        ApplicationInternalError => "Application internal error",
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, "Table 0357 has no such code."),
    };
}
