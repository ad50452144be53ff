using System.Buffers.Text;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Access;
using HealthShare.Node.Auth;
using HealthShare.Node.Keys;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;

namespace HealthShare.Node.Patients;

/// <summary>Reads patients and what may be known of their records from the copy of the channel.</summary>
internal sealed class PatientReader(
    Replica replica, LabelKeys labelKeys, AccessPolicies policies, VouchedSigners vouched, ILedger ledger, IReadModel readModel,
    TimeProvider clock)
{
    /// <summary>A patient; null where there is none, or none that this caller may see.</summary>
    public async Task<Patient?> FindAsync(Caller caller, string patientId, CancellationToken ct)
    {
        if (!LedgerId.IsValid(IdKind.Patient, patientId) || !caller.MaySpeakFor(patientId)
            || await replica.GetAsync(LedgerKey.Patient(patientId), LedgerJson.Default.PatientEntry, ct) is not { } patient
            || !await MaySeeAsync(caller, patientId, ct))
            return null;
        var names = (await replica.ListAsync(LedgerKind.Organization, [], LedgerJson.Default.OrganizationEntry, ct))
            .ToDictionary(organization => organization.MspId, organization => organization.Name, StringComparer.Ordinal);
        var members = await replica.ListAsync(LedgerKind.Affiliation, [patientId], LedgerJson.Default.AffiliationEntry, ct);
        // Those who treat need to know where the patient is known, not what the patient signs with.
        var credentials = caller.Role is Role.Physician or Role.Nurse
            ? null
            : await replica.ListAsync(LedgerKind.Credential, [patientId], LedgerJson.Default.CredentialEntry, ct);
        return new Patient(patient.PatientId, patient.EnrolledBy, patient.EnrolledAt,
            [.. members.Select(member => new PatientMember(member.Member, names.GetValueOrDefault(member.Member), member.Since, member.StatementId))],
            credentials, caller.Role is Role.Patient ? await LabelKeyAsync(patientId, ct) : null, patient.ErasedAt);
    }

    /// <summary>
    /// The records that the caller may know of: patients all of their own; privacy officers and auditors all, for they see
    /// tokens and no content; those who treat what the policy lets them read for the purpose; others none. Null where there
    /// is no such patient.
    /// </summary>
    public async Task<PatientRecords?> RecordsAsync(Caller caller, string patientId, string purpose, CancellationToken ct)
    {
        if (!await replica.HasPatientForAsync(caller, patientId, ct) || !await MaySeeAsync(caller, patientId, ct))
            return null;
        IEnumerable<RecordEntry> records = await replica.ListAsync(LedgerKind.Record, [patientId], LedgerJson.Default.RecordEntry, ct);
        if (caller.Role is not (Role.Patient or Role.PrivacyOfficer or Role.Auditor))
            records = await PermittedAsync(records, caller, patientId, purpose, ct);
        // What a hospital marked as restricted stays between it and the patient: an adolescent's parents do not learn that it exists.
        if (caller.DelegateId is not null)
            records = records.Where(record => record.Record.Confidentiality is not ("R" or "V"));
        return new PatientRecords(
        [
            .. records.OrderByDescending(record => record.Record.Date).ThenBy(record => record.Record.RecordId, StringComparer.Ordinal)
                .Select(record => new PatientRecord(record.Record.RecordId, record.Custodian, record.RegisteredAt, record.Record.Date,
                    record.Record.Confidentiality, record.Record.Categories, record.Record.Labels, record.Record.Size)),
        ]);
    }

    // A delegate stands in the patient's place only while the power stands, a guardian by this node's clock, as when permits count.
    private async Task<bool> MaySeeAsync(Caller caller, string patientId, CancellationToken ct) => caller.DelegateId is not { } delegateId
        || (await DelegatePower.FindAsync(replica, patientId, delegateId, ct) is { } power
            && power.MaySeeAt(clock.GetUtcNow(), await vouched.ForPatientAsync(patientId, ct))
            && (power.Vouched is not { } word || await word.SufficesAsync(replica, ct)));

    private async Task<IEnumerable<RecordEntry>> PermittedAsync(
        IEnumerable<RecordEntry> records, Caller caller, string patientId, string purpose, CancellationToken ct)
    {
        if (caller.StaffId is not { } staff || await policies.MemberAsync(ledger.MspId, ct) is not { } organization)
            return [];
        var request = PatientPolicy.FactsOf(
            new RequestAccess(patientId, "", [], purpose, RoleCode.Of(caller.Role), staff), organization, LedgerTime.Truncate(clock.GetUtcNow()));
        // The same rules as for a request: own records by the custodian's own check, and a copy that lags, which may have missed a
        // revocation, serves own records for treatment only.
        var (own, channel) = (await policies.OfCustodianAsync(patientId, ct), await policies.OfChannelAsync(patientId, ct));
        var permitted = records.Where(record => record.Custodian == ledger.MspId
            ? (readModel.IsFresh || purpose == AccessPolicies.Treatment) && own.Decide(PatientPolicy.FactsOf(record), request).Permitted
            : readModel.IsFresh && channel.Decide(PatientPolicy.FactsOf(record), request).Permitted).ToList();
        return await policies.HeldAsync(await policies.RecordsAsync(patientId, ct), permitted, ct);
    }

    private async Task<string?> LabelKeyAsync(string patientId, CancellationToken ct)
    {
        using var key = await labelKeys.FindAsync(patientId, ct);
        return key is null ? null : Base64Url.EncodeToString(key.Bytes);
    }
}
