using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace HealthShare.Node.Consents.Explain;

/// <summary>Whether a reader may read a record, and why.</summary>
/// <param name="Permitted">True when the record may be read.</param>
/// <param name="Reason">Code, such as <c>permit.signed</c>.</param>
/// <param name="Words">The same in plain words.</param>
/// <param name="StatementId">The statement that decided; null when none did.</param>
/// <param name="Provision">Index of the part of its scope that matched.</param>
/// <param name="Part">That part as it was signed; null when no statement decided.</param>
/// <param name="NotAfter">Until when a permit stands at most; null for a denial.</param>
/// <param name="Changes">What would change it.</param>
/// <param name="At">The time that it holds for.</param>
public sealed record ConsentExplanation(
    bool Permitted, string Reason, string Words, string? StatementId, int? Provision, JsonElement? Part, DateTimeOffset? NotAfter,
    IReadOnlyList<ConsentChange> Changes, DateTimeOffset At);

/// <summary>Something that would change a decision.</summary>
/// <param name="Code">
/// Code, such as <c>near.who</c>. <c>lapsed.*</c> (<c>lapsed.credentialRevoked</c>) names a permit that would decide if what it rests on
/// stood; such ones come first.
/// </param>
/// <param name="Words">The same in plain words.</param>
/// <param name="StatementId">The permit that lapsed; null for other codes.</param>
public sealed record ConsentChange(string Code, string Words, string? StatementId = null);

/// <summary>Who could read what if a statement were signed.</summary>
/// <param name="At">
/// The time that it holds for: now, the beginning of what begins later, or the end of a broad permit's waiting time.
/// </param>
/// <param name="Statements">
/// Bodies of the grants to sign: the one that was given, or those that a FHIR Consent comes to.
/// </param>
/// <param name="Partial">True when there is more than is listed: more than 200 records, or more readers than were counted.</param>
/// <param name="Records">The patient's records, newest data first, at most 200.</param>
/// <param name="Readers">Whoever is named by these statements or by those in force, and any hospital; with each purpose.</param>
/// <param name="Waiting">Where a permit among them is so broad that it waits before it counts; null where none does.</param>
public sealed record ConsentPreview(
    DateTimeOffset At, IReadOnlyList<JsonElement> Statements, bool Partial, IReadOnlyList<PreviewRecord> Records,
    IReadOnlyList<PreviewReader> Readers, PreviewWaiting? Waiting = null);

/// <summary>That a broad permit does not count at once.</summary>
/// <param name="From">From when it would count if it were signed now and nobody signs it a second time.</param>
/// <param name="Words">The same in plain words.</param>
public sealed record PreviewWaiting(DateTimeOffset From, string Words);

/// <summary>A record, as far as this node can tell what it is.</summary>
/// <param name="RecordId">Id, <c>rc-…</c>.</param>
/// <param name="Custodian">MSP id of the hospital that holds it.</param>
/// <param name="Date">When the data arose.</param>
/// <param name="Confidentiality">HL7 v3 Confidentiality code.</param>
/// <param name="Categories">Codes; tokens where this node does not know what they stand for.</param>
/// <param name="Labels">Codes; tokens where this node does not know what they stand for.</param>
public sealed record PreviewRecord(
    string RecordId, string Custodian, DateTimeOffset Date, string Confidentiality, IReadOnlyList<string> Categories, IReadOnlyList<string> Labels);

/// <summary>What one reader could read for one purpose.</summary>
/// <param name="Org">MSP id; null for any hospital that no statement names.</param>
/// <param name="Role">Role; null for anyone there whose role is not named.</param>
/// <param name="Staff">Staff id; null for anyone there who is not named.</param>
/// <param name="Purpose">
/// Purpose of use. Where a statement says <c>emergency: never</c>, <c>ETREAT</c> is there, too, for what an emergency session of that reader
/// could read.
/// </param>
/// <param name="Words">The difference in plain words.</param>
/// <param name="Gained">Records that could be read then and cannot be now.</param>
/// <param name="Lost">Records that could not be read then and can be now.</param>
/// <param name="Records">One entry per record, in the order of the records.</param>
public sealed record PreviewReader(
    string? Org, string? Role, string? Staff, string Purpose, string Words, int Gained, int Lost, IReadOnlyList<PreviewDecision> Records);

/// <summary>Before and after, for one record.</summary>
/// <param name="RecordId">The record.</param>
/// <param name="Custodian">MSP id of its custodian.</param>
/// <param name="Before">As it is now.</param>
/// <param name="After">As it would be.</param>
public sealed record PreviewDecision(string RecordId, string Custodian, PreviewOutcome Before, PreviewOutcome After);

/// <summary>A decision.</summary>
/// <param name="Permitted">True when the record may be read.</param>
/// <param name="Reason">Code, such as <c>permit.signed</c>.</param>
/// <param name="StatementId">The statement that decides; null when none does, or the one that is previewed.</param>
public sealed record PreviewOutcome(bool Permitted, string Reason, string? StatementId);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ConsentExplanation))]
[JsonSerializable(typeof(ConsentPreview))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class ExplainJson : JsonSerializerContext;
