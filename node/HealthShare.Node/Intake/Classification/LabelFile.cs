using System.Text.Json;
using System.Text.Json.Serialization;

namespace HealthShare.Node.Intake.Classification;

/// <summary>A <c>labels.json</c> as it is written: everything but the version may be left out. A value of null takes a shipped entry away.</summary>
internal sealed record LabelFile(
    int Version, CategoryFile? Categories = null, IReadOnlyList<LabelRule>? Labels = null, ConfidentialityFile? Confidentiality = null,
    bool ReplacesShipped = false)
{
    private const string LevelCodes = "ULMNRV";

    /// <exception cref="InvalidDataException">The file is not as documented; the message names it and the line or the element.</exception>
    public static LabelFile Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var file = JsonSerializer.Deserialize(stream, LabelRulesJson.Default.LabelFile) ?? throw new InvalidDataException($"The label rules '{path}' are empty.");
            return file.Fault() is { } fault ? throw new InvalidDataException($"The label rules '{path}': {fault}.") : file;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The label rules '{path}' cannot be read, line {e.LineNumber + 1}, {e.Path ?? "$"}: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"The label rules '{path}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>This file with another laid over it: its entries add, and count before these.</summary>
    public LabelFile Over(LabelFile own) => new(Version, (Categories ?? new()).Over(own.Categories ?? new()), Merged(own.Labels ?? []),
        (Confidentiality ?? new()).Over(own.Confidentiality ?? new()));

    public LabelRules ToRules() => new(Version, (Categories ?? new()).ToRules(), [.. Labels ?? []], (Confidentiality ?? new()).ToRules());

    private List<LabelRule> Merged(IReadOnlyList<LabelRule> own)
    {
        var merged = (Labels ?? []).ToList();
        foreach (var rule in own)
        {
            var at = merged.FindIndex(known => known.Label == rule.Label);
            if (at < 0)
                merged.Add(rule);
            else if (rule.Replace)
                merged[at] = rule;
            else
            {
                merged[at] = new LabelRule(rule.Label, [.. Without(merged[at].Codes ?? [], rule.Except ?? []), .. rule.Codes ?? []],
                    Joined(merged[at].HospitalServices, rule.HospitalServices), Joined(merged[at].DocumentTypes, rule.DocumentTypes),
                    Joined(merged[at].Departments, rule.Departments));
            }
        }
        return merged;
    }

    private static IEnumerable<CodeSet> Without(IReadOnlyList<CodeSet> codes, IReadOnlyList<CodeSet> except)
    {
        foreach (var set in codes)
        {
            var names = (set.Aliases ?? []).Prepend(set.System).Select(CodeSystemName.Of).ToHashSet(StringComparer.Ordinal);
            var gone = except.Where(other => names.Contains(CodeSystemName.Of(other.System))).SelectMany(other => other.Codes).ToHashSet(StringComparer.OrdinalIgnoreCase);
            yield return gone.Count == 0 ? set : set with { Codes = [.. set.Codes.Where(code => !gone.Contains(code))] };
        }
    }

    private static List<string> Joined(IReadOnlyList<string>? one, IReadOnlyList<string>? other) => [.. one ?? [], .. other ?? []];

    // The first thing that is wrong, by the path of its element.
    private string? Fault()
    {
        if (Version != 1)
            return $"$.version is {Version}; this node knows version 1";
        if (Categories?.Fault() is { } category)
            return category;
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < (Labels?.Count ?? 0); i++)
        {
            var (rule, at) = (Labels![i], $"$.labels[{i}]");
            if (rule is null)
                return $"{at} is null";
            if (string.IsNullOrWhiteSpace(rule.Label))
                return $"{at}.label is empty";
            if (!names.Add(rule.Label))
                return $"{at}.label '{rule.Label}' stands here twice";
            if ((Fault(rule.Codes, $"{at}.codes") ?? Fault(rule.Except, $"{at}.except")
                ?? Fault(rule.HospitalServices, $"{at}.hospitalServices") ?? Fault(rule.DocumentTypes, $"{at}.documentTypes")
                ?? Fault(rule.Departments, $"{at}.departments")) is { } fault)
                return fault;
        }
        return Confidentiality?.Fault(LevelCodes);
    }

    internal static string? Fault(IReadOnlyList<CodeSet>? sets, string at)
    {
        for (var i = 0; i < (sets?.Count ?? 0); i++)
        {
            if (sets![i] is not { } set)
                return $"{at}[{i}] is null";
            if (string.IsNullOrWhiteSpace(set.System))
                return $"{at}[{i}].system is empty";
            if (set.Codes.Count == 0)
                return $"{at}[{i}].codes is empty";
            if ((Fault(set.Codes, $"{at}[{i}].codes") ?? Fault(set.Aliases, $"{at}[{i}].aliases")) is { } fault)
                return fault;
        }
        return null;
    }

    private static string? Fault(IReadOnlyList<string>? values, string at)
    {
        for (var i = 0; i < (values?.Count ?? 0); i++)
        {
            if (values![i] is null || values[i].Trim().TrimEnd('*').Length == 0)
                return $"{at}[{i}] is empty";
        }
        return null;
    }
}

/// <summary>The categories of a file.</summary>
internal sealed record CategoryFile(
    string? Default = null, Dictionary<string, string?>? MessageTypes = null, Dictionary<string, string?>? DiagnosticSections = null,
    Dictionary<string, string?>? DocumentTypes = null, Dictionary<string, string?>? Segments = null,
    Dictionary<string, string?>? PatientClasses = null, Dictionary<string, string?>? Departments = null, IReadOnlyList<CategoryCodes>? Codes = null)
{
    public CategoryFile Over(CategoryFile own) => new(own.Default ?? Default, Over(MessageTypes, own.MessageTypes),
        Over(DiagnosticSections, own.DiagnosticSections), Over(DocumentTypes, own.DocumentTypes), Over(Segments, own.Segments),
        Over(PatientClasses, own.PatientClasses), Over(Departments, own.Departments), [.. own.Codes ?? [], .. Codes ?? []]);

    public CategoryRules ToRules() => new(Default ?? "other", There(MessageTypes), There(DiagnosticSections), There(DocumentTypes), There(Segments),
        There(PatientClasses), There(Departments), Codes ?? []);

    public string? Fault()
    {
        if (Default is not null && string.IsNullOrWhiteSpace(Default))
            return "$.categories.default is empty";
        foreach (var (name, map) in new[]
        {
            ("messageTypes", MessageTypes), ("diagnosticSections", DiagnosticSections), ("documentTypes", DocumentTypes), ("segments", Segments),
            ("patientClasses", PatientClasses), ("departments", Departments),
        })
        {
            if (map?.FirstOrDefault(entry => entry.Key.Trim().Length == 0 || entry.Value?.Trim().Length == 0) is { Key: not null } wrong)
                return $"$.categories.{name}['{wrong.Key}'] has an empty name";
        }
        for (var i = 0; i < (Codes?.Count ?? 0); i++)
        {
            if (Codes![i] is null || string.IsNullOrWhiteSpace(Codes[i].Category))
                return $"$.categories.codes[{i}].category is empty";
            if (LabelFile.Fault(Codes[i].Codes, $"$.categories.codes[{i}].codes") is { } fault)
                return fault;
        }
        return null;
    }

    /// <summary>Codes of messages are compared without regard to case.</summary>
    internal static Dictionary<string, string?> Over(Dictionary<string, string?>? shipped, Dictionary<string, string?>? own)
    {
        var merged = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in (shipped ?? []).Concat(own ?? []))
            merged[key] = value;
        return merged;
    }

    internal static Dictionary<string, string> There(Dictionary<string, string?>? map) => Over(map, null).Where(entry => entry.Value is not null)
        .ToDictionary(entry => entry.Key, entry => entry.Value!, StringComparer.OrdinalIgnoreCase);
}

/// <summary>The confidentiality of a file.</summary>
internal sealed record ConfidentialityFile(Dictionary<string, string?>? Codes = null, Dictionary<string, string?>? Vip = null, string? Protected = null)
{
    public ConfidentialityFile Over(ConfidentialityFile own) =>
        new(CategoryFile.Over(Codes, own.Codes), CategoryFile.Over(Vip, own.Vip), own.Protected ?? Protected);

    public ConfidentialityRules ToRules() => new(CategoryFile.There(Codes), CategoryFile.There(Vip), Protected);

    public string? Fault(string levels)
    {
        foreach (var (name, map) in new[] { ("codes", Codes), ("vip", Vip) })
        {
            if (map?.FirstOrDefault(entry => entry.Value is not null && !IsLevel(entry.Value)) is { Key: not null } wrong)
                return $"$.confidentiality.{name}['{wrong.Key}'] is none of {string.Join(", ", levels.AsEnumerable())}";
        }
        return Protected is null || IsLevel(Protected) ? null : $"$.confidentiality.protected is none of {string.Join(", ", levels.AsEnumerable())}";

        bool IsLevel(string value) => value.Length == 1 && levels.Contains(value, StringComparison.Ordinal);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, ReadCommentHandling = JsonCommentHandling.Skip,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(LabelFile))]
internal sealed partial class LabelRulesJson : JsonSerializerContext;
