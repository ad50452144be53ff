using System.Collections.Immutable;
using HealthShare.Policy.Statements;

namespace HealthShare.Node.Consents.Fhir;

/// <summary>
/// Translates the names in consents (references, codes) into those of statements (members, tokens, record ids) and back.
/// A name that it does not know is refused with the element's path.
/// </summary>
internal abstract class ConsentNames(ConsentProfile profile)
{
    /// <summary>By whose rules consents are read.</summary>
    public ConsentProfile Profile { get; } = profile;

    /// <summary>Who a recipient is; several when the reference names a group.</summary>
    public abstract ImmutableArray<Who> Readers(FhirReference reference);

    public abstract string Custodian(FhirReference reference);

    public abstract string Purpose(FhirCoding coding);

    public abstract string Category(FhirCoding coding);

    /// <summary>A sensitivity label.</summary>
    public abstract string Label(FhirCoding coding);

    public abstract string Record(FhirReference reference);

    public abstract string Author(FhirReference reference);

    public abstract string Encounter(FhirReference reference);

    public abstract FhirReference ReferenceOf(Who reader);

    public abstract FhirReference CustodianReference(string custodian);

    public abstract FhirReference RecordReference(string record);

    public abstract FhirReference AuthorReference(string author);

    public abstract FhirReference EncounterReference(string encounter);

    public abstract FhirCoding PurposeCoding(string purpose);

    public abstract FhirCoding CategoryCoding(string category);

    public abstract FhirCoding LabelCoding(string label);
}
