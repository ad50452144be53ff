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

    /// <summary>
    /// A policy for an access that was decided: what counts of counted permits is what the access took.
    /// </summary>
    public Task<PatientPolicy> ForAccessAsync(
        PatientPolicy policy, AccessEntry access, IEnumerable<RecordEntry> records, RequestFacts facts, CancellationToken ct) =>
        policy.ForAccessAsync(replica, access.Ref, mayTake: false, [.. records.Select(PatientPolicy.FactsOf)], facts, ct);

    /// <summary>The policy as the channel accepted it.</summary>
    public Task<PatientPolicy> OfChannelAsync(string patientId, CancellationToken ct) => PatientPolicy.LoadAsync(replica, patientId, ct);

    /// <summary>
    /// The end of the emergency session that a request names, after its declaration and both signatures were verified again; null
    /// when it names none or the session does not stand.
    /// </summary>
    public Task<DateTimeOffset?> EmergencyUntilAsync(RequestAccess request, string requester, DateTimeOffset time, CancellationToken ct) =>
        EmergencySession.StandingUntilAsync(replica, ledger.Channel, request, requester, time, ct);

    /// <summary>A member, or null.</summary>
    public Task<OrganizationEntry?> MemberAsync(string mspId, CancellationToken ct) => cache.GetAsync(
        $"member {mspId}", token => replica.GetAsync(LedgerKey.Organization(mspId), LedgerJson.Default.OrganizationEntry, token), ct);

    /// <summary>A patient's records.</summary>
    public Task<PatientRecords> RecordsAsync(string patientId, CancellationToken ct) => cache.GetAsync($"records {patientId}", async token =>
        new PatientRecords(patientId, (await replica.EntriesAsync(LedgerKind.Record, [patientId], token)).ToDictionary(
            entry => entry.Key, entry => JsonSerializer.Deserialize(entry.Value, LedgerJson.Default.RecordEntry)!, StringComparer.Ordinal),
            await replica.GetAsync(LedgerKey.Patient(patientId), LedgerJson.Default.PatientEntry, token) is { IsErased: true }), ct);

    /// <summary>Leaves out what the patient erased: every record but those of its own that this hospital must still keep.</summary>
    public async Task<IReadOnlyCollection<RecordEntry>> HeldAsync(
        PatientRecords records, IReadOnlyCollection<RecordEntry> some, CancellationToken ct)
    {
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

    private async Task<PatientPolicy> VerifyAsync(string patientId, CancellationToken ct)
    {
        var times = await vouched.TimesAsync(patientId, ct);
        return await PatientPolicy.LoadVerifiedAsync(replica, patientId, new CustodianView(
            ledger.Channel, await trusted.TimesAsync(patientId, replica, ledger.Channel, times, ct), times.From,
            async (key, token) => (await replica.FindAsync(key, token))?.SeenAt,
            options.Value.BroadPermitWait, options.Value.BroadPermitLength), ct);
    }
}

/// <summary>A patient's records as the copy of the channel has them.</summary>
/// <param name="patientId">Patient.</param>
/// <param name="byKey">The records by their keys.</param>
/// <param name="isErased">True once the patient erased what is shared.</param>
internal sealed class PatientRecords(string patientId, Dictionary<string, RecordEntry> byKey, bool isErased)
{
    /// <summary>True once the patient erased what is shared: then only what this hospital must keep of its own is there.</summary>
    public bool IsErased => isErased;

    public IReadOnlyCollection<RecordEntry> All => byKey.Values;

    /// <summary>A record, or null.</summary>
    public RecordEntry? Find(RecordRef record) => byKey.GetValueOrDefault(LedgerKey.Record(patientId, record.Custodian, record.RecordId));
}
