using Dapper;
using HealthShare.Node.Database;
using HealthShare.Vault.Content;

namespace HealthShare.Node.Content.Keeping.Passes;

/// <summary>Contents that are pinned here and that nothing refers to, and since when that is known, durable.</summary>
internal sealed class OrphanTable(IDatabase database, TimeProvider clock)
{
    private const int Batch = 500;

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Takes out of a set what this node has sealed, whether it is on the ledger yet or not.</summary>
    public async Task RemoveSealedAsync(HashSet<Cid> contents, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        foreach (var batch in contents.Select(cid => cid.ToString()).Chunk(Batch).ToList())
        {
            var cids = new ValueList(batch);
            var known = await connection.QueryAsync<string>(new CommandDefinition(
                $"SELECT cid FROM sealed_record WHERE cid IN {cids.Sql}", cids.With(), cancellationToken: ct));
            foreach (var cid in known)
                contents.Remove(Cid.Parse(cid));
        }
    }

    /// <summary>Writes which there are now. What was one before keeps its time.</summary>
    public Task ReplaceAsync(IReadOnlyCollection<Cid> orphans, CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        var connection = transaction.Connection!;
        var before = (await connection.QueryAsync<string>(new CommandDefinition(
            "SELECT cid FROM content_orphan", transaction: transaction, cancellationToken: ct))).ToHashSet(StringComparer.Ordinal);
        var now = orphans.Select(cid => cid.ToString()).ToHashSet(StringComparer.Ordinal);
        foreach (var batch in before.Except(now).Chunk(Batch))
        {
            var cids = new ValueList(batch);
            await connection.ExecuteAsync(new CommandDefinition(
                $"DELETE FROM content_orphan WHERE cid IN {cids.Sql}", cids.With(), transaction, cancellationToken: ct));
        }
        await connection.ExecuteAsync(new CommandDefinition("INSERT INTO content_orphan (cid, found_at) VALUES (@cid, @Now)",
            now.Except(before).Select(cid => new { cid, Now }).ToList(), transaction, cancellationToken: ct));
    }, ct);

    /// <summary>Those that have been known for so long.</summary>
    public async Task<IReadOnlyList<Cid>> OlderThanAsync(TimeSpan age, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var rows = await connection.QueryAsync<string>(new CommandDefinition(
            "SELECT cid FROM content_orphan WHERE found_at <= @before", new { before = Now - (long)age.TotalMilliseconds }, cancellationToken: ct));
        return [.. rows.Select(Cid.Parse)];
    }

    /// <summary>How many there are.</summary>
    public async Task<long> CountAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition("SELECT count(*) FROM content_orphan", cancellationToken: ct));
    }

    /// <summary>One was unpinned.</summary>
    public Task RemoveAsync(Cid cid, CancellationToken ct) => database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(
        new CommandDefinition("DELETE FROM content_orphan WHERE cid = @cid", new { cid = cid.ToString() }, transaction, cancellationToken: ct)), ct);
}
