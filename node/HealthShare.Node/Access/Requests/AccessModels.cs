using System.Text.Json.Serialization;

namespace HealthShare.Node.Access.Requests;

/// <summary>
/// What a clinician asks for. Exactly one of <c>recordIds</c> and <c>categories</c> is given; in an emergency neither means all.
/// </summary>
/// <param name="PatientId">The patient, <c>pt-…</c>.</param>
/// <param name="Purpose">Purpose of use, HL7 v3 PurposeOfUse, such as <c>TREAT</c>.</param>
/// <param name="RecordIds">1 to 1,000 record ids, <c>rc-…</c>.</param>
/// <param name="Categories">1 to 50 codes of categories, such as <c>laboratory</c>.</param>
/// <param name="EmergencyId">This hospital's emergency session, with purpose ETREAT; null without one.</param>
public sealed record NewAccessRequest(
    string PatientId, string Purpose, IReadOnlyList<string>? RecordIds = null, IReadOnlyList<string>? Categories = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? EmergencyId = null);

/// <summary>An access request with what it permits at this moment, and nothing else.</summary>
/// <param name="Id">Id of the request, <c>ac-…</c>.</param>
/// <param name="PatientId">The patient.</param>
/// <param name="Purpose">Purpose of use.</param>
/// <param name="Partial">
/// True when not everything could be considered: this node's copy of the channel was too old for other hospitals' records, or
/// more than 1,000 records matched, of which the newest count.
/// </param>
/// <param name="Records">What may be read; empty where nothing may.</param>
public sealed record AccessRequestView(
    string Id, string PatientId, string Purpose, bool Partial, IReadOnlyList<AccessibleRecord> Records);

/// <summary>A record that may be read.</summary>
/// <param name="RecordId">The record, <c>rc-…</c>.</param>
/// <param name="Custodian">MSP id of the hospital that holds it.</param>
/// <param name="Status"><c>ready</c>, or <c>pending</c> until its key has arrived.</param>
public sealed record AccessibleRecord(string RecordId, string Custodian, string Status)
{
    internal const string Ready = "ready", Pending = "pending";
}
