using System.Data.Common;
using System.Text.Json;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Database;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Statements;

namespace HealthShare.Node.Patients;

/// <summary>
/// The custodian's own list of patients' credentials: those that its staff enrolled or accepted, and those that one of the list
/// introduced by its own signature. One that other hospitals vouch for introduces itself once its waiting time is over by this
/// node's clock. What the ledger says of a credential can be false when members collude; what stands here
/// cannot be written by anyone else.
/// </summary>
internal sealed class TrustedCredentials(IDatabase database, VouchedSigners vouched, ReplicaCache cache, TimeProvider clock)
{
    /// <summary>Adds a credential that this hospital's staff vouch for. The first one under an id stays.</summary>
    public Task AddAsync(string patientId, Credential credential, CancellationToken ct) =>
        ChangeAsync(transaction => AddAsync(transaction, patientId, credential, null, ct), ct);

    /// <summary>Changes the list outside a block's own transaction: what was made of it is forgotten.</summary>
    public async Task ChangeAsync(Func<DbTransaction, Task> work, CancellationToken ct)
    {
        await database.WriteAsync(work, ct);
        cache.Clear();
    }

    /// <summary>
    /// Follows the ledger: takes up what a credential of the list introduced by its signature, and takes off what one of them
    /// revoked. Every signature is verified here again.
    /// </summary>
    /// <param name="transaction">The transaction that the list is written in.</param>
    /// <param name="state">The state to read credentials and statements from.</param>
    /// <param name="channel">The channel's name, which every statement must be for.</param>
    /// <param name="patientId">Patient.</param>
    /// <param name="ct">Stops the work.</param>
    public async Task FollowAsync(
        DbTransaction transaction, ILedgerState state, string channel, string patientId, CancellationToken ct)
    {
        var trusted = (await transaction.Connection!.QueryAsync<Row>(new CommandDefinition(
                "SELECT credential, revoked_at AS RevokedAt FROM trusted_credential WHERE patient_id = @patientId",
                new { patientId }, transaction, cancellationToken: ct)))
            .Select(row => (Credential: JsonSerializer.Deserialize(row.Credential, LedgerJson.Default.Credential)!, row.RevokedAt))
            .ToDictionary(row => row.Credential.CredentialId, StringComparer.Ordinal);
        var vouchedFor = await VouchedAsync(transaction, state, patientId, ct);
        if (trusted.Count == 0 && vouchedFor.Count == 0)
            return;
        var changes = new CredentialChanges(state, channel, patientId);
        await changes.LoadAsync(ct);
        // One that was introduced may have introduced another: as often as something new is found.
        for (var more = true; more;)
        {
            more = false;
            foreach (var entry in changes.Additions.Where(entry => !trusted.ContainsKey(entry.Credential.CredentialId)).ToList())
            {
                if (await changes.SignerOfAdditionAsync(entry, SignerInForce, ct) is not { } signer)
                    continue;
                await AddAsync(transaction, patientId, entry.Credential, signer, ct);
                trusted[entry.Credential.CredentialId] = (entry.Credential, null);
                more = true;
            }
        }
        foreach (var entry in changes.Revocations.Where(IsTrustedNow).ToList())
        {
            if (await changes.SignerOfRevocationAsync(entry, SignerOnceTrusted, ct) is null)
                continue;
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "UPDATE trusted_credential SET revoked_at = @at WHERE patient_id = @patientId AND credential_id = @id",
                new { at = clock.GetUtcNow().ToUnixTimeMilliseconds(), patientId, id = entry.Credential.CredentialId }, transaction, cancellationToken: ct));
        }

        Credential? SignerInForce(StatementSigner by) => by.Delegate is not null ? VouchedSigner(by)
            : trusted.TryGetValue(by.Credential, out var signer) && signer.RevokedAt is null ? signer.Credential : null;
        Credential? SignerOnceTrusted(StatementSigner by) => by.Delegate is not null ? VouchedSigner(by)
            : trusted.TryGetValue(by.Credential, out var signer) ? signer.Credential : null;
        Credential? VouchedSigner(StatementSigner by) =>
            vouchedFor.TryGetValue(by.Delegate!, out var signer) && signer.CredentialId == by.Credential ? signer : null;
        bool IsTrustedNow(CredentialEntry entry) => trusted.TryGetValue(entry.Credential.CredentialId, out var row)
            && row.RevokedAt is null && LedgerValue.Same(row.Credential, entry.Credential, LedgerJson.Default.Credential);
    }

    /// <summary>Tells which credentials of a patient are trusted: same id, key, RP id and origins, byte for byte, and not revoked.</summary>
    public async Task<Func<CredentialEntry, bool>> ForPatientAsync(string patientId, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var rows = await connection.QueryAsync<string>(new CommandDefinition(
            "SELECT credential FROM trusted_credential WHERE patient_id = @patientId AND revoked_at IS NULL", new { patientId }, cancellationToken: ct));
        var trusted = rows.ToHashSet(StringComparer.Ordinal);
        return entry => entry.PatientId == patientId && !entry.IsRevoked
            && trusted.Contains(JsonSerializer.Serialize(entry.Credential, LedgerJson.Default.Credential));
    }

    /// <summary>
    /// Tells from when the custodian counts credentials of a patient: those on the list always, those that come on it when a waiting
    /// time is over from then on; null for any other.
    /// </summary>
    public async Task<Func<CredentialEntry, DateTimeOffset?>> TimesAsync(
        string patientId, ILedgerState state, string channel, VouchedTimes times, CancellationToken ct)
    {
        var isTrusted = await ForPatientAsync(patientId, ct);
        if (times.IsEmpty)
            return entry => isTrusted(entry) ? CustodianView.Always : null;
        var expected = await ExpectedCredentials.FindAsync(state, channel, patientId, times, ct);
        return entry => isTrusted(entry) ? CustodianView.Always
            : entry is { IsRevoked: false } && entry.PatientId == patientId
                && expected.TryGetValue(entry.Credential.CredentialId, out var own)
                && LedgerValue.Same(own.Credential, entry.Credential, LedgerJson.Default.Credential) ? own.From
            : null;
    }

    // Credentials of the patient's own, by the ids under which hospitals vouch for them.
    private async Task<Dictionary<string, Credential>> VouchedAsync(
        DbTransaction transaction, ILedgerState state, string patientId, CancellationToken ct)
    {
        var counts = await vouched.ForPatientAsync(transaction, patientId, ct);
        var credentials = new Dictionary<string, Credential>(StringComparer.Ordinal);
        await foreach (var (_, value) in state.ListAsync(LedgerKind.VouchedSigner, [patientId], ct))
        {
            if (JsonSerializer.Deserialize(value.Span, LedgerJson.Default.VouchedEntry) is { Attested.Kind: VouchedKind.Credential } entry && counts(entry)
                && await entry.SufficesAsync(state, ct))
                credentials[entry.Attested.SignerId] = entry.Attested.Credentials[0];
        }
        return credentials;
    }

    internal Task AddAsync(
        DbTransaction transaction, string patientId, Credential credential, string? introducedBy, CancellationToken ct) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            INSERT INTO trusted_credential (patient_id, credential_id, credential, trusted_at, introduced_by)
            VALUES (@patientId, @id, @json, @at, @introducedBy)
            ON CONFLICT (patient_id, credential_id) DO NOTHING
            """,
            new
            {
                patientId,
                id = credential.CredentialId,
                json = JsonSerializer.Serialize(credential, LedgerJson.Default.Credential),
                at = clock.GetUtcNow().ToUnixTimeMilliseconds(),
                introducedBy,
            }, transaction, cancellationToken: ct));

    private sealed record Row(string Credential, long? RevokedAt);
}
