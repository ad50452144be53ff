using System.Text.Json;
using System.Text.Json.Serialization;

namespace HealthShare.Node.Consents.Cases;

/// <summary>A file of decision cases: consents, what is asked under them, and the decisions that are right.</summary>
/// <param name="Consents">The consents, files beside the manifest.</param>
/// <param name="Cases">The cases.</param>
/// <param name="ExtraResources">Resources that are described in the manifest instead of a file; by their id.</param>
internal sealed record CaseManifest(
    IReadOnlyList<CaseConsent> Consents, IReadOnlyList<DecisionCase> Cases, IReadOnlyDictionary<string, ExtraResource>? ExtraResources = null)
{
    /// <summary>Largest file that is read, in bytes.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>Reads and checks a manifest.</summary>
    /// <exception cref="InvalidDataException">It is not of the form; the message says why.</exception>
    public static async Task<CaseManifest> LoadAsync(FileInfo file, CancellationToken ct)
    {
        if (file.Length > MaxBytes)
            throw new InvalidDataException($"The manifest has {file.Length} bytes; at most {MaxBytes} are read.");
        try
        {
            await using var stream = file.OpenRead();
            var manifest = await JsonSerializer.DeserializeAsync(stream, CaseJson.Default.CaseManifest, ct)
                ?? throw new InvalidDataException("The manifest is empty.");
            return manifest.Check();
        }
        catch (JsonException e)
        {
            // The reader's own words name types of the program.
            throw new InvalidDataException($"The manifest is not of its form at {e.Path ?? "$"}, line {(e.LineNumber ?? 0) + 1}; docs/consent.md says what it has.", e);
        }
    }

    private CaseManifest Check()
    {
        if (Cases.Count == 0)
            throw new InvalidDataException("The manifest has no cases.");
        if (Cases.FirstOrDefault(item => item.Expected is not ("permit" or "deny" or "no-consent")) is { } odd)
            throw new InvalidDataException($"Case '{odd.Id}' expects none of permit, deny and no-consent.");
        return this;
    }
}

/// <summary>A consent of the manifest.</summary>
/// <param name="File">Path of the FHIR Consent from the manifest's folder; cases name it by its file name without ending.</param>
internal sealed record CaseConsent(string File);

/// <summary>A resource that only the manifest knows.</summary>
/// <param name="Security">Security labels: confidentiality (U, L, M, N, R, V) and sensitivity codes.</param>
/// <param name="Author">Reference to who wrote it.</param>
/// <param name="Date">When the data arose.</param>
/// <param name="Encounter">Reference to the encounter that it belongs to.</param>
internal sealed record ExtraResource(
    IReadOnlyList<string>? Security = null, string? Author = null, string? Date = null, string? Encounter = null);

/// <summary>One question and the right answer.</summary>
/// <param name="Id">Id of the case.</param>
/// <param name="Consent">The consent that is asked.</param>
/// <param name="Actor">Reference to who asks.</param>
/// <param name="Purpose">A code of v3 ActReason, or <c>system#code</c>.</param>
/// <param name="AsOf">When it is asked.</param>
/// <param name="Resource">What is asked for: a resource or an extra one.</param>
/// <param name="Expected">permit, deny or no-consent.</param>
internal sealed record DecisionCase(
    string Id, string Consent, string Actor, string Purpose, [property: JsonPropertyName("as_of")] string AsOf, string Resource, string Expected);

/// <summary>What a case came to.</summary>
/// <param name="Id">Id of the case.</param>
/// <param name="Expected">The right answer.</param>
/// <param name="Decision">The answer.</param>
/// <param name="Agrees">True when they are the same and the consent could be mapped.</param>
/// <param name="Reason">Why, as a code, and what decided.</param>
/// <param name="RefusedAt">Path of the element for which the consent was refused; null when it was mapped.</param>
internal sealed record CaseResult(string Id, string Expected, string Decision, bool Agrees, string Reason, string? RefusedAt = null);

/// <summary>What all cases came to.</summary>
internal sealed record CaseReport(string Profile, int Cases, int Differences, IReadOnlyList<CaseResult> Results);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(CaseManifest))]
internal sealed partial class CaseJson : JsonSerializerContext;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CaseReport))]
internal sealed partial class CaseReportJson : JsonSerializerContext;
