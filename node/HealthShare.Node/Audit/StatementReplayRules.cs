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
        if (entry.CoSigned is { } second && await reader.FindAsync(LedgerKey.Statement(parts[0], id), LedgerJson.Default.StatementEntry, ct) is { } before)
            return await IsCoSignedAsync(transaction, entry, before, statement, grant, second, ct)
                ? null
                : (StatementForged, $"Statement {id} was signed a second time by one that may not.");
        var (key, endedKey) = (LedgerKey.Statement(parts[0], id), LedgerKey.EndedStatement(parts[0], id));
        if (await reader.ExistsAsync(key, ct) || await reader.ExistsAsync(endedKey, ct)
            || transaction.Find(endedKey, LedgerJson.Default.EndedStatementEntry) is not null || entry.CoSigned is not null)
            return (StatementForged, $"Statement {id} stood there before, or had ended before.");
        if (!await IsRelayedAsync(transaction, entry.RelayedBy, entry.AcceptedAt, ct))
            return (StatementForged, $"Statement {id} was not relayed as it says.");
        if (await TakesRoomAsync(transaction, statement, ct) is { } noRoom)
            return noRoom;
        var replaced = grant.Replaces is { } old
            ? await reader.FindAsync(LedgerKey.Statement(parts[0], old), LedgerJson.Default.StatementEntry, ct)
            : null;
        if (grant.Replaces is { } ends && (replaced is null || transaction.Find(LedgerKey.EndedStatement(parts[0], ends),
                LedgerJson.Default.EndedStatementEntry) is not { Kind: EndedStatementKind.ReplacedGrant, RevokedBy: var by } || by != id))
            return (StatementForged, $"Statement {id} does not end what it replaces.");
        var widens = grant.Effect is Effect.Permit
            || (replaced is not null && SignedStatementReader.Read(replaced.Signed).Body is GrantBody { Effect: Effect.Deny });
        return !widens || await reader.IsFreshAsync(statement, entry.AcceptedAt, ct)
            ? null
            : (StatementForged, $"Statement {id} lets more be read and was too old, or issued ahead of its time.");
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
            EndedStatementKind.Erasure => await IsErasureAsync(transaction, entry, parts[0], ct),
            EndedStatementKind.Confirmation => await IsConfirmationAsync(transaction, entry, parts[0], ct),
            EndedStatementKind.ReplacedGrant => await IsReplacedAsync(transaction, entry, parts[0], ct),
            EndedStatementKind.ExpiredGrant => await IsTakenOutAsync(transaction, entry, parts[0], ct),
            EndedStatementKind.RevokedGrant or EndedStatementKind.RevokedUnseen => await IsRevokedAsync(transaction, entry, parts[0], ct),
            _ => false,
        };
        return holds ? null : forged;
    }

    /// <summary>Only grants are ever removed, and only when they are kept as revoked, replaced or over, which is checked by itself.</summary>
    public (ReplayFaultKind Kind, string Text)? CheckRemoval(
        LedgerKind kind, IReadOnlyList<string> parts, ReplayedTransaction transaction) =>
        kind is LedgerKind.Statement
            && transaction.Find(LedgerKey.EndedStatement(parts[0], parts[1]), LedgerJson.Default.EndedStatementEntry)
                is { Kind: EndedStatementKind.RevokedGrant or EndedStatementKind.ReplacedGrant or EndedStatementKind.ExpiredGrant }
            ? null
            : (EntryRemoved, $"An entry of kind {kind} was removed.");

    // A grant names what there is, finds room, and takes out those that are over, these and no others.
    private async Task<(ReplayFaultKind Kind, string Text)?> TakesRoomAsync(
        ReplayedTransaction transaction, Statement statement, CancellationToken ct)
    {
        var place = await GrantPlace.FindAsync(reader.State, statement, transaction.Time!.Value, ct);
        if (place.Refusal is var (code, _))
            return (StatementForged, $"Statement {statement.Id} was accepted although no contract takes it ({code}).");
        var left = transaction.FindAll(LedgerKind.EndedStatement, LedgerJson.Default.EndedStatementEntry)
            .Where(entry => entry.Kind is EndedStatementKind.ExpiredGrant).ToHashSet();
        return left.SetEquals(place.Over.Select(GrantRange.TakenOut))
            ? null
            : (StatementForged, $"Statement {statement.Id} takes out other statements than those that are over.");
    }

    private async Task<bool> IsRevocationAsync(
        ReplayedTransaction transaction, EndedStatementEntry entry, string patient, CancellationToken ct) =>
        await AcceptedAsync<RevokeBody>(transaction, entry, patient, mustBeFresh: false, ct) is { Statement: var target }
        && transaction.Find(LedgerKey.EndedStatement(patient, target), LedgerJson.Default.EndedStatementEntry)?.RevokedBy == entry.StatementId;

    private async Task<bool> IsLinkAsync(
        ReplayedTransaction transaction, EndedStatementEntry entry, string patient, CancellationToken ct) =>
        await AcceptedAsync<LinkBody>(transaction, entry, patient, mustBeFresh: true, ct) is { Member: var member }
        && transaction.Find(LedgerKey.Affiliation(patient, member), LedgerJson.Default.AffiliationEntry)?.StatementId == entry.StatementId;

    private async Task<bool> IsErasureAsync(
        ReplayedTransaction transaction, EndedStatementEntry entry, string patient, CancellationToken ct) =>
        await AcceptedAsync<EraseBody>(transaction, entry, patient, mustBeFresh: true, ct) is not null
        && transaction.Find(LedgerKey.Patient(patient), LedgerJson.Default.PatientEntry)?.ErasedBy == entry.StatementId;

    // What becomes of the credential is checked where the credential is written.
    private async Task<bool> IsAdditionAsync(
        ReplayedTransaction transaction, EndedStatementEntry entry, string patient, CancellationToken ct) =>
        await AcceptedAsync<AddCredentialBody>(transaction, entry, patient, mustBeFresh: true, ct) is { Credential: var credential }
        && transaction.Find(LedgerKey.Credential(patient, credential), LedgerJson.Default.CredentialEntry)?.StatementId == entry.StatementId;

    private async Task<bool> IsCredentialRevocationAsync(
        ReplayedTransaction transaction, EndedStatementEntry entry, string patient, CancellationToken ct) =>
        await AcceptedAsync<RevokeCredentialBody>(transaction, entry, patient, mustBeFresh: false, ct) is { Credential: var credential }
        && transaction.Find(LedgerKey.Credential(patient, credential), LedgerJson.Default.CredentialEntry)?.RevokedBy == entry.StatementId;

    // What becomes of the delegate, or of the permit, is checked where that is written.
    private async Task<bool> IsAppointmentAsync(
        ReplayedTransaction transaction, EndedStatementEntry entry, string patient, CancellationToken ct) =>
        await AcceptedAsync<AppointDelegateBody>(transaction, entry, patient, mustBeFresh: true, ct) is { Delegate: var delegateId }
        && transaction.Find(LedgerKey.Delegate(patient, delegateId), LedgerJson.Default.DelegateEntry)?.Appointment == entry.Signed;

    private async Task<bool> IsDelegateRevocationAsync(
        ReplayedTransaction transaction, EndedStatementEntry entry, string patient, CancellationToken ct) =>
        await AcceptedAsync<RevokeDelegateBody>(transaction, entry, patient, mustBeFresh: false, ct) is { Delegate: var delegateId }
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

    private async Task<bool> IsReplacedAsync(
        ReplayedTransaction transaction, EndedStatementEntry entry, string patient, CancellationToken ct)
    {
        var key = LedgerKey.Statement(patient, entry.StatementId);
        return entry.RevokedBy is { } by && entry.RevokedAt == transaction.Time && transaction.Removes(key)
            && transaction.Find(LedgerKey.Statement(patient, by), LedgerJson.Default.StatementEntry) is { } next
            && await reader.VerifyAsync(next.Signed, transaction.Time, ct) is { Body: GrantBody { Replaces: var replaces } } && replaces == entry.StatementId
            && await reader.FindAsync(key, LedgerJson.Default.StatementEntry, ct) is { } grant
            && (entry.Signed, entry.RelayedBy, entry.AcceptedAt) == (grant.Signed, grant.RelayedBy, grant.AcceptedAt);
    }

    // That it is one of those to take out is checked with the new grant, which a second signature is not.
    private async Task<bool> IsTakenOutAsync(
        ReplayedTransaction transaction, EndedStatementEntry entry, string patient, CancellationToken ct)
    {
        var key = LedgerKey.Statement(patient, entry.StatementId);
        return transaction.Removes(key)
            && await reader.FindAsync(key, LedgerJson.Default.StatementEntry, ct) is { } grant && entry == GrantRange.TakenOut(grant)
            && transaction.FindAll(LedgerKind.Statement, LedgerJson.Default.StatementEntry).Any(next => next.CoSigned is null);
    }

    // The first signature was verified before this; only the second one is new.
    private async Task<bool> IsCoSignedAsync(
        ReplayedTransaction transaction, StatementEntry entry, StatementEntry before, Statement statement, GrantBody grant,
        CoSignature second, CancellationToken ct)
    {
        var settings = await reader.FindAsync(LedgerKey.Settings, LedgerJson.Default.ChannelSettings, ct) ?? new ChannelSettings();
        return entry == before with { CoSigned = second } && before.CoSigned is null && BroadPermits.IsBroad(grant, settings)
            && statement.Signer.Delegate is null
            && await IsRelayedAsync(transaction, second.RelayedBy, second.AcceptedAt, ct)
            && await reader.FindAsync(LedgerKey.Credential(statement.Patient, statement.Signer.Credential), LedgerJson.Default.CredentialEntry, ct)
                is { IsRevoked: false } signer
            && await reader.FindAsync(LedgerKey.Credential(statement.Patient, second.Assertion.Credential), LedgerJson.Default.CredentialEntry, ct)
                is { IsRevoked: false } coSigner
            && BroadPermits.Refusal(entry, signer, coSigner, second.RelayedBy, second.AcceptedAt, settings) is null
            && ReplayReader.IsSigned(entry.Signed with { Assertion = second.Assertion }, coSigner);
    }

    // What the entry's statement says, where it was signed, relayed as the entry says and, if it must be, fresh; null otherwise.
    private async Task<TBody?> AcceptedAsync<TBody>(
        ReplayedTransaction transaction, EndedStatementEntry entry, string patient, bool mustBeFresh, CancellationToken ct)
        where TBody : StatementBody =>
        await SignedAsync(transaction, entry, patient, ct) is { Body: TBody body } statement
        && await IsRelayedAsync(transaction, entry.RelayedBy, entry.AcceptedAt, ct)
        && (!mustBeFresh || await reader.IsFreshAsync(statement, entry.AcceptedAt, ct))
            ? body
            : null;

    private async Task<Statement?> SignedAsync(
        ReplayedTransaction transaction, EndedStatementEntry entry, string patient, CancellationToken ct) =>
        await reader.VerifyAsync(entry.Signed, transaction.Time, ct) is { } statement
            && statement.Patient == patient && statement.Id == entry.StatementId ? statement : null;

    private async Task<bool> IsRelayedAsync(ReplayedTransaction transaction, string by, DateTimeOffset at, CancellationToken ct) =>
        by == transaction.Creator && at == transaction.Time && await reader.MemberAsync(by, ct) is not null;
}
