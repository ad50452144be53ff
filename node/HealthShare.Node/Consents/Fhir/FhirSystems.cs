namespace HealthShare.Node.Consents.Fhir;

/// <summary>Code systems and identifier systems in consents.</summary>
internal static class FhirSystems
{
    public const string ActReason = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
    public const string ActCode = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
    public const string Confidentiality = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
    public const string ParticipationType = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
    public const string ConsentScope = "http://terminology.hl7.org/CodeSystem/consentscope";
    public const string ConsentAction = "http://terminology.hl7.org/CodeSystem/consentaction";
    public const string ConsentCategory = "http://terminology.hl7.org/CodeSystem/consentcategorycodes";
    public const string Loinc = "http://loinc.org";

    // What only this consortium knows is named by identifiers and codes of its own.
    public const string Patient = "urn:healthshare:patient";
    public const string Member = "urn:healthshare:member";
    public const string Role = "urn:healthshare:role";
    public const string Staff = "urn:healthshare:staff";
    public const string Readers = "urn:healthshare:readers";
    public const string Record = "urn:healthshare:record";
    public const string AuthorToken = "urn:healthshare:author-token";
    public const string EncounterToken = "urn:healthshare:encounter-token";
    public const string CategoryToken = "urn:healthshare:category-token";
    public const string LabelToken = "urn:healthshare:label-token";
    public const string Category = "urn:healthshare:category";
    public const string ConsortiumPolicy = "urn:healthshare:policy:consortium";

    /// <summary>Value of <see cref="Readers"/> for anyone of any member that is a hospital.</summary>
    public const string AnyHospital = "any-hospital";

    /// <summary>
    /// Modifier extension (<c>valueCode</c>: permit or deny): the consent is one signed statement of that effect and is to
    /// be read by the rules of statements. A reader that does not know it must not act on the consent, which is right.
    /// </summary>
    public const string SignedStatement = "urn:healthshare:fhir:signed-statement";

    /// <summary>Modifier extension (<c>valueCode</c>: never): not even an emergency reads against this consent.</summary>
    public const string Emergency = "urn:healthshare:fhir:emergency";

    /// <summary>
    /// Extension (<c>valueReference</c> to the Consent): the grant in whose place this one came. It changes nothing about what this
    /// consent permits or denies, and what was replaced is given out no more; so a reader that does not know it loses nothing.
    /// </summary>
    public const string Replaces = "urn:healthshare:fhir:replaces";

    private const string Pcf = "https://profiles.ihe.net/ITI/PCF/";

    // The overarching policies of IHE PCF's implicit level.
    public const string PcfTreatment = Pcf + "Policy-basic-normal";
    public const string PcfAll = Pcf + "Policy-all-normal";
    public const string PcfBreakGlassOnly = Pcf + "Policy-break-glass-only";
    public const string PcfDeny = Pcf + "Policy-deny";
}
