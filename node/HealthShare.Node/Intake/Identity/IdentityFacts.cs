using HealthShare.Hl7;
using HealthShare.Hl7.Values;
using HealthShare.Node.Intake.Lineage;
using HealthShare.Node.Intake.Receiving;

namespace HealthShare.Node.Intake.Identity;

/// <summary>What a message says of the identity of its patient.</summary>
internal enum IdentityChange
{
    /// <summary>Two persons are one: MRG-1 and PID-3.</summary>
    Merge,

    /// <summary>A number was replaced by another one: MRG-1 by PID-3.</summary>
    Renumber,

    /// <summary>A visit is another patient's: MRG-1's, now PID-3's.</summary>
    MoveVisit,
}

/// <summary>What a message says of the identity of its patient, with the numbers of MRG-1.</summary>
/// <param name="Change">What it says.</param>
/// <param name="Prior">The earlier numbers; may be empty.</param>
/// <param name="Visit">Name of the series of the visit that is moved; null where none is named.</param>
internal sealed record IdentityFacts(IdentityChange Change, IReadOnlyList<PatientIdentifier> Prior, string? Visit)
{
    private const int MostNumbers = 64;

    /// <summary>Reads them; null for a message that changes nobody's identity.</summary>
    public static IdentityFacts? Read(Er7Message message, AuthorityNames authorities)
    {
        if (ChangeOf(message) is not { } change)
            return null;
        var mrg = message.Segment("MRG"u8);
        return new IdentityFacts(change, PriorNumbers(message, mrg), change is IdentityChange.MoveVisit ? Series.Number(message, mrg.Field(5), authorities) ?? Series.Visit(message, authorities) : null);
    }

    /// <summary>What keeps a message that changes somebody's identity from doing so, whoever it is about; null where nothing does.</summary>
    public static Er7Error? Fault(Er7Message message)
    {
        if (ChangeOf(message) is not { } change)
            return null;
        var count = message.Count("MRG"u8);
        if (count == 0)
            return new Er7Error(Er7Fault.SegmentMissing, "The message says that an earlier number is another's now, and names none: it has no MRG segment.", message.Bytes.Length, "MRG");
        var mrg = message.Segment("MRG"u8, count > 1 ? 2 : 1);
        if (count > 1)
            return new Er7Error(Er7Fault.FieldInvalid, "The message names several earlier patients (MRG); each needs a message of its own.", mrg.Offset, "MRG", mrg.Index + 1);
        if (mrg.Field(1).RepetitionCount > MostNumbers)
            return new Er7Error(Er7Fault.FieldInvalid, $"The message names more than {MostNumbers} earlier numbers (MRG-1).", mrg.Field(1).Offset, "MRG", mrg.Index + 1, 1);
        // A visit may be moved from nobody that is named: then there is nothing to take back.
        return change is not IdentityChange.MoveVisit && PriorNumbers(message, mrg).Count == 0
            ? new Er7Error(Er7Fault.FieldMissing, "The message names no earlier number (MRG-1) that names a person.", mrg.Field(1).Offset, "MRG", mrg.Index + 1, 1)
            : null;
    }

    private static IReadOnlyList<PatientIdentifier> PriorNumbers(Er7Message message, Er7Segment mrg) => IntakeRules.Identifiers(message, PatientIdentifier.ReadAll(mrg.Field(1)));

    private static IdentityChange? ChangeOf(Er7Message message)
    {
        var type = message.Header.Field(9);
        if (!type.Component(1).Text.Trim().Equals("ADT", StringComparison.OrdinalIgnoreCase))
            return null;
        return type.Component(2).Text.Trim().ToUpperInvariant() switch
        {
            "A18" or "A30" or "A34" or "A36" or "A39" or "A40" => IdentityChange.Merge,
            "A46" or "A47" => IdentityChange.Renumber,
            "A45" => IdentityChange.MoveVisit,
            _ => null,
        };
    }
}

/// <summary>What a message says of identities cannot be done; it goes to quarantine with this reason.</summary>
/// <param name="code">Stable code.</param>
/// <param name="message">A sentence without anybody's number.</param>
internal sealed class IdentityException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;
}
