using System.Text.Json;
using System.Text.Json.Serialization;

namespace HealthShare.Node.Intake.Classification;

/// <summary>The rules of a <c>labels.json</c>; docs/labels.md describes the format.</summary>
/// <param name="Version">Version of the format: 1.</param>
/// <param name="Categories">How categories are found.</param>
/// <param name="Labels">Sensitivity labels and the codes that set them.</param>
public sealed record LabelRules(int Version, CategoryRules Categories, IReadOnlyList<LabelRule> Labels)
{
    private const string Shipped = "labels.json";

    /// <summary>Reads the shipped rules, or a hospital's own file.</summary>
    /// <exception cref="InvalidDataException">The file is not as documented; the message names it and says what is wrong.</exception>
    public static LabelRules Load(string? path)
    {
        var file = string.IsNullOrEmpty(path) ? Path.Combine(AppContext.BaseDirectory, Shipped) : path;
        try
        {
            using var stream = File.OpenRead(file);
            var rules = JsonSerializer.Deserialize(stream, LabelRulesJson.Default.LabelRules)
                ?? throw new InvalidDataException($"The label rules '{file}' are empty.");
            return rules.Check(file);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The label rules '{file}' cannot be read: {e.Message}", e);
        }
    }

    private LabelRules Check(string file)
    {
        if (Version != 1)
            throw new InvalidDataException($"The label rules '{file}' have version {Version}; this node knows version 1.");
        if (Labels.Any(label => label.Label.Length == 0 || label.Codes.Any(code => code.System.Length == 0 || code.Codes.Count == 0)))
            throw new InvalidDataException($"The label rules '{file}' have a label without a name, or codes without a system.");
        var names = Categories.MessageTypes.Values.Concat(Categories.DiagnosticSections.Values).Append(Categories.Default);
        return names.All(name => name.Length > 0)
            ? this
            : throw new InvalidDataException($"The label rules '{file}' have a category without a name.");
    }
}

/// <summary>How categories are found: by diagnostic section (OBR-24) where one is stated and known, else by message type.</summary>
/// <param name="Default">Category where no other rule applies.</param>
/// <param name="MessageTypes">By MSH-9: <c>ORU^R30</c> before <c>ORU</c>.</param>
/// <param name="DiagnosticSections">By OBR-24, table 0074.</param>
public sealed record CategoryRules(
    string Default, IReadOnlyDictionary<string, string> MessageTypes, IReadOnlyDictionary<string, string> DiagnosticSections);

/// <summary>A sensitivity label.</summary>
/// <param name="Label">Code of HL7 v3 InformationSensitivityPolicy, such as <c>HIV</c>, or the hospital's own.</param>
/// <param name="Codes">Codes that set it wherever a coded field of the message holds them.</param>
/// <param name="HospitalServices">Values of PV1-10 that set it; may be left out.</param>
public sealed record LabelRule(string Label, IReadOnlyList<CodeSet> Codes, IReadOnlyList<string>? HospitalServices = null);

/// <summary>Codes of one code system.</summary>
/// <param name="System">Code system as messages name it (table 0396), such as <c>LN</c>.</param>
/// <param name="Aliases">Other names for it; may be left out.</param>
/// <param name="Codes">Codes; one that ends in <c>*</c> stands for all that begin so.</param>
public sealed record CodeSet(string System, IReadOnlyList<string> Codes, IReadOnlyList<string>? Aliases = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, ReadCommentHandling = JsonCommentHandling.Skip)]
[JsonSerializable(typeof(LabelRules))]
internal sealed partial class LabelRulesJson : JsonSerializerContext;
