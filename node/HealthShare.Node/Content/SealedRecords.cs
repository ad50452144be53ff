using System.Buffers.Text;
using System.Data.Common;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Database;
using HealthShare.Node.Keys;
using HealthShare.Vault.Content;
using HealthShare.Vault.Records;
using HealthShare.Vault.Sealing;

namespace HealthShare.Node.Content;

/// <summary>What the ledger is told of a sealed record.</summary>
/// <param name="RecordId">The record, <c>rc-…</c>.</param>
/// <param name="Cid">Id of the ciphertext.</param>
/// <param name="Size">Length of the ciphertext, in bytes.</param>
/// <param name="Commitment">Commitment to the record's key, 32 bytes; see <see cref="RecordKeyCommitment"/>.</param>
public sealed record SealedRecord(string RecordId, Cid Cid, long Size, byte[] Commitment)
{
    /// <summary>True where a registered record is this one: its content, under its key.</summary>
    internal bool IsOf(NewRecord registered) =>
        registered.RecordId == RecordId && registered.Cid == Cid.ToString() && registered.KeyCommitment == Base64Url.EncodeToString(Commitment);
}

/// <summary>This node's own records: where each is, and its key.</summary>
public sealed class SealedRecords
{
    private const int ForgottenAtOnce = 500;
    private readonly NodeKeys keys;
    private readonly IDatabase database;
    private readonly TimeProvider clock;

    internal SealedRecords(NodeKeys keys, IDatabase database, TimeProvider clock) =>
        (this.keys, this.database, this.clock) = (keys, database, clock);

    /// <summary>What was sealed under a record id, or null.</summary>
    public async Task<SealedRecord?> FindAsync(string recordId, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return await FindAsync(connection, null, recordId, ct);
    }

    /// <summary>What was sealed under several record ids, in their order; null where nothing was.</summary>
    public async Task<IReadOnlyList<SealedRecord?>> FindAsync(IReadOnlyList<string> recordIds, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return await connection.QueryEachAsync(null, "SELECT record_id, cid, size, commitment FROM sealed_record WHERE record_id = @value", recordIds,
            row => new SealedRecord(row.GetString(0), Cid.Parse(row.GetString(1)), row.GetInt64(2), row.GetFieldValue<byte[]>(3)), ct);
    }

    /// <summary>The parts of several records, by the records; none for most.</summary>
    internal async Task<ILookup<string, SealedRecord>> PartsAsync(IReadOnlyList<string> recordIds, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var some = new ValueList(recordIds);
        var rows = await connection.QueryAsync<PartRow>(new CommandDefinition($"""
            SELECT part_of AS PartOf, record_id AS RecordId, cid AS Cid, size AS Size, commitment AS Commitment FROM sealed_record
            WHERE part_of IN {some.Sql} ORDER BY record_id
            """, some.With(), cancellationToken: ct));
        return rows.ToLookup(row => row.PartOf, row => new SealedRecord(row.RecordId, Cid.Parse(row.Cid), row.Size, row.Commitment), StringComparer.Ordinal);
    }

    /// <summary>The key of an own record with the salt of its commitment, for reading it or for releasing it; null if there is none.</summary>
    /// <remarks>A part has none of its own. Whether it may be released is the caller's decision, made and logged before. Zero <c>Key</c> after use.</remarks>
    /// <exception cref="HealthShare.Vault.VaultException">The wrapped key is damaged.</exception>
    public async Task<EnvelopeKey?> FindKeyAsync(string recordId, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var salt = await connection.QuerySingleOrDefaultAsync<byte[]>(new CommandDefinition(
            "SELECT salt FROM sealed_record WHERE record_id = @recordId", new { recordId }, cancellationToken: ct));
        return salt is not null && await keys.Secrets.FindAsync(connection, SecretPurpose.RecordKey, recordId, ct) is { } key
            ? new EnvelopeKey(recordId, key, salt)
            : null;
    }

    /// <summary>
    /// Destroys the keys of records, as of a patient who erased, and what is known of them; their contents are noted in the same
    /// transaction as those to let go of. Absent already is fine.
    /// </summary>
    internal async Task ForgetAsync(string patientId, IReadOnlyList<string> recordIds, CancellationToken ct)
    {
        foreach (var some in recordIds.Chunk(ForgottenAtOnce))
        {
            await database.WriteAsync(async transaction =>
            {
                foreach (var recordId in some)
                    await ForgetAsync(transaction, patientId, recordId);
            }, ct);
        }
    }

    /// <summary>As the other, together with what else the transaction writes.</summary>
    /// <returns>The contents that were noted.</returns>
    internal static async Task<IReadOnlyList<string>> ForgetAsync(DbTransaction transaction, string patientId, string recordId)
    {
        await SecretDeletion.DeleteAsync(transaction, SecretPurpose.RecordKey, recordId);
        var contents = (await transaction.Connection!.QueryAsync<string>(
            "DELETE FROM sealed_record WHERE record_id = @recordId OR part_of = @recordId RETURNING cid", new { recordId }, transaction)).AsList();
        await transaction.Connection!.ExecuteAsync(
            "INSERT INTO erased_content (patient_id, cid) VALUES (@patientId, @cid) ON CONFLICT (patient_id, cid) DO NOTHING",
            contents.Select(cid => new { patientId, cid }), transaction);
        await transaction.Connection!.ExecuteAsync("DELETE FROM record_provenance WHERE record_id = @recordId", new { recordId }, transaction);
        return contents;
    }

    /// <summary>Forgets contents that the store has let go of.</summary>
    internal Task ReleasedAsync(string patientId, IReadOnlyCollection<string> contents, CancellationToken ct) => database.WriteAsync(transaction =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition("DELETE FROM erased_content WHERE patient_id = @patientId AND cid = @cid",
            contents.Select(cid => new { patientId, cid }), transaction, cancellationToken: ct)), ct);

    /// <summary>True when the key of some record with this content is here.</summary>
    internal async Task<bool> HoldsAsync(Cid cid, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT count(*) FROM sealed_record WHERE cid = @cid", new { cid = cid.ToString() }, cancellationToken: ct)) > 0;
    }

    /// <summary>Remembers sealed records in one commit. Where one is remembered already, that one stays.</summary>
    /// <returns>What is remembered now, in the order given.</returns>
    internal Task<IReadOnlyList<SealedRecord>> RememberAsync(IReadOnlyList<FreshlySealed> fresh, CancellationToken ct) =>
        database.WriteAsync<IReadOnlyList<SealedRecord>>(async transaction =>
        {
            var kept = await keys.Secrets.AddAsync(transaction, SecretPurpose.RecordKey, fresh.Select(one => (one.Record.RecordId, one.Key)), ct);
            var remembered = new List<SealedRecord>(fresh.Count);
            var missing = new Dictionary<string, FreshlySealed>(StringComparer.Ordinal);
            foreach (var one in fresh)
            {
                // A key and its record are always kept together, so where all keys are new there is no record to look for.
                var there = kept == fresh.Count ? null : await FindAsync(transaction.Connection!, transaction, one.Record.RecordId, ct);
                if (there is null)
                    missing.TryAdd(one.Record.RecordId, one); // of two in one batch the first one's key was kept
                remembered.Add(there ?? missing[one.Record.RecordId].Record);
            }
            await InsertAsync(transaction, missing.Values, ct);
            return remembered;
        }, ct);

    private Task<int> InsertAsync(DbTransaction transaction, IEnumerable<FreshlySealed> fresh, CancellationToken ct)
    {
        var at = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            INSERT INTO sealed_record (record_id, cid, size, salt, commitment, sealed_at, part_of)
            VALUES (@RecordId, @Cid, @Size, @Salt, @Commitment, @At, @PartOf)
            """, fresh.SelectMany(Rows), transaction, cancellationToken: ct));

        IEnumerable<object> Rows(FreshlySealed one) =>
            [Row(one.Record, one.Salt, null), .. one.Parts.Select(part => Row(part.Record, part.Salt, one.Record.RecordId))];

        object Row(SealedRecord record, byte[] salt, string? partOf) =>
            new { record.RecordId, Cid = record.Cid.ToString(), record.Size, Salt = salt, record.Commitment, At = at, PartOf = partOf };
    }

    private static async Task<SealedRecord?> FindAsync(DbConnection connection, DbTransaction? transaction, string recordId, CancellationToken ct)
    {
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            "SELECT cid, size, commitment FROM sealed_record WHERE record_id = @recordId", new { recordId }, transaction, cancellationToken: ct));
        return row is null ? null : new(recordId, Cid.Parse(row.Cid), row.Size, row.Commitment);
    }

    private sealed record Row(string Cid, long Size, byte[] Commitment);

    private sealed record PartRow(string PartOf, string RecordId, string Cid, long Size, byte[] Commitment);
}

/// <summary>A record that is stored but not remembered yet.</summary>
internal sealed record FreshlySealed(SealedRecord Record, Vault.Keys.SecretKey Key, byte[] Salt)
{
    /// <summary>Its parts, whose keys follow from its own.</summary>
    public IReadOnlyList<(SealedRecord Record, byte[] Salt)> Parts { get; init; } = [];
}
