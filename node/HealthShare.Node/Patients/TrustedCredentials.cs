using System.Text.Json;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Database;

namespace HealthShare.Node.Patients;

/// <summary>
/// The custodian's own list of patients' credentials: those that its staff enrolled or accepted. What the ledger says of a
/// credential can be false when members collude; what stands here cannot be written by anyone else.
/// </summary>
public sealed class TrustedCredentials(IDatabase database, TimeProvider clock)
{
    /// <summary>Adds a credential. The first one under an id stays.</summary>
    public Task AddAsync(string patientId, Credential credential, CancellationToken ct) => database.WriteAsync(transaction =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            INSERT INTO trusted_credential (patient_id, credential_id, credential, trusted_at) VALUES (@patientId, @id, @json, @at)
            ON CONFLICT (patient_id, credential_id) DO NOTHING
            """,
            new
            {
                patientId,
                id = credential.CredentialId,
                json = JsonSerializer.Serialize(credential, LedgerJson.Default.Credential),
                at = clock.GetUtcNow().ToUnixTimeMilliseconds(),
            }, transaction, cancellationToken: ct)), ct);

    /// <summary>Tells which credentials of a patient are trusted: same id, key, RP id and origins, byte for byte.</summary>
    public async Task<Func<CredentialEntry, bool>> ForPatientAsync(string patientId, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var rows = await connection.QueryAsync<string>(new CommandDefinition(
            "SELECT credential FROM trusted_credential WHERE patient_id = @patientId", new { patientId }, cancellationToken: ct));
        var trusted = rows.ToHashSet(StringComparer.Ordinal);
        return entry => entry.PatientId == patientId
            && trusted.Contains(JsonSerializer.Serialize(entry.Credential, LedgerJson.Default.Credential));
    }
}
