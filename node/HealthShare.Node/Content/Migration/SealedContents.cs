using System.Data.Common;
using Dapper;
using HealthShare.Node.Database;
using HealthShare.Vault.Content;

namespace HealthShare.Node.Content.Migration;

/// <summary>What a node has sealed, by its database: a migration copies pins, and a record that is not pinned should be missed.</summary>
internal static class SealedContents
{
    /// <summary>Record ids by their contents; empty where the node never ran.</summary>
    /// <exception cref="IOException">The database cannot be asked.</exception>
    public static async Task<Dictionary<Cid, string>> ReadAsync(IDatabase database, CancellationToken ct)
    {
        if (database is SqliteDatabase { Exists: false })
            return [];
        try
        {
            await using var connection = await database.OpenAsync(ct);
            var rows = await connection.QueryAsync<(string Cid, string RecordId)>(new CommandDefinition(
                "SELECT cid AS Cid, record_id AS RecordId FROM sealed_record", cancellationToken: ct));
            return rows.DistinctBy(row => row.Cid).ToDictionary(row => Cid.Parse(row.Cid), row => row.RecordId);
        }
        catch (DbException e)
        {
            throw new IOException($"The source's database does not tell which records are sealed: {e.Message}", e);
        }
    }
}

/// <summary>A record that the node has sealed and the source does not pin.</summary>
/// <param name="RecordId">The record.</param>
/// <param name="Cid">Its content.</param>
internal sealed record UnpinnedRecord(string RecordId, string Cid);
