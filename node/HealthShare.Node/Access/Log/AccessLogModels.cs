using HealthShare.Node.Access.Emergencies;

namespace HealthShare.Node.Access.Log;

/// <summary>A page of a patient's access log, what was noted last first.</summary>
/// <param name="Items">The items.</param>
/// <param name="Next">Cursor of the next page; null on the last.</param>
public sealed record AccessLogPage(IReadOnlyList<AccessLogItem> Items, string? Next);

/// <summary>A request for a patient's records, a record given out, an emergency or its review.</summary>
/// <param name="Kind">
/// <c>request</c>, <c>read</c> where this node gave a record's content out, <c>emergency</c> or <c>emergencyReview</c>.
/// </param>
/// <param name="At">When.</param>
/// <param name="OnLedger">True for a request that every member knows of; false for what only this node's own log holds.</param>
/// <param name="AccessId">Id of the access; a reading has that of its request, an emergency and its review the emergency's.</param>
/// <param name="Requester">MSP id of the member that asked or read.</param>
/// <param name="Staff">Staff id of the reader, as that member says.</param>
/// <param name="Role">Role of the reader, as that member says.</param>
/// <param name="Purpose">Purpose of use.</param>
/// <param name="Decisions">For a request: what was decided about each record.</param>
/// <param name="Releases">For a request: what was disclosed by it to another member, and when.</param>
/// <param name="Custodian">For a reading: MSP id of the record's custodian; null otherwise.</param>
/// <param name="RecordId">For a reading: the record; null otherwise.</param>
/// <param name="EmergencyId">For a request or a reading in an emergency: the emergency; null otherwise.</param>
/// <param name="Emergency">For an emergency or its review: the emergency as it is now; null otherwise.</param>
public sealed record AccessLogItem(
    string Kind, DateTimeOffset At, bool OnLedger, string AccessId, string Requester, string? Staff, string? Role, string? Purpose,
    IReadOnlyList<AccessLogDecision> Decisions, IReadOnlyList<AccessLogRelease> Releases, string? Custodian = null, string? RecordId = null,
    string? EmergencyId = null, EmergencyView? Emergency = null);

/// <summary>The decision on one record.</summary>
/// <param name="RecordId">The record.</param>
/// <param name="Custodian">MSP id of its custodian.</param>
/// <param name="Permitted">True when it could be read.</param>
/// <param name="Reason">Reason code, such as <c>permit.signed</c> or <c>deny.default</c>.</param>
/// <param name="StatementId">The statement that decided; null when none did.</param>
/// <param name="NotAfter">When the permit ends; null for a denial.</param>
public sealed record AccessLogDecision(
    string RecordId, string Custodian, bool Permitted, string Reason, string? StatementId, DateTimeOffset? NotAfter);

/// <summary>A disclosure: keys released to the member that asked.</summary>
/// <param name="ReleaseId">Its id.</param>
/// <param name="Custodian">MSP id of the member that released them.</param>
/// <param name="ReleasedAt">When.</param>
/// <param name="RecordIds">The records.</param>
public sealed record AccessLogRelease(string ReleaseId, string Custodian, DateTimeOffset ReleasedAt, IReadOnlyList<string> RecordIds);
