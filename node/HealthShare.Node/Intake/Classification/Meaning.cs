using System.Text.Json.Serialization;

namespace HealthShare.Node.Intake.Classification;

/// <summary>What decisions need to know of a message, in plain codes; on the ledger they stand as tokens.</summary>
/// <param name="Categories">What kind of data, at least one, such as <c>laboratory</c>; ordered.</param>
/// <param name="Labels">Sensitivity labels, such as <c>HIV</c>; ordered, may be empty.</param>
/// <param name="Author">Who is responsible for the content: id and assigning authority; null when not stated.</param>
/// <param name="Encounter">Visit number and assigning authority; null when not stated.</param>
/// <param name="Confidentiality">HL7 v3 Confidentiality: U, L, M, N, R or V.</param>
/// <param name="Date">When the data arose, in whole seconds of UTC.</param>
public sealed record Meaning(
    IReadOnlyList<string> Categories, IReadOnlyList<string> Labels, string? Author, string? Encounter, string Confidentiality,
    DateTimeOffset Date);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Meaning))]
internal sealed partial class MeaningJson : JsonSerializerContext;
