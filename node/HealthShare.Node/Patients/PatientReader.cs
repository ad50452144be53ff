using System.Buffers.Text;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Access;
using HealthShare.Node.Access.Requests;
using HealthShare.Node.Auth;
using HealthShare.Node.Keys;
using HealthShare.Node.Ledger;
using HealthShare.Node.Problems;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;

namespace HealthShare.Node.Patients;

/// <summary>Reads patients and what may be known of their records from the copy of the channel.</summary>
internal sealed class PatientReader(
    Replica replica, LabelKeys labelKeys, AccessPolicies policies, VouchedSigners vouched, TrustedCredentials trusted, ILedger ledger,
    IReadModel readModel, TimeProvider clock)
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
        var credentials = caller.Role is Role.Physician or Role.Nurse or Role.Pharmacist
            ? null
            : await replica.ListAsync(LedgerKind.Credential, [patientId], LedgerJson.Default.CredentialEntry, ct);
        return new Patient(patient.PatientId, patient.EnrolledBy, patient.EnrolledAt,
            [.. members.Select(member => new PatientMember(member.Member, names.GetValueOrDefault(member.Member), member.Since, member.StatementId))],
            credentials, caller.IsPatientSide ? await LabelKeyAsync(patientId, ct) : null, patient.ErasedAt);
    }

    /// <summary>
    /// The records that the caller may know of: patients all of their own; privacy officers and auditors all, for they see
    /// tokens and no content; those who treat what the policy lets them read for the purpose; others none. A page, newest data first; null
    /// where there is no such patient.
    /// </summary>
    /// <exception cref="ApiProblemException"><c>request.invalid</c>: the position is not one.</exception>
    public async Task<PatientRecords?> RecordsAsync(
        Caller caller, string patientId, string purpose, string? position, int limit, CancellationToken ct)
    {
        var after = PageCursor.Parse(position, 3) is [var date, var id, var member] ? (PageCursor.Number(date), id, member) : ((long, string, string)?)null;
        if (!await StandsForAsync(caller, patientId, ct))
            return null;
        var records = (await replica.ListAsync(LedgerKind.Record, [patientId], LedgerJson.Default.RecordEntry, ct)).Where(entry => entry.Record.PartOf is null);
        if (!caller.IsPatientSide && caller.Role is not (Role.PrivacyOfficer or Role.Auditor))
            records = await PermittedAsync(records, caller, patientId, purpose, ct);
        // What a hospital marked as restricted stays between it and the patient: an adolescent's parents do not learn that it exists.
        if (caller.DelegateId is not null)
            records = records.Where(record => record.Record.Confidentiality is not ("R" or "V"));
        var there = records.ToList();
        var shown = there.Select(record => new RecordRef(record.Custodian, record.Record.RecordId)).ToHashSet();
        var all = await policies.RecordsAsync(patientId, ct);
        var page = there.Where(record => after is not { } last || InOrder(last, PlaceOf(record)) < 0).OrderBy(PlaceOf, Comparer<(long, string, string)>.Create(InOrder))
            .Take(limit + 1).ToList();
        return new PatientRecords(
        [
            .. page.Take(limit).Select(record => new PatientRecord(record.Record.RecordId, record.Custodian, record.RegisteredAt, record.Record.Date,
                record.Record.Confidentiality, record.Record.Categories, record.Record.Labels, record.Record.Size,
                RecordFate.From(all.FatesOf(record), shown))),
        ], page.Count > limit && PlaceOf(page[limit - 1]) is var (at, recordId, custodian) ? PageCursor.Of(PageCursor.Number(at), recordId, custodian) : null);
    }

    /// <summary>True when the caller may speak for this patient, who is on the channel; who signs in the patient's place only while that power stands.</summary>
    public async Task<bool> StandsForAsync(Caller caller, string patientId, CancellationToken ct) =>
        await replica.HasPatientForAsync(caller, patientId, ct) && await MaySeeAsync(caller, patientId, ct);

    private static (long At, string RecordId, string Custodian) PlaceOf(RecordEntry record) =>
        (record.Record.Date.UtcTicks, record.Record.RecordId, record.Custodian);

    // Newest data first; ids tell apart what has one date, and members what has one id.
    private static int InOrder((long At, string RecordId, string Custodian) one, (long At, string RecordId, string Custodian) other) =>
        one.At != other.At ? other.At.CompareTo(one.At)
        : string.CompareOrdinal(one.RecordId, other.RecordId) is not 0 and var byId ? byId
        : string.CompareOrdinal(one.Custodian, other.Custodian);

    // A delegate stands in the patient's place only while the power stands, a guardian by this node's clock, as when permits count.
    private async Task<bool> MaySeeAsync(Caller caller, string patientId, CancellationToken ct) => caller.DelegateId is not { } delegateId
        || (await DelegatePower.FindAsync(replica, patientId, delegateId, ct) is { } power
            && power.MaySeeAt(clock.GetUtcNow(), await vouched.ForPatientAsync(patientId, ct))
            && (power.Vouched is not { } word || await word.SufficesAsync(replica, ct))
            && (power.Appointment is not { } appointment || await IsFoundedAsync(patientId, appointment, ct)));

    // An appointment stands on the credential that signed it, as permits do: in force, and on this hospital's own list.
    private async Task<bool> IsFoundedAsync(string patientId, SignedStatement appointment, CancellationToken ct) =>
        await replica.GetAsync(LedgerKey.Credential(patientId, appointment.Assertion.Credential), LedgerJson.Default.CredentialEntry, ct) is { } appointer
        && (await trusted.ForPatientAsync(patientId, ct))(appointer);

    private async Task<IEnumerable<RecordEntry>> PermittedAsync(
        IEnumerable<RecordEntry> records, Caller caller, string patientId, string purpose, CancellationToken ct)
    {
        if (caller.StaffId is not { } staff || !Permissions.MayAskFor(caller.Role, purpose) || await policies.MemberAsync(ledger.MspId, ct) is not { } organization)
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
