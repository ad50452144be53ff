using System.Data.Common;
using Dapper;
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
public sealed record SealedRecord(string RecordId, Cid Cid, long Size, byte[] Commitment);

/// <summary>This node's own records: where each is, and its key.</summary>
public sealed class SealedRecords
{
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

    /// <summary>The key of an own record with the salt of its commitment, for reading it or for releasing it; null if there is none.</summary>
    /// <remarks>Whether it may be released is the caller's decision, made and logged before. Zero <c>Key</c> after use.</remarks>
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

    /// <summary>Remembers sealed records in one commit. Where one is remembered already, that one stays.</summary>
    /// <returns>What is remembered now, in the order given.</returns>
    internal Task<IReadOnlyList<SealedRecord>> RememberAsync(IReadOnlyList<FreshlySealed> fresh, CancellationToken ct) =>
        database.WriteAsync<IReadOnlyList<SealedRecord>>(async transaction =>
        {
            var remembered = new List<SealedRecord>(fresh.Count);
            foreach (var (record, key, salt) in fresh)
            {
                if (await keys.Secrets.AddAsync(transaction, SecretPurpose.RecordKey, record.RecordId, key.Bytes))
                {
                    await InsertAsync(transaction, record, salt);
                    remembered.Add(record);
                }
                else
                {
                    remembered.Add((await FindAsync(transaction.Connection!, transaction, record.RecordId, ct))!);
                }
            }
            return remembered;
        }, ct);

    private Task<int> InsertAsync(DbTransaction transaction, SealedRecord record, byte[] salt) => transaction.Connection!.ExecuteAsync("""
        INSERT INTO sealed_record (record_id, cid, size, salt, commitment, sealed_at)
        VALUES (@RecordId, @cid, @Size, @salt, @Commitment, @at)
        """, new
    {
        record.RecordId, cid = record.Cid.ToString(), record.Size, salt, record.Commitment,
        at = clock.GetUtcNow().ToUnixTimeMilliseconds(),
    }, transaction);

    private static async Task<SealedRecord?> FindAsync(DbConnection connection, DbTransaction? transaction, string recordId, CancellationToken ct)
    {
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            "SELECT cid, size, commitment FROM sealed_record WHERE record_id = @recordId", new { recordId }, transaction, cancellationToken: ct));
        return row is null ? null : new(recordId, Cid.Parse(row.Cid), row.Size, row.Commitment);
    }

    private sealed record Row(string Cid, long Size, byte[] Commitment);
}

/// <summary>A record that is stored but not remembered yet.</summary>
internal sealed record FreshlySealed(SealedRecord Record, Vault.Keys.SecretKey Key, byte[] Salt);
