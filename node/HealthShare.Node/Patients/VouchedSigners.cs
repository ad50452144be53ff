using System.Data.Common;
using System.Text.Json;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Database;
using HealthShare.Node.ReadModel;

namespace HealthShare.Node.Patients;

/// <summary>
/// Since when this node knows of each signer that hospitals vouch for. What stands on the ledger about time comes from whoever
/// proposed it; the waiting time that counts for a key runs on the custodian's own clock.
/// </summary>
internal sealed class VouchedSigners(IDatabase database, TimeProvider clock) : IProjection
{
    private const int BatchSize = 50;

    public async Task ApplyAsync(BlockChanges block, DbTransaction transaction, CancellationToken ct)
    {
        foreach (var write in block.Writes)
        {
            if (write is not { Kind: LedgerKind.VouchedSigner, Value: { } json }
                || JsonSerializer.Deserialize(json.Span, LedgerJson.Default.VouchedEntry) is not { CompleteAt: not null })
                continue;
            await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
                INSERT INTO vouched_signer (patient_id, signer_id, seen_at, followed) VALUES (@patientId, @signerId, @seenAt, 0)
                ON CONFLICT (patient_id, signer_id) DO NOTHING
                """,
                new { patientId = write.Parts[0], signerId = write.Parts[1], seenAt = block.SeenAt.ToUnixTimeMilliseconds() },
                transaction, cancellationToken: ct));
        }
    }

    /// <summary>Tells which signers of a patient have waited long enough and were not objected to.</summary>
    public async Task<Func<VouchedEntry, bool>> ForPatientAsync(string patientId, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return await ForPatientAsync(connection, null, patientId, ct);
    }

    /// <inheritdoc cref="ForPatientAsync(string, CancellationToken)"/>
    public Task<Func<VouchedEntry, bool>> ForPatientAsync(DbTransaction transaction, string patientId, CancellationToken ct) =>
        ForPatientAsync(transaction.Connection!, transaction, patientId, ct);

    /// <summary>Patients with signers whose waiting time has ended since the list of credentials was looked at.</summary>
    public async Task<IReadOnlyList<string>> DueAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return [.. await connection.QueryAsync<string>(new CommandDefinition(
            "SELECT DISTINCT patient_id FROM vouched_signer WHERE followed = 0 AND seen_at <= @latest LIMIT @limit",
            new { latest = Latest(), limit = BatchSize }, cancellationToken: ct))];
    }

    /// <summary>Notes that the list of credentials was looked at.</summary>
    public Task FollowedAsync(DbTransaction transaction, string patientId, CancellationToken ct) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE vouched_signer SET followed = 1 WHERE patient_id = @patientId AND seen_at <= @latest",
            new { patientId, latest = Latest() }, transaction, cancellationToken: ct));

    private async Task<Func<VouchedEntry, bool>> ForPatientAsync(
        DbConnection connection, DbTransaction? transaction, string patientId, CancellationToken ct)
    {
        var waited = (await connection.QueryAsync<string>(new CommandDefinition(
            "SELECT signer_id FROM vouched_signer WHERE patient_id = @patientId AND seen_at <= @latest",
            new { patientId, latest = Latest() }, transaction, cancellationToken: ct))).ToHashSet(StringComparer.Ordinal);
        return entry => entry is { ObjectedBy: null, CompleteAt: not null } && entry.Attested.PatientId == patientId
            && waited.Contains(entry.Attested.SignerId);
    }

    private long Latest() => (clock.GetUtcNow() - VouchedEntry.Waiting).ToUnixTimeMilliseconds();
}
