using HealthShare.Hl7;
using HealthShare.Hl7.Values;
using HealthShare.Node.Intake.Identity;
using HealthShare.Node.Patients;

namespace HealthShare.Node.Intake.Receiving;

/// <summary>What a message must be to become a record of one patient.</summary>
internal static class IntakeRules
{
    private const int MostNumbers = 64; // each is looked up and learned

    /// <summary>What is wrong with the form of a message that parsed; null when nothing is. Such a message is rejected.</summary>
    /// <param name="message">The message.</param>
    /// <param name="processingIds">What MSH-11 may say; whatever it says where there are none.</param>
    public static Er7Error? Form(Er7Message message, ICollection<string> processingIds)
    {
        var header = message.Header;
        if (message.EndsInsideIdentifier)
        {
            var last = message[message.SegmentCount - 1];
            return new Er7Error(Er7Fault.SegmentInvalid, "The message ends inside a segment identifier: it was cut.", last.Offset, null, message.SegmentCount);
        }
        if (header.Field(10).IsEmpty || header.Field(10).IsNull)
            return Missing(header.Field(10), "MSH", 1, 10, "The control id (MSH-10) is missing.");
        if (header.Field(9).Component(1).IsEmpty)
            return Missing(header.Field(9), "MSH", 1, 9, "The message type (MSH-9) is missing.");
        return processingIds.Count == 0 || processingIds.Contains(header.Field(11).Component(1).Text.Trim(), StringComparer.OrdinalIgnoreCase)
            ? PartOfAnother(message)
            : new Er7Error(Er7Fault.ProcessingIdUnsupported, "Messages of this processing id (MSH-11) are not taken here (HealthShare:Intake:ProcessingIds).",
                header.Field(11).Offset, "MSH", 1, 11);
    }

    /// <summary>
    /// Whether a message is the later part of one that its sender split: it begins by carrying a segment on (ADD), or it names no patient and the
    /// part before it (MSH-14). MSH-14 alone says nothing, since many senders fill it with something else.
    /// </summary>
    public static bool GoesOn(Er7Message message) => (message.SegmentCount > 1 && message[1].Identifier.SequenceEqual("ADD"u8))
        || (IsNamed(message.Header.Field(14)) && message.Count("PID"u8) == 0);

    /// <summary>What the part that follows calls this one: the first DSC-1 that is filled, or a value that is empty.</summary>
    public static Er7Value NextPart(Er7Message message)
    {
        foreach (var dsc in message.Segments("DSC"u8))
        {
            if (IsNamed(dsc.Field(1)))
                return dsc.Field(1);
        }
        return default;
    }

    /// <summary>
    /// What is wrong with a message whose MSH-14 is the DSC-1 of a part that came before it, or of one that may still come: it looks whole, and is the rest of another.
    /// </summary>
    public static Er7Error RestOfAnother(Er7Message message) =>
        Part("This is a later part of a message that was split: MSH-14 is the pointer (DSC-1) of a part before it.", message.Header.Field(14), "MSH", 1, 14);

    // A part would pass for the whole, and take the place of an earlier record that says more.
    private static Er7Error? PartOfAnother(Er7Message message)
    {
        foreach (var dsc in message.Segments("DSC"u8))
        {
            if (IsNamed(dsc.Field(1)))
                return Part("The message is continued in another one (DSC-1): this is a part of it.", dsc.Field(1), "DSC", dsc.Index + 1, 1);
        }
        return GoesOn(message) ? Part("This is a later part of a message that was split (MSH-14, ADD).", message.Header.Field(14), "MSH", 1, 14) : null;
    }

    private static bool IsNamed(Er7Value pointer) => pointer is { IsEmpty: false, IsNull: false };

    private static Er7Error Part(string reason, Er7Value at, string segment, int number, int field) =>
        new(Er7Fault.ContinuationInvalid, reason + " Parts are put together only where they come in one file or batch, one after the other.",
            at.Offset, segment, number, field);

    /// <summary>What keeps a message from being a record of one patient, or from doing what its event is for; null when nothing does. Such a message is an error.</summary>
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
        if (Identifiers(message).Count > 0)
            return IdentityFacts.Fault(message);
        var all = PatientIdentifier.ReadAll(message);
        return Missing(pid.Field(3), "PID", pid.Index + 1, 3, all.Count == 0 ? "The patient's number (PID-3) is missing."
            : all.Any(number => NumberSeries.NamesPerson(number.Type)) ? "Nobody is named who assigned the patient's number (component 4 of PID-3, MSH-4, MSH-3)."
            : "No number of PID-3 is of a type (component 5) that names a person.");
    }

    /// <summary>
    /// The numbers that name the patient: those of PID-3 whose type says so, never an account's or anybody else's. A number without an
    /// assigning authority counts as assigned by the sender; one of which nobody knows who assigned it may be anybody's and is passed over.
    /// </summary>
    public static IReadOnlyList<PatientIdentifier> Identifiers(Er7Message message) => Identifiers(message, PatientIdentifier.ReadAll(message));

    /// <summary>The same of other numbers of the message, such as those of MRG-1.</summary>
    public static IReadOnlyList<PatientIdentifier> Identifiers(Er7Message message, IReadOnlyList<PatientIdentifier> all)
    {
        var persons = all.Where(identifier => NumberSeries.NamesPerson(identifier.Type));
        var sender = SenderOf(message);
        return [.. persons.Select(identifier => identifier.Authority.IsEmpty ? identifier with { Authority = sender } : identifier)
            .Where(identifier => !identifier.Authority.IsEmpty)];
    }

    /// <summary>Who assigned the numbers that name no authority: the sending facility (MSH-4), else the sending application (MSH-3).</summary>
    public static AssigningAuthority SenderOf(Er7Message message) =>
        AssigningAuthority.ReadField(message.Header.Field(4)) is { IsEmpty: false } facility ? facility : AssigningAuthority.ReadField(message.Header.Field(3));

    private static Er7Error Missing(Er7Value at, string segment, int number, int field, string reason) =>
        new(Er7Fault.FieldMissing, reason, at.Offset, segment, number, field);
}
