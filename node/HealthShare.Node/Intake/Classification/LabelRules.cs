namespace HealthShare.Node.Intake.Classification;

/// <summary>The rules in force: the shipped <c>labels.json</c> with the hospital's own laid over it; docs/labels.md describes the format.</summary>
/// <param name="Version">Version of the format: 1.</param>
/// <param name="Categories">How categories are found.</param>
/// <param name="Labels">Sensitivity labels and the codes that set them.</param>
/// <param name="Confidentiality">How stated confidentiality is read; null for none but the codes of HL7 v3.</param>
public sealed record LabelRules(
    int Version, CategoryRules Categories, IReadOnlyList<LabelRule> Labels, ConfidentialityRules? Confidentiality = null)
{
    private const string Shipped = "labels.json";

    /// <summary>Reads the shipped rules, and a hospital's own file over them.</summary>
    /// <param name="path">The hospital's own file; null or empty for none.</param>
    /// <exception cref="InvalidDataException">A file is not as documented; the message names it, the line or the element, and says what is wrong.</exception>
    public static LabelRules Load(string? path)
    {
        var shipped = LabelFile.Read(Path.Combine(AppContext.BaseDirectory, Shipped));
        if (string.IsNullOrEmpty(path))
            return shipped.ToRules();
        var own = LabelFile.Read(path);
        return own.ReplacesShipped ? own.ToRules() : shipped.Over(own).ToRules();
    }
}

/// <summary>
/// How categories are found: by diagnostic section (OBR-24) where one is stated and known, else by what the codes of orders and results say, else
/// by message type. Type of document, segments, class and department add to that.
/// </summary>
/// <param name="Default">Category where no other rule applies.</param>
/// <param name="MessageTypes">By MSH-9: <c>ORU^R30</c> before <c>ORU</c>.</param>
/// <param name="DiagnosticSections">By OBR-24, table 0074.</param>
/// <param name="DocumentTypes">By TXA-2, table 0270.</param>
/// <param name="Segments">By a segment that is there, such as <c>CON</c>.</param>
/// <param name="PatientClasses">By PV1-2, table 0004.</param>
/// <param name="Departments">By PV1-3, first component.</param>
/// <param name="Codes">By codes of OBR-4 and OBX-3.</param>
public sealed record CategoryRules(
    string Default, IReadOnlyDictionary<string, string> MessageTypes, IReadOnlyDictionary<string, string> DiagnosticSections,
    IReadOnlyDictionary<string, string>? DocumentTypes = null, IReadOnlyDictionary<string, string>? Segments = null,
    IReadOnlyDictionary<string, string>? PatientClasses = null, IReadOnlyDictionary<string, string>? Departments = null,
    IReadOnlyList<CategoryCodes>? Codes = null)
{
    /// <summary>All categories that the rules can give.</summary>
    public IEnumerable<string> All => new[] { MessageTypes, DiagnosticSections, DocumentTypes, Segments, PatientClasses, Departments }
        .SelectMany(map => map?.Values ?? []).Concat((Codes ?? []).Select(codes => codes.Category)).Append(Default).Distinct(StringComparer.Ordinal);
}

/// <summary>Codes of orders and results that set a category.</summary>
/// <param name="Category">The category.</param>
/// <param name="Codes">The codes.</param>
public sealed record CategoryCodes(string Category, IReadOnlyList<CodeSet> Codes);

/// <summary>A sensitivity label.</summary>
/// <param name="Label">Code of HL7 v3 InformationSensitivityPolicy, such as <c>HIV</c>, or the hospital's own.</param>
/// <param name="Codes">Codes that set it wherever a coded field of the message holds them.</param>
/// <param name="HospitalServices">Values of PV1-10 that set it; may be left out.</param>
/// <param name="DocumentTypes">Values of TXA-2 that set it; may be left out.</param>
/// <param name="Departments">Values of PV1-3, first component, that set it; may be left out.</param>
/// <param name="Except">In a hospital's own file: codes of the shipped label that do not set it here.</param>
/// <param name="Replace">In a hospital's own file: nothing of the shipped label of that name counts.</param>
public sealed record LabelRule(
    string Label, IReadOnlyList<CodeSet>? Codes = null, IReadOnlyList<string>? HospitalServices = null, IReadOnlyList<string>? DocumentTypes = null,
    IReadOnlyList<string>? Departments = null, IReadOnlyList<CodeSet>? Except = null, bool Replace = false);

/// <summary>Codes of one code system.</summary>
/// <param name="System">Code system as messages name it (table 0396), such as <c>LN</c>.</param>
/// <param name="Aliases">Other names for it; may be left out.</param>
/// <param name="Codes">Codes; one that ends in <c>*</c> stands for all that begin so.</param>
public sealed record CodeSet(string System, IReadOnlyList<string> Codes, IReadOnlyList<string>? Aliases = null);

/// <summary>How stated confidentiality is read, in codes of HL7 v3: U, L, M, N, R or V. The strictest of all counts.</summary>
/// <param name="Codes">By the codes of ORC-28 and TXA-18 (tables 0177 and 0272).</param>
/// <param name="Vip">By PV1-16; <c>*</c> stands for any value.</param>
/// <param name="Protected">Where PD1-12, PV2-22 or an ARV segment asks for protection.</param>
public sealed record ConfidentialityRules(
    IReadOnlyDictionary<string, string>? Codes = null, IReadOnlyDictionary<string, string>? Vip = null, string? Protected = null);
