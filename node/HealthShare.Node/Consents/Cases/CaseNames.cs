using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using HealthShare.Node.Consents.Fhir;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;

namespace HealthShare.Node.Consents.Cases;

/// <summary>
/// The names in a file of cases: every reference stands for itself, every code system is known, since both sides of a
/// decision come from the same file. Tokens are made with a key of zeros: nothing here is anybody's secret.
/// </summary>
internal sealed class CaseNames(ConsentProfile profile, Func<FhirReference, ImmutableArray<FhirReference>> membersOf) : ConsentNames(profile)
{
    private static readonly byte[] Key = new byte[Token.LabelKeyLength];
    private readonly Dictionary<string, FhirCoding> codings = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FhirReference> references = new(StringComparer.Ordinal);

    public override ImmutableArray<Who> Readers(FhirReference reference)
    {
        if (reference.Type != "Group")
            return [Reader(reference)];
        var members = membersOf(reference);
        return members.IsEmpty ? throw new FhirRefusedException(reference.Path, "is a group whose members are not known.") : [.. members.Select(Reader)];
    }

    /// <summary>A reader, as the organization and staff id of a request name one.</summary>
    public static WhoOrg Reader(FhirReference reference) => reference is { Type: { } type, Id: { } id } && LedgerCode.IsMspId(type) && LedgerCode.IsCode(id)
        ? new WhoOrg(type, Staff: id)
        : throw Unknown(reference);

    public override string Custodian(FhirReference reference) => LedgerCode.IsMspId(reference.Id) ? Kept(references, reference.Id!, reference) : throw Unknown(reference);

    public override string Purpose(FhirCoding coding)
    {
        if (Profile is ConsentProfile.Channel && !(coding.System is FhirSystems.ActReason && PurposeOfUse.Contains(coding.Code)))
            throw new FhirRefusedException(coding.Path, "is no purpose of HL7's PurposeOfUse.");
        return Kept(codings, PurposeOf(coding.System, coding.Code), coding);
    }

    /// <summary>A purpose in the form that statements have: codes of v3 ActReason are themselves, others a digest.</summary>
    public static string PurposeOf(string? system, string code) => system is FhirSystems.ActReason && LedgerCode.IsPurpose(code)
        ? code
        : "X" + Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{system}|{code}")).AsSpan(0, 16));

    public override string Category(FhirCoding coding) => Kept(codings, CategoryOf(coding), coding);

    public static string CategoryOf(FhirCoding coding) => Token.Compute(Key, TokenDimension.Category, $"{coding.System}|{coding.Code}");

    public override string Label(FhirCoding coding) => coding.System is FhirSystems.ActReason
        ? throw new FhirRefusedException(coding.Path, "is a purpose, not a label of data.")
        : Kept(codings, LabelOf(coding), coding);

    public static string LabelOf(FhirCoding coding) => Token.Compute(Key, TokenDimension.Label, $"{coding.System}|{coding.Code}");

    public override string Record(FhirReference reference) => Kept(references, RecordOf(Text(reference)), reference);

    /// <summary>The record id that stands for a resource.</summary>
    public static string RecordOf(string resource) => LedgerId.From(IdKind.Record, SHA256.HashData(Encoding.UTF8.GetBytes(resource)).AsSpan(0, 16));

    public override string Author(FhirReference reference) => Kept(references, AuthorOf(Text(reference)), reference);

    public static string AuthorOf(string reference) => Token.Compute(Key, TokenDimension.Author, reference);

    public override string Encounter(FhirReference reference) => Kept(references, EncounterOf(Text(reference)), reference);

    public static string EncounterOf(string reference) => Token.Compute(Key, TokenDimension.Encounter, reference);

    public override FhirReference ReferenceOf(Who reader) => reader is WhoOrg { Staff: { } id } who
        ? new FhirReference(who.Org, id, null, null)
        : throw new FhirRefusedException("statement.body", "names a reader that is not of this file.");

    public override FhirReference CustodianReference(string custodian) => Known(references, custodian);

    public override FhirReference RecordReference(string record) => Known(references, record);

    public override FhirReference AuthorReference(string author) => Known(references, author);

    public override FhirReference EncounterReference(string encounter) => Known(references, encounter);

    public override FhirCoding PurposeCoding(string purpose) => Known(codings, purpose);

    public override FhirCoding CategoryCoding(string category) => Known(codings, category);

    public override FhirCoding LabelCoding(string label) => Known(codings, label);

    private static string Text(FhirReference reference) => reference.Type is { } type ? $"{type}/{reference.Id}" : throw Unknown(reference);

    // A name is remembered, so that a statement made of this file can be written in its words again.
    private static string Kept<T>(Dictionary<string, T> known, string name, T origin)
    {
        known[name] = origin;
        return name;
    }

    private static T Known<T>(Dictionary<string, T> known, string name) => known.TryGetValue(name, out var origin)
        ? origin
        : throw new FhirRefusedException("statement.body", "holds a name that is not of this file.");

    private static FhirRefusedException Unknown(FhirReference reference) => new(reference.Path, "is no reference of the form Type/id.");
}
