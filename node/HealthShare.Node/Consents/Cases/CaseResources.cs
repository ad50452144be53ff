using System.Collections.Immutable;
using System.Text.Json;
using HealthShare.Node.Consents.Fhir;

namespace HealthShare.Node.Consents.Cases;

/// <summary>What is known of a resource that somebody asks for.</summary>
/// <param name="Id">Its name in the cases.</param>
/// <param name="Confidentiality">Its confidentiality code; empty when it has none, which no rule names.</param>
/// <param name="Labels">Its sensitivity labels.</param>
/// <param name="Categories">Its type, categories and codes.</param>
/// <param name="Authors">References to who wrote it.</param>
/// <param name="Encounter">Reference to the encounter that it belongs to; null when it names none.</param>
/// <param name="Date">When the data arose; null when it does not say.</param>
internal sealed record CaseResource(
    string Id, string Confidentiality, ImmutableArray<FhirCoding> Labels, ImmutableArray<FhirCoding> Categories, ImmutableArray<string> Authors,
    string? Encounter, DateTimeOffset? Date);

/// <summary>
/// The resources that cases are about: the JSON files in the folders called <c>resources</c> beside the manifest and beside
/// the consents' folders, and the manifest's own.
/// </summary>
internal sealed class CaseResources
{
    private const string ResourceTypes = "http://hl7.org/fhir/resource-types";
    private static readonly string[] AuthorMembers = ["author", "performer", "recorder", "asserter", "requester"];
    private static readonly string[] DateMembers =
        ["effectiveDateTime", "effectiveInstant", "effectivePeriod", "performedDateTime", "performedPeriod", "occurrenceDateTime", "onsetDateTime",
            "authoredOn", "recordedDate", "date", "created", "issued", "period"];

    private readonly Dictionary<string, CaseResource> resources = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ImmutableArray<FhirReference>> groups = new(StringComparer.Ordinal);

    private CaseResources()
    {
    }

    /// <summary>Reads the folders.</summary>
    /// <exception cref="InvalidDataException">A file there is no resource.</exception>
    public static async Task<CaseResources> LoadAsync(IEnumerable<string> folders, CaseManifest manifest, CancellationToken ct)
    {
        var loaded = new CaseResources();
        foreach (var file in folders.Where(Directory.Exists).SelectMany(folder => Directory.EnumerateFiles(folder, "*.json")).Distinct().Order())
            await loaded.AddAsync(file, ct);
        foreach (var (id, extra) in manifest.ExtraResources ?? new Dictionary<string, ExtraResource>())
            loaded.resources[id] = Extra(id, extra);
        return loaded;
    }

    /// <summary>The resource of a case; null when there is none of that name.</summary>
    public CaseResource? Find(string id) => resources.GetValueOrDefault(id);

    /// <summary>The members of a group; empty when it is not known.</summary>
    public ImmutableArray<FhirReference> MembersOf(FhirReference group) => groups.GetValueOrDefault($"{group.Type}/{group.Id}", []);

    private async Task AddAsync(string file, CancellationToken ct)
    {
        try
        {
            await using var stream = File.OpenRead(file);
            using var document = await JsonDocument.ParseAsync(stream, new JsonDocumentOptions { AllowDuplicateProperties = false }, ct);
            var json = document.RootElement;
            var (type, id) = (TextOf(json, "resourceType"), TextOf(json, "id"));
            if (type is null || id is null)
                throw new InvalidDataException($"'{Path.GetFileName(file)}' is no FHIR resource with an id.");
            var name = $"{type}/{id}";
            resources[name] = Resource(json, type, name);
            if (type == "Group")
                groups[name] = [.. Items(json, "member").SelectMany(member => Items(member, "entity")).Select(Reference).OfType<string>().Select(Split)];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"'{Path.GetFileName(file)}' is no FHIR resource: {e.Message}", e);
        }
    }

    private static CaseResource Resource(JsonElement json, string type, string name)
    {
        var security = json.TryGetProperty("meta", out var meta) ? Items(meta, "security").Select(Coding).OfType<FhirCoding>().ToArray() : [];
        var categories = Items(json, "category").Concat(Items(json, "code")).SelectMany(concept => Items(concept, "coding")).Select(Coding).OfType<FhirCoding>();
        var encounter = type == "Encounter"
            ? name // an encounter belongs to itself
            : Items(json, "encounter").Concat(Items(json, "context").SelectMany(context => Items(context, "encounter").Append(context)))
                .Select(Reference).FirstOrDefault(reference => reference?.StartsWith("Encounter/", StringComparison.Ordinal) is true);
        return new CaseResource(name, ConfidentialityOf(security), LabelsOf(security), [new FhirCoding(ResourceTypes, type), .. categories],
            [.. AuthorMembers.SelectMany(member => Items(json, member)).Select(AuthorOf).OfType<string>().Distinct()], encounter, DateOf(json, name));
    }

    private static CaseResource Extra(string id, ExtraResource extra)
    {
        var security = (extra.Security ?? []).Select(static code =>
            new FhirCoding(code is "U" or "L" or "M" or "N" or "R" or "V" ? FhirSystems.Confidentiality : FhirSystems.ActCode, code)).ToArray();
        return new CaseResource(id, ConfidentialityOf(security), LabelsOf(security), [], extra.Author is null ? [] : [extra.Author],
            extra.Encounter, extra.Date is null ? null : Time(extra.Date, id));
    }

    private static string ConfidentialityOf(FhirCoding[] security) =>
        security.FirstOrDefault(static coding => coding.System is FhirSystems.Confidentiality)?.Code ?? "";

    // Purposes on data (such as HTEST) say what it is for, not what is sensitive in it.
    private static ImmutableArray<FhirCoding> LabelsOf(FhirCoding[] security) =>
        [.. security.Where(static coding => coding.System is not (FhirSystems.Confidentiality or FhirSystems.ActReason))];

    private static DateTimeOffset? DateOf(JsonElement json, string name)
    {
        foreach (var member in DateMembers)
        {
            if (!json.TryGetProperty(member, out var value))
                continue;
            if (value.ValueKind is JsonValueKind.Object && value.TryGetProperty("start", out var start))
                value = start;
            if (value.ValueKind is JsonValueKind.String)
                return Time(value.GetString()!, name);
        }
        return null;
    }

    private static DateTimeOffset Time(string text, string name) =>
        FhirTime.TryParse(text, out var start, out _) ? start : throw new InvalidDataException($"The date of '{name}' is no FHIR date.");

    // One item or a list of them: FHIR has either, by resource.
    private static JsonElement[] Items(JsonElement json, string name) =>
        json.ValueKind is JsonValueKind.Object && json.TryGetProperty(name, out var value)
            ? value.ValueKind is JsonValueKind.Array ? [.. value.EnumerateArray()] : [value]
            : [];

    private static string? AuthorOf(JsonElement author) => Reference(author) ?? Items(author, "actor").Select(Reference).FirstOrDefault();

    private static string? Reference(JsonElement json) => TextOf(json, "reference");

    private static FhirReference Split(string reference) => reference.Split('/') is [var type, var id]
        ? new FhirReference(type, id, null, null)
        : throw new InvalidDataException("A group has a member that is no reference of the form Type/id.");

    private static FhirCoding? Coding(JsonElement json) => TextOf(json, "code") is { } code ? new FhirCoding(TextOf(json, "system"), code) : null;

    private static string? TextOf(JsonElement json, string name) =>
        json.ValueKind is JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
}
