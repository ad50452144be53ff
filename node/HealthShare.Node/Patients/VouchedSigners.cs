using System.Data.Common;
using System.Text;
using System.Text.Json;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Database;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;

namespace HealthShare.Node.Patients;

/// <summary>
/// Since when this node knows of each signer that hospitals vouch for. What stands on the ledger about time comes from whoever
/// proposed it; the waiting time that counts for a key runs on the custodian's own clock, and not before this hospital knows the
/// patient, since until then nobody here had reason to object.
/// </summary>
internal sealed class VouchedSigners(IDatabase database, ILedger ledger, TimeProvider clock) : IProjection, ITaskList<string>
{
    private const int BatchSize = 50;

    public async Task ApplyAsync(BlockChanges block, DbTransaction transaction, CancellationToken ct)
    {
        var seenAt = block.SeenAt.ToUnixTimeMilliseconds();
        foreach (var write in block.Writes)
        {
            if (write is { Kind: LedgerKind.VouchedSigner, Value: { } json }
                && JsonSerializer.Deserialize(json.Span, LedgerJson.Default.VouchedEntry) is { CompleteAt: { } completeAt })
            {
                // Completed anew, it waits anew; written again otherwise, the first time stays.
                await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
                    INSERT INTO vouched_signer (patient_id, signer_id, seen_at, followed, complete_at)
                    VALUES (@patientId, @signerId, @seenAt, 0, @completeAt)
                    ON CONFLICT (patient_id, signer_id) DO UPDATE SET seen_at = excluded.seen_at, followed = 0, complete_at = excluded.complete_at
                    WHERE vouched_signer.complete_at <> excluded.complete_at
                    """,
                    new { patientId = write.Parts[0], signerId = write.Parts[1], seenAt, completeAt = completeAt.ToUnixTimeMilliseconds() },
                    transaction, cancellationToken: ct));
            }
            if (write is { Kind: LedgerKind.Affiliation, Value: not null } && write.Parts[1] == ledger.MspId)
            {
                await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                    "UPDATE vouched_signer SET seen_at = @seenAt, followed = 0 WHERE patient_id = @patientId AND seen_at < @seenAt",
                    new { patientId = write.Parts[0], seenAt }, transaction, cancellationToken: ct));
            }
        }
    }

    /// <summary>Tells from when signers of a patient count here.</summary>
    public async Task<VouchedTimes> TimesAsync(string patientId, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return await TimesAsync(connection, null, patientId, ct);
    }

    /// <summary>Tells which signers of a patient count by now.</summary>
    public async Task<Func<VouchedEntry, bool>> ForPatientAsync(string patientId, CancellationToken ct) =>
        ByNow(await TimesAsync(patientId, ct));

    /// <inheritdoc cref="ForPatientAsync(string, CancellationToken)"/>
    public async Task<Func<VouchedEntry, bool>> ForPatientAsync(DbTransaction transaction, string patientId, CancellationToken ct) =>
        ByNow(await TimesAsync(transaction.Connection!, transaction, patientId, ct));

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

    private Func<VouchedEntry, bool> ByNow(VouchedTimes times)
    {
        var now = clock.GetUtcNow();
        return entry => times.From(entry) <= now;
    }

    private async Task<VouchedTimes> TimesAsync(DbConnection connection, DbTransaction? transaction, string patientId, CancellationToken ct)
    {
        var seen = (await connection.QueryAsync<(string SignerId, long SeenAt)>(new CommandDefinition(
            "SELECT signer_id, seen_at FROM vouched_signer WHERE patient_id = @patientId",
            new { patientId }, transaction, cancellationToken: ct))).ToList();
        if (seen.Count == 0)
            return new VouchedTimes(patientId, new Dictionary<string, DateTimeOffset>(), [], []);
        var affiliation = Encoding.UTF8.GetBytes(LedgerKey.Affiliation(patientId, ledger.MspId));
        if (await connection.QuerySingleOrDefaultAsync<long?>(new CommandDefinition(
                "SELECT seen_at FROM replica WHERE key = @affiliation", new { affiliation }, transaction, cancellationToken: ct)) is not { } since)
            return new VouchedTimes(patientId, new Dictionary<string, DateTimeOffset>(), [], []);
        // Those that were taken off the list, too: a patient who ever had one is never again a patient without.
        var held = (await connection.QueryAsync<(string Credential, long? RevokedAt)>(new CommandDefinition(
                "SELECT credential, revoked_at FROM trusted_credential WHERE patient_id = @patientId",
                new { patientId }, transaction, cancellationToken: ct)))
            .Select(row => (JsonSerializer.Deserialize(row.Credential, LedgerJson.Default.Credential)!, row.RevokedAt is not null)).ToList();
        var (first, end) = Replica.RangeOf(LedgerKind.Organization, []);
        var members = (await connection.QueryAsync<byte[]>(new CommandDefinition(
                "SELECT value FROM replica WHERE key >= @first AND key < @end", new { first, end }, transaction, cancellationToken: ct)))
            .Select(json => JsonSerializer.Deserialize(json, LedgerJson.Default.OrganizationEntry)!).ToList();
        // Before this hospital knew the patient nobody here had reason to object.
        return new VouchedTimes(patientId, seen.ToDictionary(signer => signer.SignerId, signer =>
            DateTimeOffset.FromUnixTimeMilliseconds(Math.Max(signer.SeenAt, since)) + VouchedEntry.Waiting, StringComparer.Ordinal), held, members);
    }

    private long Latest() => (clock.GetUtcNow() - VouchedEntry.Waiting).ToUnixTimeMilliseconds();
}
