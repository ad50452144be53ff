using System.Text.Json.Serialization;
using HealthShare.Node.Intake.Lineage;

namespace HealthShare.Node.Intake.Classification;

/// <summary>What decisions need to know of a message, in plain codes; on the ledger they stand as tokens.</summary>
/// <param name="Categories">What kind of data, at least one, such as <c>laboratory</c>; ordered.</param>
/// <param name="Labels">Sensitivity labels, such as <c>HIV</c>; ordered, may be empty.</param>
/// <param name="Author">Who is responsible for the content: id and assigning authority; null when not stated.</param>
/// <param name="Encounter">Visit number and assigning authority; null when not stated.</param>
/// <param name="Confidentiality">HL7 v3 Confidentiality: U, L, M, N, R or V.</param>
/// <param name="Date">When the data arose, in whole seconds of UTC.</param>
/// <param name="Lineage">How the message stands to others of the patient; null where it stands alone. Not for the ledger.</param>
public sealed record Meaning(
    IReadOnlyList<string> Categories, IReadOnlyList<string> Labels, string? Author, string? Encounter, string Confidentiality,
    DateTimeOffset Date, LineageFacts? Lineage = null);

/// <remarks>What lacks something is refused when it is read, not when the missing part is used: by then the ledger may have the record.</remarks>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Meaning))]
internal sealed partial class MeaningJson : JsonSerializerContext;
