using HealthShare.Chaincode.Ledger;
using static HealthShare.Node.Audit.ReplayFaultKind;

namespace HealthShare.Node.Audit;

/// <summary>How patients end, and what may still be written then, judged by the state before the transaction. Null means that all is right.</summary>
internal sealed class ErasureReplayRules(ReplayReader reader)
{
    /// <summary>Whatever begins, ends or is decided under a patient's id needs a patient who is not erased.</summary>
    public async Task<(ReplayFaultKind Kind, string Text)?> CheckNotErasedAsync(LedgerKind kind, IReadOnlyList<string> parts, CancellationToken ct) =>
        IsOfLiving(kind) && await IsErasedAsync(parts[0], ct)
            ? (PatientForged, $"An entry of kind {kind} was written after patient {parts[0]} was erased.")
            : null;

    /// <summary>The entry stays as it was, and names the statement that erases; that one is checked where it is kept.</summary>
    public async Task<(ReplayFaultKind Kind, string Text)?> CheckPatientAsync(
        ReplayedTransaction transaction, PatientEntry entry, IReadOnlyList<string> parts, CancellationToken ct) =>
        entry is { ErasedBy: { } erasedBy, ErasedAt: { } erasedAt } && erasedAt == transaction.Time
            && await reader.FindAsync(LedgerKey.Patient(parts[0]), LedgerJson.Default.PatientEntry, ct) is { IsErased: false } known
            && entry == known with { ErasedBy = erasedBy, ErasedAt = erasedAt }
            && transaction.Find(LedgerKey.EndedStatement(parts[0], erasedBy), LedgerJson.Default.EndedStatementEntry)
                is { Kind: EndedStatementKind.Erasure }
            ? null
            : (PatientForged, $"Patient {parts[0]} was erased otherwise than the patient signed.");

    /// <summary>A report is its hospital's own, about an erased patient; after one that something is kept comes one that it is not.</summary>
    public async Task<(ReplayFaultKind Kind, string Text)?> CheckReportAsync(
        ReplayedTransaction transaction, ErasureReportEntry entry, IReadOnlyList<string> parts, CancellationToken ct) =>
        parts.SequenceEqual([entry.PatientId, entry.Member]) && entry.Member == transaction.Creator && entry.ReportedAt == transaction.Time
            && await reader.HospitalAsync(entry.Member, ct) is not null && await IsErasedAsync(entry.PatientId, ct)
            && (await reader.FindAsync(LedgerKey.ErasureReport(parts[0], parts[1]), LedgerJson.Default.ErasureReportEntry, ct) is not { } known
                || (known.RetainedUntil is not null && known.RetainedUntil != entry.RetainedUntil))
            ? null
            : (ErasureForged, $"What '{parts[1]}' destroyed of patient {parts[0]} was reported twice, or not by that hospital.");

    private async Task<bool> IsErasedAsync(string patientId, CancellationToken ct) =>
        await reader.FindAsync(LedgerKey.Patient(patientId), LedgerJson.Default.PatientEntry, ct) is { IsErased: true };

    // Reviews of emergencies and reports of custodians are about what was, and come in the end. A release has a check of its own: it
    // rests on a decision, and no decision permits.
    private static bool IsOfLiving(LedgerKind kind) => kind is LedgerKind.Patient or LedgerKind.Affiliation or LedgerKind.Credential
        or LedgerKind.Statement or LedgerKind.EndedStatement or LedgerKind.Use or LedgerKind.Record or LedgerKind.Access
        or LedgerKind.Attestation or LedgerKind.Delegate or LedgerKind.Confirmation or LedgerKind.Emergency or LedgerKind.VouchedSigner
        or LedgerKind.Supersession;
}
