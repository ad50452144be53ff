using System.Data.Common;
using Dapper;
using HealthShare.Node.Database;
using HealthShare.Vault.Keys;

namespace HealthShare.Node.Keys;

/// <summary>A key of another member's record, and what it stands on.</summary>
/// <param name="AccessId">The access whose decision permitted it, <c>ac-…</c>.</param>
/// <param name="RecordId">The record, <c>rc-…</c>.</param>
/// <param name="PatientId">The patient, <c>pt-…</c>.</param>
/// <param name="StatementId">The deciding statement, <c>st-…</c>; null when none decided.</param>
/// <param name="NotAfter">End of the decision; from then on the key is not given out, and is deleted.</param>
public sealed record ReceivedKey(string AccessId, string RecordId, string PatientId, string? StatementId, DateTimeOffset NotAfter);

/// <summary>Keys that other members delivered, kept only while the decision that permitted them stands.</summary>
public sealed class ReceivedKeys
{
    private readonly NodeKeys keys;
    private readonly IDatabase database;
    private readonly TimeProvider clock;

    internal ReceivedKeys(NodeKeys keys, IDatabase database, TimeProvider clock) =>
        (this.keys, this.database, this.clock) = (keys, database, clock);

    /// <summary>Keeps a key whose commitment the caller has checked. One that is there already stays.</summary>
    public Task KeepAsync(ReceivedKey received, ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> salt, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            if (!await keys.Secrets.AddAsync(transaction, SecretPurpose.ReceivedKey, IdOf(received.AccessId, received.RecordId), key.Span))
                return;
            await transaction.Connection!.ExecuteAsync("""
                INSERT INTO received_key (access_id, record_id, patient_id, statement_id, salt, not_after)
                VALUES (@AccessId, @RecordId, @PatientId, @StatementId, @salt, @notAfter)
                """, new
            {
                received.AccessId, received.RecordId, received.PatientId, received.StatementId, salt = salt.ToArray(),
                notAfter = received.NotAfter.ToUnixTimeMilliseconds(),
            }, transaction);
        }, ct);

    /// <summary>A key and the salt of its commitment, or null when there is none or its decision has ended. Dispose the key.</summary>
    public async Task<(SecretKey Key, byte[] Salt)?> FindAsync(string accessId, string recordId, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var salt = await connection.QuerySingleOrDefaultAsync<byte[]>(new CommandDefinition("""
            SELECT salt FROM received_key WHERE access_id = @accessId AND record_id = @recordId AND not_after > @now
            """, new { accessId, recordId, now = clock.GetUtcNow().ToUnixTimeMilliseconds() }, cancellationToken: ct));
        if (salt is null || await keys.Secrets.FindKeyAsync(SecretPurpose.ReceivedKey, IdOf(accessId, recordId), ct) is not { } key)
            return null;
        return (key, salt);
    }

    /// <summary>The records whose keys one access delivered, as far as its decisions have not ended.</summary>
    public async Task<IReadOnlySet<string>> RecordsOfAsync(string accessId, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return (await connection.QueryAsync<string>(new CommandDefinition(
            "SELECT record_id FROM received_key WHERE access_id = @accessId AND not_after > @now",
            new { accessId, now = clock.GetUtcNow().ToUnixTimeMilliseconds() }, cancellationToken: ct))).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>The keys of a patient's records, by access and record, as a transaction sees them.</summary>
    internal static async Task<IReadOnlyList<(string AccessId, string RecordId)>> OfPatientAsync(
        DbTransaction transaction, string patientId, CancellationToken ct) =>
        [.. (await transaction.Connection!.QueryAsync<Row>(new CommandDefinition(
            "SELECT access_id AS AccessId, record_id AS RecordId FROM received_key WHERE patient_id = @patientId", new { patientId },
            transaction, cancellationToken: ct))).Select(row => (row.AccessId, row.RecordId))];

    /// <summary>The patients of whose records there are keys, as a transaction sees them.</summary>
    internal static async Task<IReadOnlyList<string>> PatientsAsync(DbTransaction transaction, CancellationToken ct) =>
        [.. await transaction.Connection!.QueryAsync<string>(
            new CommandDefinition("SELECT DISTINCT patient_id FROM received_key", transaction: transaction, cancellationToken: ct))];

    /// <summary>Deletes one key together with what else the transaction writes. Absent already is fine.</summary>
    internal static Task DeleteAsync(DbTransaction transaction, string accessId, string recordId) =>
        DeleteAsync(transaction, new Row(accessId, recordId));

    /// <summary>Deletes every key of a patient's records, at erasure.</summary>
    internal static async Task DeleteByPatientAsync(DbTransaction transaction, string patientId, CancellationToken ct)
    {
        foreach (var (accessId, recordId) in await OfPatientAsync(transaction, patientId, ct))
            await DeleteAsync(transaction, accessId, recordId);
    }

    /// <summary>Deletes the keys whose decision has ended.</summary>
    /// <returns>How many keys were deleted.</returns>
    public Task<int> DeleteExpiredAsync(CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        var rows = (await transaction.Connection!.QueryAsync<Row>(new CommandDefinition(
            "SELECT access_id AS AccessId, record_id AS RecordId FROM received_key WHERE not_after <= @now",
            new { now = clock.GetUtcNow().ToUnixTimeMilliseconds() }, transaction, cancellationToken: ct))).AsList();
        foreach (var row in rows)
            await DeleteAsync(transaction, row);
        return rows.Count;
    }, ct);

    private static async Task DeleteAsync(DbTransaction transaction, Row row)
    {
        await SecretDeletion.DeleteAsync(transaction, SecretPurpose.ReceivedKey, IdOf(row.AccessId, row.RecordId));
        await transaction.Connection!.ExecuteAsync(
            "DELETE FROM received_key WHERE access_id = @AccessId AND record_id = @RecordId", row, transaction);
    }

    private static string IdOf(string accessId, string recordId) => $"{accessId}/{recordId}";

    private sealed record Row(string AccessId, string RecordId);
}
