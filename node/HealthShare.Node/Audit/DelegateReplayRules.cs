using HealthShare.Chaincode.Ledger;
using HealthShare.Policy;
using HealthShare.Policy.Statements;
using static HealthShare.Node.Audit.ReplayFaultKind;

namespace HealthShare.Node.Audit;

/// <summary>How delegates come and go, and what is confirmed, judged by the state before the transaction. Null means that all is right.</summary>
internal sealed class DelegateReplayRules(ReplayReader reader)
{
    public async Task<(ReplayFaultKind Kind, string Text)?> CheckAsync(
        ReplayedTransaction transaction, DelegateEntry entry, IReadOnlyList<string> parts, CancellationToken ct)
    {
        var known = await reader.FindAsync(LedgerKey.Delegate(parts[0], parts[1]), LedgerJson.Default.DelegateEntry, ct);
        var holds = parts.SequenceEqual([entry.PatientId, entry.DelegateId])
            && (entry.RevokedBy is { } revokedBy
                ? known is not null && entry == known with { RevokedBy = revokedBy, RevokedAt = transaction.Time } && known.RevokedBy is null
                    && Says(transaction, parts[0], revokedBy, EndedStatementKind.DelegateRevoked)
                        is { Body: RevokeDelegateBody revocation } && revocation.Delegate == entry.DelegateId
                : await IsAppointmentAsync(transaction, entry, ct));
        return holds ? null : (DelegateForged, $"Delegate {parts[1]} of patient {parts[0]} came or went otherwise than the patient said.");
    }

    public async Task<(ReplayFaultKind Kind, string Text)?> CheckConfirmationAsync(
        ReplayedTransaction transaction, ConfirmationEntry entry, IReadOnlyList<string> parts, CancellationToken ct)
    {
        var holds = parts[1] == entry.StatementId && parts[2] == entry.Confirmer
            && !await reader.ExistsAsync(LedgerKey.Confirmation(parts[0], parts[1], parts[2]), ct)
            && await reader.FindAsync(LedgerKey.Statement(parts[0], parts[1]), LedgerJson.Default.StatementEntry, ct) is { } permit
            && Confirmations.CanConfirm(permit)
            && Says(transaction, parts[0], entry.ConfirmedBy, EndedStatementKind.Confirmation) is { Body: ConfirmBody body } word
            && Confirmations.ConfirmerOf(word) == entry.Confirmer
            && body.Statements.Contains(entry.StatementId);
        return holds ? null : (DelegateForged, $"Statement {parts[1]} was confirmed otherwise than the patient said.");
    }

    private async Task<bool> IsAppointmentAsync(ReplayedTransaction transaction, DelegateEntry entry, CancellationToken ct)
    {
        if (transaction.Time is not { } time || entry.AppointedAt != time || entry.RelayedBy != transaction.Creator || entry.RevokedAt is not null
            || StatementOf(entry.Appointment) is not { Body: AppointDelegateBody body } statement || body.Delegate != entry.DelegateId
            || Says(transaction, entry.PatientId, statement.Id, EndedStatementKind.DelegateAppointed, entry.Appointment) is null)
            return false;
        return DelegatePower.Refusal(await DelegatePower.LoadAsync(reader.State, entry.PatientId, ct), body, time) is null;
    }

    // Who signed, who relayed and how fresh it was is checked where the statement is kept; here it must be that one.
    private static Statement? Says(
        ReplayedTransaction transaction, string patientId, string statementId, EndedStatementKind kind, SignedStatement? signed = null) =>
        transaction.Find(LedgerKey.EndedStatement(patientId, statementId), LedgerJson.Default.EndedStatementEntry) is { Signed: { } kept } ended
            && ended.Kind == kind && (signed is null || signed == kept) ? StatementOf(kept) : null;

    private static Statement? StatementOf(SignedStatement signed)
    {
        try
        {
            return SignedStatementReader.Read(signed);
        }
        catch (PolicyException)
        {
            return null; // the caller names the fault
        }
    }
}
