using System.Data.Common;
using System.Text;
using Dapper;
using HealthShare.Chaincode.Ledger;

namespace HealthShare.Node.ReadModel;

/// <summary>
/// The order in which entries of some kinds were written: those of which a patient may have any number, and which are read newest first. It
/// is kept beside the copy, so that a page of them costs the same however many there are.
/// </summary>
internal static class ReplicaNewest
{
    private static readonly LedgerKind[] Kinds = [LedgerKind.EndedStatement, LedgerKind.Emergency, LedgerKind.EmergencyReview];

    /// <summary>True for kinds whose order is kept.</summary>
    public static bool Holds(LedgerKind kind) => Kinds.Contains(kind);

    /// <summary>Notes that an entry was written.</summary>
    public static Task<int> SetAsync(DbTransaction transaction, LedgerKind kind, string patientId, byte[] key, long block) =>
        transaction.Connection!.ExecuteAsync("""
            INSERT INTO replica_newest (key, list, block) VALUES (@key, @list, @block) ON CONFLICT (key) DO UPDATE SET block = excluded.block
            """, new { key, list = Replica.RangeOf(kind, [patientId]).From, block }, transaction);

    /// <summary>Notes that an entry was deleted.</summary>
    public static Task<int> RemoveAsync(DbTransaction transaction, byte[] key) =>
        transaction.Connection!.ExecuteAsync("DELETE FROM replica_newest WHERE key = @key", new { key }, transaction);

    /// <summary>Makes up for entries that were written before their order was kept.</summary>
    public static async Task FillAsync(DbTransaction transaction, CancellationToken ct)
    {
        var connection = transaction.Connection!;
        if (await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT count(*) FROM (SELECT 1 FROM replica_newest LIMIT 1) AS found", transaction: transaction, cancellationToken: ct)) > 0)
            return;
        foreach (var kind in Kinds)
        {
            var (from, to) = Replica.RangeOf(kind, []);
            var rows = await connection.QueryAsync<(byte[] Key, long Block)>(new CommandDefinition(
                "SELECT key, block FROM replica WHERE key >= @from AND key < @to", new { from, to }, transaction, cancellationToken: ct));
            foreach (var (key, block) in rows.AsList())
            {
                if (LedgerKey.TryParse(Encoding.UTF8.GetString(key), out _, out var parts))
                    await SetAsync(transaction, kind, parts[0], key, block);
            }
        }
    }
}
