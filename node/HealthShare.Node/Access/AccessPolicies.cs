using System.Text.Json;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Consents;
using HealthShare.Node.Content;
using HealthShare.Node.Ledger;
using HealthShare.Node.Patients;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Decisions;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Access;

/// <summary>Patients' policies and the facts that are decided on, as this node's copy of the channel has them.</summary>
internal sealed class AccessPolicies(
    Replica replica, ReplicaCache cache, TrustedCredentials trusted, VouchedSigners vouched, SealedRecords held, ILedger ledger,
    IOptions<ConsentsOptions> options)
{
    /// <summary>MSP id of this member, the custodian of its own records.</summary>
    public string Own => ledger.MspId;

    /// <summary>The purpose for which a hospital's own staff may read its own records, HL7 v3 PurposeOfUse.</summary>
    public const string Treatment = "TREAT";

    /// <summary>
    /// The policy as the custodian counts it, for its own records: a permit takes a credential that its own staff enrolled or
    /// accepted, every signature is checked again, and what waits does so by this node's clock and its own shortest times.
    /// </summary>
    public Task<PatientPolicy> OfCustodianAsync(string patientId, CancellationToken ct) =>
        cache.GetAsync($"custodian's policy {patientId}", token => VerifyAsync(patientId, token), ct);

    /// <summary>The custodian's policy for one request: in an emergency session that stands, what can stand against that.</summary>
    public Task<PatientPolicy> OfCustodianAsync(string patientId, RequestFacts request, CancellationToken ct) =>
        DecisionKernel.IsEmergency(request) ? ForEmergencyAsync(patientId, ct) : OfCustodianAsync(patientId, ct);

    /// <summary>The channel's policy for one request, in the same way.</summary>
    public Task<PatientPolicy> OfChannelAsync(string patientId, RequestFacts request, CancellationToken ct) =>
        DecisionKernel.IsEmergency(request) ? ForEmergencyAsync(patientId, ct) : OfChannelAsync(patientId, ct);

    /// <summary>
    /// A policy for an access that was decided: what counts of counted permits is what the access took.
    /// </summary>
    public Task<PatientPolicy> ForAccessAsync(
        PatientPolicy policy, AccessEntry access, IEnumerable<RecordEntry> records, RequestFacts facts, CancellationToken ct) =>
        policy.ForAccessAsync(replica, access.Ref, mayTake: false, [.. records.Select(PatientPolicy.FactsOf)], facts, ct);

    /// <summary>A policy with the counted permits that have a use left; the same one where there is no counted permit.</summary>
    public Task<PatientPolicy> WithUsesAsync(PatientPolicy policy, string patientId, CancellationToken ct) =>
        policy.ForPreviewAsync(replica, patientId, ct);

    /// <summary>The policy as the channel accepted it.</summary>
    public Task<PatientPolicy> OfChannelAsync(string patientId, CancellationToken ct) => PatientPolicy.LoadAsync(replica, patientId, ct);

    /// <summary>
    /// The end of the emergency session that a request names, after its declaration and both signatures were verified again; null
    /// when it names none or the session does not stand.
    /// </summary>
    public Task<DateTimeOffset?> EmergencyUntilAsync(RequestAccess request, string requester, DateTimeOffset time, CancellationToken ct) =>
        EmergencySession.StandingUntilAsync(replica, ledger.Channel, request, requester, time, ct);

    /// <summary>Checks that the session of this member that a request names, if it names one, stands.</summary>
    /// <exception cref="HealthShare.Policy.PolicyException">It does not, see <see cref="EmergencySession.UntilAsync"/>.</exception>
    public Task CheckEmergencyAsync(RequestAccess request, DateTimeOffset time, CancellationToken ct) =>
        EmergencySession.UntilAsync(replica, ledger.Channel, request, ledger.MspId, time, ct);

    /// <summary>True when this member's emergency session that a request names was reviewed: it takes no further requests.</summary>
    public Task<bool> IsReviewedAsync(RequestAccess request, CancellationToken ct) =>
        EmergencySession.IsReviewedAsync(replica, request, ledger.MspId, ct);

    /// <summary>A member, or null.</summary>
    public Task<OrganizationEntry?> MemberAsync(string mspId, CancellationToken ct) => cache.GetAsync(
        $"member {mspId}", token => replica.GetAsync(LedgerKey.Organization(mspId), LedgerJson.Default.OrganizationEntry, token), ct);

    /// <summary>A patient's records.</summary>
    public Task<PatientRecords> RecordsAsync(string patientId, CancellationToken ct) => cache.GetAsync($"records {patientId}", async token =>
        new PatientRecords(patientId, (await replica.EntriesAsync(LedgerKind.Record, [patientId], token)).ToDictionary(
            entry => entry.Key, entry => JsonSerializer.Deserialize(entry.Value, LedgerJson.Default.RecordEntry)!, StringComparer.Ordinal),
            await replica.GetAsync(LedgerKey.Patient(patientId), LedgerJson.Default.PatientEntry, token) is { IsErased: true },
            (await replica.ListAsync(LedgerKind.Supersession, [patientId], LedgerJson.Default.SupersessionEntry, token))
                .ToLookup(entry => new RecordRef(entry.Custodian, entry.Supersession.RecordId))), ct);

    /// <summary>
    /// Leaves out what the patient erased: every record but those of its own that this hospital must still keep; and what its custodian took
    /// back, as a record that is another patient's.
    /// </summary>
    public async Task<IReadOnlyCollection<RecordEntry>> HeldAsync(
        PatientRecords records, IReadOnlyCollection<RecordEntry> some, CancellationToken ct)
    {
        some = [.. some.Where(record => !records.IsWithdrawn(record))];
        if (!records.IsErased)
            return some;
        var there = new List<RecordEntry>();
        foreach (var record in some.Where(record => record.Custodian == ledger.MspId))
        {
            if (await held.FindAsync(record.Record.RecordId, ct) is not null)
                there.Add(record);
        }
        return there;
    }

    /// <summary>
    /// True where nothing more comes of a decision, whatever is permitted later: the statement that it rests on was taken back, or the
    /// patient erased. A grant in place of another goes on with what that one permitted, until it is taken back itself.
    /// </summary>
    public async Task<bool> IsRevokedAsync(string patientId, AccessDecision decision, CancellationToken ct)
    {
        if (await replica.GetAsync(LedgerKey.Patient(patientId), LedgerJson.Default.PatientEntry, ct) is { IsErased: true })
            return true;
        for (var id = decision.StatementId; id is not null;)
        {
            switch (await replica.GetAsync(LedgerKey.EndedStatement(patientId, id), LedgerJson.Default.EndedStatementEntry, ct))
            {
                case null:
                    return false;
                case { Kind: EndedStatementKind.ReplacedGrant, RevokedBy: { } replacedBy }:
                    id = replacedBy;
                    break;
                default:
                    return true;
            }
        }
        return false;
    }

    /// <summary>
    /// From when a permit that the patient signs now counts for this hospital's own records: <see cref="CustodianView.Always"/> where a
    /// credential of the patient stands on its list, or the patient has none yet; <see cref="DateTimeOffset.MaxValue"/> where none does.
    /// </summary>
    public async Task<DateTimeOffset> CountsFromAsync(string patientId, CancellationToken ct)
    {
        var credentials = (await replica.ListAsync(LedgerKind.Credential, [patientId], LedgerJson.Default.CredentialEntry, ct))
            .FindAll(entry => !entry.IsRevoked);
        if (credentials.Count == 0)
            return CustodianView.Always;
        var from = await TrustedFromAsync(patientId, await vouched.TimesAsync(patientId, ct), ct);
        return credentials.Min(entry => from(entry) ?? DateTimeOffset.MaxValue);
    }

    private Task<Func<CredentialEntry, DateTimeOffset?>> TrustedFromAsync(string patientId, VouchedTimes times, CancellationToken ct) =>
        trusted.TimesAsync(patientId, replica, ledger.Channel, times, ct);

    private Task<PatientPolicy> ForEmergencyAsync(string patientId, CancellationToken ct) =>
        cache.GetAsync($"policy in emergencies {patientId}", token => PatientPolicy.LoadForEmergencyAsync(replica, patientId, token), ct);

    private async Task<PatientPolicy> VerifyAsync(string patientId, CancellationToken ct)
    {
        var times = await vouched.TimesAsync(patientId, ct);
        return await PatientPolicy.LoadVerifiedAsync(replica, patientId, new CustodianView(
            ledger.Channel, await TrustedFromAsync(patientId, times, ct), times.From,
            async (key, token) => (await replica.FindAsync(key, token))?.FirstSeenAt,
            options.Value.BroadPermitWait, options.Value.BroadPermitLength), ct);
    }
}

/// <summary>A patient's records as the copy of the channel has them.</summary>
/// <param name="patientId">Patient.</param>
/// <param name="byKey">The records by their keys.</param>
/// <param name="isErased">True once the patient erased what is shared.</param>
/// <param name="superseded">What became of records.</param>
internal sealed class PatientRecords(
    string patientId, Dictionary<string, RecordEntry> byKey, bool isErased, ILookup<RecordRef, SupersessionEntry> superseded)
{
    /// <summary>True once the patient erased what is shared: then only what this hospital must keep of its own is there.</summary>
    public bool IsErased => isErased;

    private readonly Dictionary<string, RecordEntry> records = byKey;
    private readonly ILookup<RecordRef, RecordEntry> parts = byKey.Values.Where(entry => entry.Record.PartOf is not null)
        .ToLookup(entry => new RecordRef(entry.Custodian, entry.Record.PartOf!));

    /// <summary>All that stand for themselves: parts are found by their wholes alone.</summary>
    public IReadOnlyCollection<RecordEntry> All { get; } = [.. byKey.Values.Where(entry => entry.Record.PartOf is null)];

    /// <summary>A record that stands for itself, or null.</summary>
    public RecordEntry? Find(RecordRef record) =>
        records.GetValueOrDefault(LedgerKey.Record(patientId, record.Custodian, record.RecordId)) is { Record.PartOf: null } entry ? entry : null;

    /// <summary>The parts of a record; empty for one that is whole by itself.</summary>
    public IEnumerable<RecordEntry> PartsOf(RecordEntry record) => parts[new RecordRef(record.Custodian, record.Record.RecordId)];

    /// <summary>What became of a record by later ones; empty for one that stands as it is.</summary>
    public IEnumerable<SupersessionEntry> FatesOf(RecordEntry record) => superseded[new RecordRef(record.Custodian, record.Record.RecordId)];

    /// <summary>True where its custodian took the record back.</summary>
    public bool IsWithdrawn(RecordEntry record) => FatesOf(record).Any(fate => fate.Supersession.Relation is Relation.Withdraws);

    /// <summary>True where a later record took its place, cancelled it, or it was taken back: whoever asks for what is so does not mean it.</summary>
    public bool IsOver(RecordEntry record) => FatesOf(record).Any(fate => fate.Supersession.Relation is not Relation.Amends);
}
