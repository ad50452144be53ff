using System.Globalization;
using System.Text;

namespace HealthShare.Hl7;

/// <summary>What is wrong with a message, as a stable code.</summary>
public enum Er7Fault
{
    /// <summary>The message does not begin with an MSH segment.</summary>
    HeaderMissing,

    /// <summary>MSH-1 or MSH-2 names no usable set of delimiters.</summary>
    DelimitersInvalid,

    /// <summary>A line is not a segment: no identifier of three capitals and digits before the field separator.</summary>
    SegmentInvalid,

    /// <summary>The text is in an encoding that ER7 does not allow, such as UTF-16.</summary>
    EncodingUnsupported,

    /// <summary>The message is larger than the limit allows.</summary>
    TooLarge,

    /// <summary>The message has more segments than the limit allows.</summary>
    TooManySegments,

    /// <summary>A field that is needed is empty or absent.</summary>
    FieldMissing,

    /// <summary>A field's content is not what its type allows.</summary>
    FieldInvalid,

    /// <summary>A segment that is needed is absent.</summary>
    SegmentMissing,

    /// <summary>More than one message where one is expected.</summary>
    SeveralMessages,

    /// <summary>Bytes that belong to no message.</summary>
    OutsideMessage,

    /// <summary>A batch or a file is not opened and closed as it should be.</summary>
    EnvelopeInvalid,

    /// <summary>A batch or a file holds another number of parts than its trailer says.</summary>
    CountMismatch,

    /// <summary>A part of a continued message is missing, or is no part of it.</summary>
    ContinuationInvalid,

    /// <summary>The receiver takes no messages of that processing id (MSH-11), such as training messages.</summary>
    ProcessingIdUnsupported,
}

/// <summary>Where a message is wrong and why. Holds no content of the message, so it may be logged and sent.</summary>
/// <param name="Fault">What is wrong.</param>
/// <param name="Reason">A sentence for people, without any value of the message.</param>
/// <param name="Offset">Byte offset from the start of the bytes that were given, from 0.</param>
/// <param name="Segment">Identifier of the segment, such as <c>PID</c>; null where none is concerned.</param>
/// <param name="SegmentNumber">Position of the segment in the message, from 1; 0 where none is concerned.</param>
/// <param name="Field">Number of the field, from 1; 0 where none is concerned.</param>
public sealed record Er7Error(Er7Fault Fault, string Reason, int Offset, string? Segment = null, int SegmentNumber = 0, int Field = 0)
{
    /// <summary>The place in words: segment, field and byte offset, as far as they are known.</summary>
    public string Position
    {
        get
        {
            var text = new StringBuilder();
            if (SegmentNumber > 0)
                text.Append(CultureInfo.InvariantCulture, $"segment {SegmentNumber}");
            if (Segment is not null)
                text.Append(CultureInfo.InvariantCulture, $" ({Segment}{(Field > 0 ? "-" + Field : "")})");
            return text.Append(CultureInfo.InvariantCulture, $"{(text.Length > 0 ? ", " : "")}byte {Offset}").ToString().TrimStart();
        }
    }

    /// <inheritdoc />
    public override string ToString() => $"{Reason} At {Position}.";
}

/// <summary>The bytes are no HL7 message that this parser reads; <see cref="Error"/> says where and why.</summary>
public sealed class Er7Exception(Er7Error error) : Exception(error.ToString())
{
    /// <summary>Place and reason.</summary>
    public Er7Error Error { get; } = error;
}
