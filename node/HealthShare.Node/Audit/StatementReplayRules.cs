using HealthShare.Chaincode.Ledger;
using HealthShare.Policy.Statements;
using static HealthShare.Node.Audit.ReplayFaultKind;

namespace HealthShare.Node.Audit;

/// <summary>How statements may begin and end, judged by the state before the transaction. Null means that all is right.</summary>
internal sealed class StatementReplayRules(ReplayReader reader)
{
    public async Task<(ReplayFaultKind Kind, string Text)?> CheckGrantAsync(
        ReplayedTransaction transaction, StatementEntry entry, IReadOnlyList<string> parts, CancellationToken ct)
    {
        var id = entry.StatementId;
        if (await reader.VerifyAsync(entry.Signed, transaction.Time, ct) is not { Body: GrantBody grant } statement
            || statement.Id != id || !parts.SequenceEqual([statement.Patient, id]))
            return (StatementForged, $"Statement {id} was not signed by a credential of its patient.");
        var (key, endedKey) = (LedgerKey.Statement(parts[0], id), LedgerKey.EndedStatement(parts[0], id));
        if (await reader.ExistsAsync(key, ct) || await reader.ExistsAsync(endedKey, ct)
            || transaction.Find(endedKey, LedgerJson.Default.EndedStatementEntry) is not null)
            return (StatementForged, $"Statement {id} stood there before, or had ended before.");
        if (!await IsRelayedAsync(transaction, entry.RelayedBy, entry.AcceptedAt, ct))
            return (StatementForged, $"Statement {id} was not relayed as it says.");
        return grant.Effect is Effect.Deny || await reader.IsFreshAsync(statement, entry.AcceptedAt, ct)
            ? null
            : (StatementForged, $"Statement {id} permits and was too old, or issued ahead of its time.");
    }

    public async Task<(ReplayFaultKind Kind, string Text)?> CheckEndedAsync(
        ReplayedTransaction transaction, EndedStatementEntry entry, IReadOnlyList<string> parts, CancellationToken ct)
    {
        var forged = (StatementForged, $"Statement {entry.StatementId} ended otherwise than its patient said.");
        // An ended statement stays as it is for ever.
        if (parts[1] != entry.StatementId || await reader.ExistsAsync(LedgerKey.EndedStatement(parts[0], parts[1]), ct))
            return forged;
        var holds = entry.Kind switch
        {
            EndedStatementKind.Revocation => await IsRevocationAsync(transaction, entry, parts[0], ct),
            EndedStatementKind.Link => await IsLinkAsync(transaction, entry, parts[0], ct),
            EndedStatementKind.CredentialAdded => await IsAdditionAsync(transaction, entry, parts[0], ct),
            EndedStatementKind.CredentialRevoked => await IsCredentialRevocationAsync(transaction, entry, parts[0], ct),
            EndedStatementKind.DelegateAppointed => await IsAppointmentAsync(transaction, entry, parts[0], ct),
            EndedStatementKind.DelegateRevoked => await IsDelegateRevocationAsync(transaction, entry, parts[0], ct),
            EndedStatementKind.Confirmation => await IsConfirmationAsync(transaction, entry, parts[0], ct),
            EndedStatementKind.RevokedGrant or EndedStatementKind.RevokedUnseen => await IsRevokedAsync(transaction, entry, parts[0], ct),
            _ => false,
        };
        return holds ? null : forged;
    }

    /// <summary>Only grants are ever removed, and only when they are kept as revoked, which is checked by itself.</summary>
    public (ReplayFaultKind Kind, string Text)? CheckRemoval(
        LedgerKind kind, IReadOnlyList<string> parts, ReplayedTransaction transaction) =>
        kind is LedgerKind.Statement
            && transaction.Find(LedgerKey.EndedStatement(parts[0], parts[1]), LedgerJson.Default.EndedStatementEntry)
                is { Kind: EndedStatementKind.RevokedGrant }
            ? null
            : (EntryRemoved, $"An entry of kind {kind} was removed.");

    private async Task<bool> IsRevocationAsync(
        ReplayedTransaction transaction, EndedStatementEntry entry, string patient, CancellationToken ct) =>
        await SignedAsync(transaction, entry, patient, ct) is { Body: RevokeBody { Statement: var target } }
        && await IsRelayedAsync(transaction, entry.RelayedBy, entry.AcceptedAt, ct)
        && transaction.Find(LedgerKey.EndedStatement(patient, target), LedgerJson.Default.EndedStatementEntry)?.RevokedBy == entry.StatementId;

    private async Task<bool> IsLinkAsync(
        ReplayedTransaction transaction, EndedStatementEntry entry, string patient, CancellationToken ct) =>
        await SignedAsync(transaction, entry, patient, ct) is { Body: LinkBody { Member: var member } } statement
        && await IsRelayedAsync(transaction, entry.RelayedBy, entry.AcceptedAt, ct)
        && await reader.IsFreshAsync(statement, entry.AcceptedAt, ct)
        && transaction.Find(LedgerKey.Affiliation(patient, member), LedgerJson.Default.AffiliationEntry)?.StatementId == entry.StatementId;

    // What becomes of the credential is checked where the credential is written.
    private async Task<bool> IsAdditionAsync(
        ReplayedTransaction transaction, EndedStatementEntry entry, string patient, CancellationToken ct) =>
        await SignedAsync(transaction, entry, patient, ct) is { Body: AddCredentialBody { Credential: var credential } } statement
        && await IsRelayedAsync(transaction, entry.RelayedBy, entry.AcceptedAt, ct)
        && await reader.IsFreshAsync(statement, entry.AcceptedAt, ct)
        && transaction.Find(LedgerKey.Credential(patient, credential), LedgerJson.Default.CredentialEntry)?.StatementId == entry.StatementId;

    private async Task<bool> IsCredentialRevocationAsync(
        ReplayedTransaction transaction, EndedStatementEntry entry, string patient, CancellationToken ct) =>
        await SignedAsync(transaction, entry, patient, ct) is { Body: RevokeCredentialBody { Credential: var credential } }
        && await IsRelayedAsync(transaction, entry.RelayedBy, entry.AcceptedAt, ct)
        && transaction.Find(LedgerKey.Credential(patient, credential), LedgerJson.Default.CredentialEntry)?.RevokedBy == entry.StatementId;

    // What becomes of the delegate, or of the permit, is checked where that is written.
    private async Task<bool> IsAppointmentAsync(
        ReplayedTransaction transaction, EndedStatementEntry entry, string patient, CancellationToken ct) =>
        await SignedAsync(transaction, entry, patient, ct) is { Body: AppointDelegateBody { Delegate: var delegateId } } statement
        && await IsRelayedAsync(transaction, entry.RelayedBy, entry.AcceptedAt, ct)
        && await reader.IsFreshAsync(statement, entry.AcceptedAt, ct)
        && transaction.Find(LedgerKey.Delegate(patient, delegateId), LedgerJson.Default.DelegateEntry)?.Appointment == entry.Signed;

    private async Task<bool> IsDelegateRevocationAsync(
        ReplayedTransaction transaction, EndedStatementEntry entry, string patient, CancellationToken ct) =>
        await SignedAsync(transaction, entry, patient, ct) is { Body: RevokeDelegateBody { Delegate: var delegateId } }
        && await IsRelayedAsync(transaction, entry.RelayedBy, entry.AcceptedAt, ct)
        && (transaction.Find(LedgerKey.Delegate(patient, delegateId), LedgerJson.Default.DelegateEntry)?.RevokedBy == entry.StatementId
            || transaction.Find(LedgerKey.VouchedSigner(patient, delegateId), LedgerJson.Default.VouchedEntry)?.Objection == entry.StatementId);

    private async Task<bool> IsConfirmationAsync(
        ReplayedTransaction transaction, EndedStatementEntry entry, string patient, CancellationToken ct) =>
        await SignedAsync(transaction, entry, patient, ct) is { Body: ConfirmBody confirmation } statement
        && await IsRelayedAsync(transaction, entry.RelayedBy, entry.AcceptedAt, ct)
        && await reader.IsFreshAsync(statement, entry.AcceptedAt, ct)
        && confirmation.Statements.All(id => transaction.Find(
            LedgerKey.Confirmation(patient, id, Confirmations.ConfirmerOf(statement)), LedgerJson.Default.ConfirmationEntry)?.ConfirmedBy == entry.StatementId);

    private async Task<bool> IsRevokedAsync(
        ReplayedTransaction transaction, EndedStatementEntry entry, string patient, CancellationToken ct)
    {
        if (entry.RevokedBy is not { } revocationId || entry.RevokedAt != transaction.Time
            || transaction.Find(LedgerKey.EndedStatement(patient, revocationId), LedgerJson.Default.EndedStatementEntry)
                is not { Kind: EndedStatementKind.Revocation } revocation
            || await SignedAsync(transaction, revocation, patient, ct) is not { Body: RevokeBody { Statement: var target } }
            || target != entry.StatementId)
            return false;
        var key = LedgerKey.Statement(patient, entry.StatementId);
        var grant = await reader.FindAsync(key, LedgerJson.Default.StatementEntry, ct);
        return entry.Kind is EndedStatementKind.RevokedGrant
            ? grant is not null && transaction.Removes(key)
                && (entry.Signed, entry.RelayedBy, entry.AcceptedAt) == (grant.Signed, grant.RelayedBy, grant.AcceptedAt)
            : grant is null && entry.Signed is null && (entry.RelayedBy, entry.AcceptedAt) == (transaction.Creator, entry.RevokedAt);
    }

    private async Task<Statement?> SignedAsync(
        ReplayedTransaction transaction, EndedStatementEntry entry, string patient, CancellationToken ct) =>
        await reader.VerifyAsync(entry.Signed, transaction.Time, ct) is { } statement
            && statement.Patient == patient && statement.Id == entry.StatementId ? statement : null;

    private async Task<bool> IsRelayedAsync(ReplayedTransaction transaction, string by, DateTimeOffset at, CancellationToken ct) =>
        by == transaction.Creator && at == transaction.Time && await reader.MemberAsync(by, ct) is not null;
}
