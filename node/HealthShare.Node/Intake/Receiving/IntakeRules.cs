using HealthShare.Hl7;
using HealthShare.Hl7.Values;

namespace HealthShare.Node.Intake.Receiving;

/// <summary>What a message must be to become a record of one patient.</summary>
internal static class IntakeRules
{
    private const int MostNumbers = 64; // each is looked up and learned

    // Table 0203: numbers that name a person. Others name accounts, visits or insurances, which relatives may share.
    private static readonly HashSet<string> PersonTypes = new(StringComparer.OrdinalIgnoreCase) { "", "MR", "MRN", "PI", "PT", "PE", "EI", "U" };

    /// <summary>What is wrong with the form of a message that parsed; null when nothing is. Such a message is rejected.</summary>
    public static Er7Error? Form(Er7Message message)
    {
        var header = message.Header;
        if (message.EndsInsideIdentifier)
        {
            var last = message[message.SegmentCount - 1];
            return new Er7Error(Er7Fault.SegmentInvalid, "The message ends inside a segment identifier: it was cut.", last.Offset, null, message.SegmentCount);
        }
        if (header.Field(10).IsEmpty || header.Field(10).IsNull)
            return Missing(header.Field(10), "MSH", 1, 10, "The control id (MSH-10) is missing.");
        return header.Field(9).Component(1).IsEmpty
            ? Missing(header.Field(9), "MSH", 1, 9, "The message type (MSH-9) is missing.")
            : null;
    }

    /// <summary>What keeps a message from being a record of one patient; null when nothing does. Such a message is an error.</summary>
    public static Er7Error? Content(Er7Message message)
    {
        var patients = message.Count("PID"u8);
        if (patients == 0)
            return new Er7Error(Er7Fault.SegmentMissing, "The message names no patient: it has no PID segment.", message.Bytes.Length, "PID");
        if (patients > 1)
        {
            var second = message.Segment("PID"u8, 2);
            return new Er7Error(Er7Fault.FieldInvalid, "The message is about several patients; a record is about one.", second.Offset, "PID", second.Index + 1);
        }
        var pid = message.Segment("PID"u8);
        if (pid.Field(3).RepetitionCount > MostNumbers)
        {
            return new Er7Error(Er7Fault.FieldInvalid, $"The patient has more than {MostNumbers} numbers (PID-3).", pid.Field(3).Offset, "PID", pid.Index + 1, 3);
        }
        return Identifiers(message).Count == 0
            ? Missing(pid.Field(3), "PID", pid.Index + 1, 3, "The patient's number (PID-3) is missing.")
            : null;
    }

    /// <summary>
    /// The numbers that name the patient: those of PID-3 whose type says so, else the first. A number without an assigning authority counts
    /// as assigned by the sending facility (MSH-4).
    /// </summary>
    public static IReadOnlyList<PatientIdentifier> Identifiers(Er7Message message)
    {
        var all = PatientIdentifier.ReadAll(message);
        var persons = all.Where(identifier => PersonTypes.Contains(identifier.Type)).ToList();
        if (persons.Count == 0)
            persons.AddRange(all.Take(1));
        var facility = AssigningAuthority.ReadField(message.Header.Field(4));
        return [.. persons.Select(identifier => identifier.Authority.IsEmpty ? identifier with { Authority = facility } : identifier)];
    }

    private static Er7Error Missing(Er7Value at, string segment, int number, int field, string reason) =>
        new(Er7Fault.FieldMissing, reason, at.Offset, segment, number, field);
}
