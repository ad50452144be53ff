using System.Text.Json.Serialization;
using HealthShare.Chaincode.Ledger;

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
/// more than 1,000 records matched, of which the newest count, or categories were asked for, which this hospital cannot tell apart
/// before the patient has linked it.
/// </param>
/// <param name="Records">What may be read; empty where nothing may.</param>
public sealed record AccessRequestView(
    string Id, string PatientId, string Purpose, bool Partial, IReadOnlyList<AccessibleRecord> Records);

/// <summary>A record that may be read.</summary>
/// <param name="RecordId">The record, <c>rc-…</c>.</param>
/// <param name="Custodian">MSP id of the hospital that holds it.</param>
/// <param name="Status">
/// <c>ready</c>; <c>pending</c> until its key has arrived; <c>failed</c> where its key did not come and will not, so that it takes a new request.
/// </param>
/// <param name="Fates">What became of it by later records; empty for one that stands as it is.</param>
/// <param name="Parts">How many documents and images in it can be read by themselves.</param>
/// <param name="Reason">
/// Why it failed: <c>access.expired</c> (the decision ended before the key came), <c>access.not_confirmed</c> (the custodian's own check
/// does not confirm the decision), or what was wrong with the key that came. Null with any other status.
/// </param>
public sealed record AccessibleRecord(
    string RecordId, string Custodian, string Status, IReadOnlyList<RecordFate> Fates, int Parts,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason = null)
{
    internal const string Ready = "ready", Pending = "pending", Failed = "failed";
}

/// <summary>A document or an image in a record, kept as a record of its own.</summary>
/// <param name="Number">Its number in the record, from 1.</param>
/// <param name="Place">Its place in the message, such as <c>OBX[3]-5(1)</c>.</param>
/// <param name="MediaType">What the message says it is, such as <c>application/pdf</c>.</param>
/// <param name="Size">Its length in bytes.</param>
public sealed record RecordPart(int Number, string Place, string MediaType, long Size);

/// <summary>The documents and images in a record.</summary>
/// <param name="Parts">In the message's order; empty for a record that has none by themselves.</param>
public sealed record RecordPartList(IReadOnlyList<RecordPart> Parts);

/// <summary>What became of a record by a later one of the same hospital.</summary>
/// <param name="Relation">
/// <c>replaces</c> (the later one says all of it as it is now), <c>amends</c> (it corrects or adds to a part), <c>cancels</c> (it did not happen, or was
/// wrong) or <c>withdraws</c> (the hospital took it back).
/// </param>
/// <param name="By">The later record; null where it is not among those that are shown.</param>
/// <param name="At">When the hospital said so.</param>
public sealed record RecordFate(string Relation, string? By, DateTimeOffset At)
{
    internal static IReadOnlyList<RecordFate> From(IEnumerable<SupersessionEntry> entries, ISet<RecordRef> shown) =>
    [
        .. entries.OrderBy(entry => entry.At).Select(entry => new RecordFate(
            entry.Supersession.Relation.ToString().ToLowerInvariant(),
            entry.Supersession.By is { } by && shown.Contains(new RecordRef(entry.Custodian, by)) ? by : null, entry.At)),
    ];
}
