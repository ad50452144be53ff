using HealthShare.Chaincode.Ledger;
using HealthShare.Policy.Statements;
using static HealthShare.Node.Audit.ReplayFaultKind;

namespace HealthShare.Node.Audit;

/// <summary>How credentials come and go, judged by the state before the transaction. Null means that all is right.</summary>
internal sealed class CredentialReplayRules(ReplayReader reader)
{
    public async Task<(ReplayFaultKind Kind, string Text)?> CheckAsync(
        ReplayedTransaction transaction, CredentialEntry entry, IReadOnlyList<string> parts, CancellationToken ct)
    {
        var forged = (CredentialForged, $"A credential of patient {entry.PatientId} was added or changed by one that may not.");
        if (!parts.SequenceEqual([entry.PatientId, entry.Credential.CredentialId]))
            return forged; // before anything is looked up by an id that may be no part of a key at all
        var known = await KnownAsync(entry.PatientId, ct);
        var before = known.FirstOrDefault(other => other.Credential.CredentialId == entry.Credential.CredentialId);
        var holds = entry switch
        {
            _ when before is not null => await IsRevocationAsync(transaction, entry, before, ct),
            { IsRevoked: true } => false,
            { StatementId: { } statementId } => entry.AddedAt == transaction.Time && entry.AddedBy == transaction.Creator
                && CredentialHistory.Refusal(known, entry.Credential) is null
                && await IsAdditionAsync(transaction, entry, statementId, ct),
            _ => known.Count == 0 && entry.AddedAt == transaction.Time && entry.AddedBy == transaction.Creator
                && await EnrolledByAsync(transaction, entry.PatientId, ct) == entry.AddedBy,
        };
        return holds ? null : forged;
    }

    // The statements themselves are checked where they are kept; here they must say what was done.
    private async Task<bool> SaysAsync(
        ReplayedTransaction transaction, CredentialEntry entry, (string Id, EndedStatementKind Kind) statement,
        Func<StatementBody, bool> says, CancellationToken ct) =>
        transaction.Find(LedgerKey.EndedStatement(entry.PatientId, statement.Id), LedgerJson.Default.EndedStatementEntry) is { } ended
        && ended.Kind == statement.Kind && await reader.VerifyAsync(ended.Signed, transaction.Time, ct) is { } signed && says(signed.Body);

    private Task<bool> IsAdditionAsync(
        ReplayedTransaction transaction, CredentialEntry entry, string statementId, CancellationToken ct) =>
        SaysAsync(transaction, entry, (statementId, EndedStatementKind.CredentialAdded), body =>
            body is AddCredentialBody added
            && (added.Credential, added.PublicKey, added.RpId) == (entry.Credential.CredentialId, entry.Credential.PublicKey, entry.Credential.RpId)
            && added.Origins.SequenceEqual(entry.Credential.Origins), ct);

    private async Task<bool> IsRevocationAsync(
        ReplayedTransaction transaction, CredentialEntry entry, CredentialEntry before, CancellationToken ct) =>
        !before.IsRevoked && entry.RevokedBy is { } revokedBy && entry.RevokedAt == transaction.Time
        && LedgerValue.Same(entry with { RevokedBy = null, RevokedAt = null }, before, LedgerJson.Default.CredentialEntry)
        && await SaysAsync(transaction, entry, (revokedBy, EndedStatementKind.CredentialRevoked),
            body => body is RevokeCredentialBody revoked && revoked.Credential == entry.Credential.CredentialId, ct);

    private async Task<List<CredentialEntry>> KnownAsync(string patientId, CancellationToken ct)
    {
        var known = new List<CredentialEntry>();
        await foreach (var (_, value) in reader.State.ListAsync(LedgerKind.Credential, [patientId], ct))
            known.Add(System.Text.Json.JsonSerializer.Deserialize(value.Span, LedgerJson.Default.CredentialEntry)!);
        return known;
    }

    // A patient's first credentials are written together with the patient, or later by the same member.
    private async Task<string?> EnrolledByAsync(ReplayedTransaction transaction, string patientId, CancellationToken ct)
    {
        var key = LedgerKey.Patient(patientId);
        var patient = transaction.Find(key, LedgerJson.Default.PatientEntry)
            ?? await reader.FindAsync(key, LedgerJson.Default.PatientEntry, ct);
        return patient?.EnrolledBy;
    }
}
