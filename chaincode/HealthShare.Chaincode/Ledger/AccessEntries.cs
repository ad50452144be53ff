using HealthShare.Policy.Decisions;
using HealthShare.Policy.Ids;

namespace HealthShare.Chaincode.Ledger;

/// <summary>Names an access request.</summary>
/// <param name="PatientId">Patient.</param>
/// <param name="Requester">MSP id of the member that asked.</param>
/// <param name="AccessId">Id chosen by the requester, <c>ac-…</c>.</param>
public sealed record AccessRef(string PatientId, string Requester, string AccessId);

/// <summary>Argument of <c>Access:Request</c>. The caller is the requester.</summary>
/// <param name="PatientId">Patient.</param>
/// <param name="AccessId">Id chosen by the caller; repeating a request with it has no second effect.</param>
/// <param name="Records">1 to 100 records of the patient.</param>
/// <param name="Purpose">Purpose of use, HL7 v3 PurposeOfUse, such as TREAT.</param>
/// <param name="Role">Role of the reader, as the caller claims.</param>
/// <param name="Staff">Staff id of the reader, as the caller claims; never a name.</param>
/// <param name="EmergencyId">The caller's emergency session, with purpose ETREAT; null without one.</param>
public sealed record RequestAccess(
    string PatientId, string AccessId, IReadOnlyList<RecordRef> Records, string Purpose, string Role, string Staff,
    string? EmergencyId = null);

/// <summary>An access request and what was decided.</summary>
/// <param name="Request">The request.</param>
/// <param name="Requester">MSP id of the member that asked.</param>
/// <param name="RequestedAt">Proposal time, the time of the decision.</param>
/// <param name="Decisions">One per record, in the request's order.</param>
public sealed record AccessEntry(
    RequestAccess Request, string Requester, DateTimeOffset RequestedAt, IReadOnlyList<AccessDecision> Decisions)
{
    /// <summary>Names the request.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public AccessRef Ref => new(Request.PatientId, Requester, Request.AccessId);
}

/// <summary>The decision on one record.</summary>
/// <param name="Record">The record.</param>
/// <param name="Permitted">True when it may be read.</param>
/// <param name="Reason">Reason code, such as <c>permit.signed</c> or <c>deny.default</c>.</param>
/// <param name="StatementId">The statement that decided; null when none did.</param>
/// <param name="Provision">Index of the matching provision in that statement's scope.</param>
/// <param name="NotAfter">First instant at which a permit no longer stands; null for a denial.</param>
public sealed record AccessDecision(
    RecordRef Record, bool Permitted, string Reason, string? StatementId = null, int? Provision = null,
    DateTimeOffset? NotAfter = null)
{
    /// <summary>The kernel's decision as it stands on the ledger.</summary>
    public static AccessDecision From(RecordRef record, Decision decision) => new(
        record, decision.Permitted, DecisionCodes.CodeOf(decision.Reason), decision.StatementId,
        decision.Provision < 0 ? null : decision.Provision, decision.NotAfter is { } end ? LedgerTime.Truncate(end) : null);
}

/// <summary>Argument of <c>Consents:Explain</c>: who might ask for what.</summary>
/// <param name="PatientId">Patient.</param>
/// <param name="Record">The record.</param>
/// <param name="Requester">MSP id of the member whose staff might ask.</param>
/// <param name="Purpose">Purpose of use.</param>
/// <param name="Role">Role of the reader.</param>
/// <param name="Staff">Staff id of the reader; null for anyone in that role.</param>
public sealed record ExplainAccess(
    string PatientId, RecordRef Record, string Requester, string Purpose, string Role, string? Staff = null);

/// <summary>What a request would come to.</summary>
/// <param name="Decision">The decision.</param>
/// <param name="Changes">What would change it, as codes, see <see cref="DecisionCodes.ChangesOf"/>.</param>
/// <param name="At">The time that it holds for.</param>
/// <param name="Lapsed">For a denial by default: permits that would decide otherwise if what they rest on stood.</param>
public sealed record Explanation(
    AccessDecision Decision, IReadOnlyList<string> Changes, DateTimeOffset At, IReadOnlyList<LapsedName> Lapsed);

/// <summary>Argument of <c>Access:ReleaseKeys</c>. The caller is the custodian of every record.</summary>
/// <param name="Access">The request.</param>
/// <param name="ReleaseId">Id chosen by the custodian, <c>rl-…</c>.</param>
/// <param name="RecordIds">1 to 100 records of the request whose keys the envelope holds.</param>
/// <param name="KeyId">The requester's sealing key that the envelope is sealed to.</param>
/// <param name="EnvelopeHash">SHA-256 of the envelope, base64url.</param>
public sealed record ReleaseKeys(
    AccessRef Access, string ReleaseId, IReadOnlyList<string> RecordIds, string KeyId, string EnvelopeHash);

/// <summary>A release: the moment of disclosure.</summary>
/// <param name="Release">What was released.</param>
/// <param name="Custodian">MSP id of the member that released it.</param>
/// <param name="ReleasedAt">Proposal time.</param>
/// <param name="NotAfter">The earliest end of the decisions that it rests on, as they were and as they are at the release.</param>
public sealed record ReleaseEntry(ReleaseKeys Release, string Custodian, DateTimeOffset ReleasedAt, DateTimeOffset NotAfter);

/// <summary>Argument of <c>Access:DeliverKeys</c>; the envelope travels in the transient map as <c>envelope</c>.</summary>
/// <param name="Access">The request.</param>
/// <param name="ReleaseId">The committed release.</param>
public sealed record DeliverKeys(AccessRef Access, string ReleaseId);

/// <summary>Argument of <c>Access:GetEnvelope</c>, to be evaluated at the custodian's peer by the requester.</summary>
/// <param name="Access">The request.</param>
/// <param name="Custodian">MSP id of the member that released the keys.</param>
/// <param name="ReleaseId">The release.</param>
public sealed record GetEnvelope(AccessRef Access, string Custodian, string ReleaseId);

/// <summary>An access request with its releases.</summary>
/// <param name="Access">The request and its decisions.</param>
/// <param name="Releases">Releases, ordered by custodian and id.</param>
public sealed record AccessView(AccessEntry Access, IReadOnlyList<ReleaseEntry> Releases);

/// <summary>Accesses of a patient, ordered by requester and access id.</summary>
/// <param name="Accesses">Requests, each with its releases.</param>
public sealed record AccessList(IReadOnlyList<AccessView> Accesses);

/// <summary>Argument of <c>Access:PurgeExpired</c>, endorsed by the caller's peer alone.</summary>
/// <param name="Releases">The caller's releases whose time is over, 1 to 100.</param>
public sealed record PurgeExpired(IReadOnlyList<DeliverKeys> Releases);
