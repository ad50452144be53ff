using HealthShare.Hl7.Values;

namespace HealthShare.Node.Patients;

/// <summary>
/// Which of a person's numbers name the person, and which of those count up together: one authority gives out several series, and the same
/// digits in two of them are two people. Types are those of table 0203 (CX-5).
/// </summary>
internal static class NumberSeries
{
    // "" is the series of medical record numbers, also where a message states no type. All others name accounts, visits, staff or insurances,
    // which relatives or strangers may share.
    private static readonly Dictionary<string, string> Persons = new(StringComparer.OrdinalIgnoreCase)
    {
        [""] = "", ["MR"] = "", ["MRN"] = "", ["U"] = "", ["PI"] = "PI", ["PT"] = "PT", ["PE"] = "PE",
    };

    /// <summary>Whether a number of that type names a person.</summary>
    public static bool NamesPerson(string type) => Persons.ContainsKey(type.Trim());

    /// <summary>The series that a number is of; a type that names no person is a series of its own.</summary>
    public static string Of(PatientIdentifier number) => Persons.GetValueOrDefault(number.Type.Trim()) ?? number.Type.Trim().ToUpperInvariant();
}
