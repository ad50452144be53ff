using HealthShare.Chaincode.Ledger;
using HealthShare.Policy.Statements;
using static HealthShare.Node.Audit.ReplayFaultKind;

namespace HealthShare.Node.Audit;

/// <summary>
/// Who may vouch for members, patients, credentials, affiliations and records, judged by the state before the transaction.
/// Null means that all is right.
/// </summary>
internal sealed class MemberReplayRules(ReplayReader reader, GovernanceReplayRules governance, ErasureReplayRules erasures)
{
    /// <summary>Members and settings are written once, together, by one of the founders.</summary>
    public async Task<(ReplayFaultKind Kind, string Text)?> CheckFounderAsync(
        ReplayedTransaction transaction, string? mspId, IReadOnlyList<string> parts, CancellationToken ct) =>
        (mspId is null || parts[0] == mspId) && !await reader.ExistsAsync(LedgerKey.Settings, ct)
            && transaction.Find(LedgerKey.Settings, LedgerJson.Default.ChannelSettings) is not null
            && transaction.Find(LedgerKey.Organization(transaction.Creator), LedgerJson.Default.OrganizationEntry) is not null
            ? null
            : (OrganizationForged, "The members of the channel or its settings were written after the channel had its founders.");

    /// <summary>A member's entry is a founder's, what a majority voted for, or the member's own with another sealing key and nothing else changed.</summary>
    public async Task<(ReplayFaultKind Kind, string Text)?> CheckMemberAsync(
        ReplayedTransaction transaction, OrganizationEntry entry, IReadOnlyList<string> parts, CancellationToken ct)
    {
        if (await governance.AppliedInAsync(transaction, ct) is var (change, members))
        {
            return parts[0] == entry.MspId && Governance.Changed(change, members, transaction.Time!.Value) == entry
                ? null
                : (OrganizationForged, $"The entry of '{entry.MspId}' is not what the members voted for.");
        }
        if (parts[0] != entry.MspId || await reader.AnyMemberAsync(entry.MspId, ct) is not { } known)
            return await CheckFounderAsync(transaction, entry.MspId, parts, ct);
        return entry.MspId == transaction.Creator && entry == known with { SealingKey = entry.SealingKey }
            && entry.SealingKey.KeyId != known.SealingKey.KeyId
            ? null
            : (OrganizationForged, $"The entry of '{entry.MspId}' was changed by another member, or in more than its sealing key.");
    }

    /// <summary>Settings are the founders', or what a majority of the members voted for.</summary>
    public async Task<(ReplayFaultKind Kind, string Text)?> CheckSettingsAsync(
        ReplayedTransaction transaction, ChannelSettings entry, CancellationToken ct) =>
        await governance.AppliedInAsync(transaction, ct) is var (change, _)
            ? change.Settings == entry ? null : (OrganizationForged, "The settings are not what the members voted for.")
            : await CheckFounderAsync(transaction, null, [], ct);

    /// <summary>A patient is enrolled once, and changes once: by the patient's erasure.</summary>
    public async Task<(ReplayFaultKind Kind, string Text)?> CheckPatientAsync(
        ReplayedTransaction transaction, PatientEntry entry, IReadOnlyList<string> parts, CancellationToken ct)
    {
        if (entry.ErasedBy is not null || entry.ErasedAt is not null)
            return await erasures.CheckPatientAsync(transaction, entry, parts, ct);
        return parts[0] == entry.PatientId && entry.EnrolledBy == transaction.Creator && entry.EnrolledAt == transaction.Time
            && await reader.HospitalAsync(entry.EnrolledBy, ct) is not null
            && !await reader.ExistsAsync(LedgerKey.Patient(entry.PatientId), ct)
            ? null
            : (PatientForged, $"Patient {entry.PatientId} was enrolled twice, or not by the hospital that sent it.");
    }

    public async Task<(ReplayFaultKind Kind, string Text)?> CheckAffiliationAsync(
        ReplayedTransaction transaction, AffiliationEntry entry, IReadOnlyList<string> parts, CancellationToken ct)
    {
        var holds = parts.SequenceEqual([entry.PatientId, entry.Member]) && entry.Since == transaction.Time
            && await reader.HospitalAsync(entry.Member, ct) is not null
            && !await reader.ExistsAsync(LedgerKey.Affiliation(entry.PatientId, entry.Member), ct)
            && (entry.StatementId is { } statementId
                ? await IsLinkedAsync(transaction, entry, statementId, ct)
                : await EnrolledByAsync(transaction, entry.PatientId, ct) == entry.Member && entry.Member == transaction.Creator);
        return holds ? null
            : (AffiliationForged, $"'{entry.Member}' was affiliated with patient {entry.PatientId} without the patient's signature.");
    }

    /// <summary>A record is registered once, by a hospital that may, and a part of one with the whole and saying the same.</summary>
    public async Task<(ReplayFaultKind Kind, string Text)?> CheckRecordAsync(
        ReplayedTransaction transaction, RecordEntry entry, IReadOnlyList<string> parts, CancellationToken ct)
    {
        var record = entry.Record;
        return parts.SequenceEqual([record.PatientId, entry.Custodian, record.RecordId])
            && entry.Custodian == transaction.Creator && entry.RegisteredAt == transaction.Time
            && await reader.ExistsAsync(LedgerKey.Affiliation(record.PatientId, entry.Custodian), ct)
            && await reader.RecordAsync(record.PatientId, new RecordRef(entry.Custodian, record.RecordId), ct) is null
            && IsWholeOrPart(transaction, entry)
            ? null
            : (RecordForged, $"Record {record.RecordId} was registered twice, without the one that it is a part of, or not by an affiliated hospital that sent it.");
    }

    /// <summary>What became of a record is said once, by its custodian, and of a later record that is the same custodian's and patient's.</summary>
    public async Task<(ReplayFaultKind Kind, string Text)?> CheckSupersessionAsync(
        ReplayedTransaction transaction, SupersessionEntry entry, IReadOnlyList<string> parts, CancellationToken ct)
    {
        var said = entry.Supersession;
        return parts.SequenceEqual([said.PatientId, entry.Custodian, said.RecordId, said.By ?? said.RecordId])
            && entry.Custodian == transaction.Creator && entry.At == transaction.Time && said.By != said.RecordId
            && Enum.IsDefined(said.Relation) && (said.By is null) == (said.Relation is Relation.Withdraws)
            && await reader.HospitalAsync(entry.Custodian, ct) is not null
            && await reader.ExistsAsync(LedgerKey.Affiliation(said.PatientId, entry.Custodian), ct)
            && await reader.RecordAsync(said.PatientId, new RecordRef(entry.Custodian, said.RecordId), ct) is { Record.PartOf: null }
            && await reader.RecordAsync(said.PatientId, new RecordRef(entry.Custodian, said.By ?? said.RecordId), ct) is { Record.PartOf: null }
            && !await reader.ExistsAsync(LedgerKey.Supersession(said.PatientId, entry.Custodian, said.RecordId, said.By), ct)
            ? null
            : (RecordForged, $"Record {parts[2]} was superseded twice, by none of the same patient and custodian, or in another member's name.");
    }

    private static bool IsWholeOrPart(ReplayedTransaction transaction, RecordEntry entry) => entry.Record.PartOf is not { } whole
        || (transaction.Find(LedgerKey.Record(entry.Record.PatientId, entry.Custodian, whole), LedgerJson.Default.RecordEntry) is { } found
            && entry.Record.IsPartOf(found.Record));

    // The link itself is checked as the statement that it is; here it must name this member.
    private async Task<bool> IsLinkedAsync(
        ReplayedTransaction transaction, AffiliationEntry entry, string statementId, CancellationToken ct) =>
        transaction.Find(LedgerKey.EndedStatement(entry.PatientId, statementId), LedgerJson.Default.EndedStatementEntry)
            is { Kind: EndedStatementKind.Link } link
        && await reader.VerifyAsync(link.Signed, transaction.Time, ct) is { Body: LinkBody { Member: var member } } && member == entry.Member;

    // A patient's first credentials and affiliation are written together with the patient.
    private async Task<string?> EnrolledByAsync(ReplayedTransaction transaction, string patientId, CancellationToken ct)
    {
        var key = LedgerKey.Patient(patientId);
        var patient = transaction.Find(key, LedgerJson.Default.PatientEntry)
            ?? await reader.FindAsync(key, LedgerJson.Default.PatientEntry, ct);
        return patient?.EnrolledBy;
    }
}
