using HealthShare.Hl7;
using HealthShare.Hl7.Values;
using HealthShare.Node.Intake.Provenance;

namespace HealthShare.Node.Access.Requests;

/// <summary>Where a record comes from: what its message says of its sender, and how it came to the hospital that holds it.</summary>
/// <param name="RecordId">The record.</param>
/// <param name="SendingApplication">MSH-3; null where it is not stated.</param>
/// <param name="SendingFacility">MSH-4; null where it is not stated.</param>
/// <param name="SentAt">MSH-7 as it was written; null where it is not stated.</param>
/// <param name="MessageType">MSH-9, message code and event; null where the record is no HL7 message.</param>
/// <param name="ControlId">MSH-10; null where it is not stated.</param>
/// <param name="ReceivedAt">When the hospital received it; only its own node knows.</param>
/// <param name="Door"><c>mllp</c>, <c>http</c> or <c>folder</c>; only the hospital's own node knows.</param>
public sealed record RecordProvenance(
    string RecordId, MessageSource? SendingApplication, MessageSource? SendingFacility, string? SentAt, string? MessageType, string? ControlId,
    DateTimeOffset? ReceivedAt, string? Door)
{
    /// <summary>Reads what the record's own header says.</summary>
    internal static RecordProvenance Read(string recordId, ReadOnlyMemory<byte> content, RecordArrival? arrival)
    {
        var header = Er7Message.ParseHeader(content)?.Header ?? default;
        var type = header.Field(9);
        return new RecordProvenance(
            recordId, MessageSource.From(header.Field(3)), MessageSource.From(header.Field(4)), There(header.Field(7).Component(1).Text),
            There(type.Component(2).IsEmpty ? type.Component(1).Text : $"{type.Component(1).Text}^{type.Component(2).Text}"), There(header.Field(10).Text),
            arrival is null ? null : DateTimeOffset.FromUnixTimeMilliseconds(arrival.ReceivedAt), arrival?.Door);
    }

    private static string? There(string text) => text.Length == 0 ? null : text;
}

/// <summary>An application or a facility as a message names it.</summary>
/// <param name="Name">Local name; null where there is none.</param>
/// <param name="UniversalId">Identifier that is unique everywhere; null where there is none.</param>
/// <param name="UniversalIdType">What kind of identifier that is, such as <c>ISO</c>; null where there is none.</param>
public sealed record MessageSource(string? Name, string? UniversalId, string? UniversalIdType)
{
    internal static MessageSource? From(Er7Value value)
    {
        var source = AssigningAuthority.ReadField(value);
        return source.IsEmpty ? null : new MessageSource(There(source.Namespace), There(source.UniversalId), There(source.UniversalIdType));

        static string? There(string text) => text.Length == 0 ? null : text;
    }
}
