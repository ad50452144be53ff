using System.Data.Common;
using System.Text.Json;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Database;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;

namespace HealthShare.Node.Patients;

/// <summary>
/// First credentials on their way to the channel. Each comes on the custodian's own list with the block that pins exactly that one for
/// this member, in the same transaction: never before, for what the channel refuses would be trusted here with no trace there, and not
/// after, for its first permit would open nothing.
/// </summary>
internal sealed class CredentialsToPin(IDatabase database, TrustedCredentials trusted, ILedger ledger) : IProjection
{
    /// <summary>Notes what is about to be sent.</summary>
    public Task NoteAsync(string patientId, Credential credential, CancellationToken ct) => database.WriteAsync(transaction =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            INSERT INTO credential_to_pin (patient_id, credential_id, credential) VALUES (@patientId, @CredentialId, @json)
            ON CONFLICT (patient_id, credential_id) DO UPDATE SET credential = excluded.credential
            """, new { patientId, credential.CredentialId, json = JsonOf(credential) }, transaction, cancellationToken: ct)), ct);

    /// <summary>Forgets what the channel refused.</summary>
    public Task ForgetAsync(string patientId, Credential credential, CancellationToken ct) =>
        database.WriteAsync(transaction => TakeAsync(transaction, patientId, credential, ct), ct);

    public async Task ApplyAsync(BlockChanges block, DbTransaction transaction, CancellationToken ct)
    {
        foreach (var write in block.Writes)
        {
            // One that a statement introduced came by another way: what was noted here vouches for no such.
            if (write is { Kind: LedgerKind.Credential, Value: { } json } && write.Creator == ledger.MspId
                && JsonSerializer.Deserialize(json.Span, LedgerJson.Default.CredentialEntry) is { StatementId: null, IsRevoked: false } entry
                && entry.AddedBy == ledger.MspId && await TakeAsync(transaction, entry.PatientId, entry.Credential, ct))
                await trusted.AddAsync(transaction, entry.PatientId, entry.Credential, null, ct);
        }
    }

    private static async Task<bool> TakeAsync(DbTransaction transaction, string patientId, Credential credential, CancellationToken ct) =>
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "DELETE FROM credential_to_pin WHERE patient_id = @patientId AND credential_id = @CredentialId AND credential = @json",
            new { patientId, credential.CredentialId, json = JsonOf(credential) }, transaction, cancellationToken: ct)) == 1;

    private static string JsonOf(Credential credential) => JsonSerializer.Serialize(credential, LedgerJson.Default.Credential);
}
