namespace HealthShare.Node.Intake.Classification;

/// <summary>
/// One name for whatever messages and rules call a code system: without regard to case, blanks and dashes, whichever version or national edition stands behind the
/// name, and by its OID or address. A name that is not known stands for itself.
/// </summary>
internal static class CodeSystemName
{
    /// <summary>The ICD of a version that is not said: whatever either of the two says.</summary>
    public const string Icd = "ICD";

    /// <summary>ICD-9, diagnoses.</summary>
    public const string Icd9 = "ICD9";

    /// <summary>ICD-10, diagnoses.</summary>
    public const string Icd10 = "ICD10";

    private static readonly Dictionary<string, string> Known = new(StringComparer.Ordinal)
    {
        ["2.16.840.1.113883.6.3"] = Icd10, ["2.16.840.1.113883.6.90"] = Icd10, ["2.16.840.1.113883.6.42"] = Icd9, ["2.16.840.1.113883.6.103"] = Icd9,
        ["LNC"] = "LN", ["2.16.840.1.113883.6.1"] = "LN", ["SNM"] = "SCT", ["2.16.840.1.113883.6.96"] = "SCT",
        ["WC"] = "ATC", ["WHOATC"] = "ATC", ["2.16.840.1.113883.6.73"] = "ATC", ["HTTP://WWW.WHOCC.NO/ATC"] = "ATC",
    };

    /// <summary>The name of a system; "" for none.</summary>
    public static string Of(string written)
    {
        const string Urn = "URN:OID:";
        var name = written.Trim().ToUpperInvariant();
        name = (name.StartsWith(Urn, StringComparison.Ordinal) ? name[Urn.Length..] : name)
            .Replace(" ", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal);
        return Known.TryGetValue(name, out var known) ? known
            : IsProcedures(name) ? name
            : name.StartsWith("I10", StringComparison.Ordinal) || name.Contains("ICD10", StringComparison.Ordinal) ? Icd10
            : name.StartsWith("I9", StringComparison.Ordinal) || name.Contains("ICD9", StringComparison.Ordinal) ? Icd9
            : name.StartsWith(Icd, StringComparison.Ordinal) || name.Contains("/SID/ICD", StringComparison.Ordinal) ? Icd
            : name.StartsWith("LOINC", StringComparison.Ordinal) || name.Contains("LOINC.ORG", StringComparison.Ordinal) ? "LN"
            : name.StartsWith("SNOMED", StringComparison.Ordinal) || name.StartsWith("SCT", StringComparison.Ordinal) || name.Contains("SNOMED.INFO", StringComparison.Ordinal) ? "SCT"
            : name.StartsWith("ATC", StringComparison.Ordinal) ? "ATC"
            : name;
    }

    /// <summary>Whether codes of the system are sent with their dot and without it, and mean the same.</summary>
    public static bool IsIcd(string name) => name is Icd or Icd9 or Icd10;

    /// <summary>
    /// Whether the name itself says that the codes are no other system's: the sender's own (<c>L</c>, <c>99…</c> of table 0396), those of an HL7 table, or procedures.
    /// </summary>
    public static bool SaysItIsNoOther(string name) => name is "L" || name.StartsWith("99", StringComparison.Ordinal)
        || name.StartsWith("ICPC", StringComparison.Ordinal) // of general practice: written as the ICD's are, and others
        || (name.StartsWith("HL7", StringComparison.Ordinal) && name.Length > 3 && char.IsAsciiDigit(name[3])) || IsProcedures(name);

    // The procedures of the ICD are other code systems, whose codes begin as those of diagnoses do: B20 is imaging of the heart.
    private static bool IsProcedures(string name) =>
        name.StartsWith("I10P", StringComparison.Ordinal) || name.StartsWith("I9CP", StringComparison.Ordinal) || name.StartsWith("I9P", StringComparison.Ordinal)
        || (name.Contains(Icd, StringComparison.Ordinal) && (name.Contains("PCS", StringComparison.Ordinal) || name.Contains("PROC", StringComparison.Ordinal)))
        || name.EndsWith("/MEDICARE/CODING/ICD10", StringComparison.Ordinal) || name is "2.16.840.1.113883.6.4" or "2.16.840.1.113883.6.104";
}
