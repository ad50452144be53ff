using System.Collections.Immutable;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;

namespace HealthShare.Node.Consents.Fhir;

/// <summary>
/// The names of this consortium: members, roles, staff and records by identifiers, everything else by tokens. With the
/// patient's label key, categories and sensitivity labels are plain codes as well.
/// </summary>
internal sealed class ChannelNames : ConsentNames
{
    private readonly byte[]? labelKey;
    private readonly IReadOnlySet<string>? members;
    private readonly Dictionary<string, FhirCoding> codes = new(StringComparer.Ordinal);

    /// <param name="labelKey">The patient's label key; null when it is not at hand, then only tokens are understood.</param>
    /// <param name="categories">Plain categories that tokens may stand for.</param>
    /// <param name="labels">Sensitivity codes that tokens may stand for.</param>
    /// <param name="members">MSP ids that may be named, and with them known roles only; null where any may.</param>
    public ChannelNames(
        byte[]? labelKey = null, IEnumerable<string>? categories = null, IEnumerable<string>? labels = null, IReadOnlySet<string>? members = null)
        : base(ConsentProfile.Channel)
    {
        (this.labelKey, this.members) = (labelKey, members);
        if (labelKey is null)
            return;
        foreach (var category in categories ?? [])
            codes[Token.Compute(labelKey, TokenDimension.Category, category)] = new FhirCoding(FhirSystems.Category, category);
        foreach (var label in labels ?? [])
            codes[Token.Compute(labelKey, TokenDimension.Label, label)] = new FhirCoding(FhirSystems.ActCode, label);
    }

    public override ImmutableArray<Who> Readers(FhirReference reference)
    {
        if (reference is { System: FhirSystems.Member, Value: { } member } && IsMember(member))
            return [new WhoOrg(member)];
        if (reference is { System: FhirSystems.Readers, Value: FhirSystems.AnyHospital })
            return [WhoAnyHospital.Instance];
        if (reference.System is FhirSystems.Role or FhirSystems.Staff && reference.Value!.Split('/') is [var org, var one]
            && IsMember(org) && LedgerCode.IsCode(one) && (members is null || reference.System is FhirSystems.Staff || NamedRoles.IsKnown(one)))
            return [reference.System is FhirSystems.Role ? new WhoOrg(org, Role: one) : new WhoOrg(org, Staff: one)];
        throw Unknown(reference, "reader");
    }

    public override string Custodian(FhirReference reference) =>
        reference is { System: FhirSystems.Member, Value: { } member } && IsMember(member) ? member : throw Unknown(reference, "member");

    public override string Purpose(FhirCoding coding) => coding.System is FhirSystems.ActReason && PurposeOfUse.Contains(coding.Code)
        ? coding.Code
        : throw new FhirRefusedException(coding.Path, "is no purpose of HL7's PurposeOfUse.");

    public override string Category(FhirCoding coding) => coding.System switch
    {
        FhirSystems.CategoryToken when Token.IsValid(coding.Code) => coding.Code,
        FhirSystems.Category when labelKey is not null => Token.Compute(labelKey, TokenDimension.Category, coding.Code),
        _ => throw new FhirRefusedException(coding.Path, "is no category that is known here."),
    };

    public override string Label(FhirCoding coding) => coding.System switch
    {
        FhirSystems.LabelToken when Token.IsValid(coding.Code) => coding.Code,
        FhirSystems.ActCode when labelKey is not null => Token.Compute(labelKey, TokenDimension.Label, coding.Code),
        _ => throw new FhirRefusedException(coding.Path, "is no label that is known here."),
    };

    public override string Record(FhirReference reference) =>
        reference is { System: FhirSystems.Record, Value: { } id } && LedgerId.IsValid(IdKind.Record, id) ? id : throw Unknown(reference, "record");

    public override string Author(FhirReference reference) => TokenIn(reference, FhirSystems.AuthorToken, "author");

    public override string Encounter(FhirReference reference) => TokenIn(reference, FhirSystems.EncounterToken, "encounter");

    public override FhirReference ReferenceOf(Who reader) => reader switch
    {
        WhoOrg { Role: { } role } who => Named(FhirSystems.Role, $"{who.Org}/{role}"),
        WhoOrg { Staff: { } staff } who => Named(FhirSystems.Staff, $"{who.Org}/{staff}"),
        WhoOrg who => Named(FhirSystems.Member, who.Org),
        _ => Named(FhirSystems.Readers, FhirSystems.AnyHospital),
    };

    public override FhirReference CustodianReference(string custodian) => Named(FhirSystems.Member, custodian);

    public override FhirReference RecordReference(string record) => Named(FhirSystems.Record, record);

    public override FhirReference AuthorReference(string author) => Named(FhirSystems.AuthorToken, author);

    public override FhirReference EncounterReference(string encounter) => Named(FhirSystems.EncounterToken, encounter);

    public override FhirCoding PurposeCoding(string purpose) => new(FhirSystems.ActReason, purpose);

    public override FhirCoding CategoryCoding(string category) => codes.GetValueOrDefault(category, new FhirCoding(FhirSystems.CategoryToken, category));

    public override FhirCoding LabelCoding(string label) => codes.GetValueOrDefault(label, new FhirCoding(FhirSystems.LabelToken, label));

    private bool IsMember(string mspId) => LedgerCode.IsMspId(mspId) && members?.Contains(mspId) is not false;

    private static string TokenIn(FhirReference reference, string system, string what) =>
        reference.System == system && Token.IsValid(reference.Value) ? reference.Value! : throw Unknown(reference, what);

    private static FhirReference Named(string system, string value) => new(null, null, system, value);

    private static FhirRefusedException Unknown(FhirReference reference, string what) => new(reference.Path, $"names no {what} that is known here.");
}
