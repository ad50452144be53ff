using System.Data.Common;
using System.Text;
using Dapper;
using HealthShare.Node.Database;

namespace HealthShare.Node.ReadModel;

/// <summary>Position and hash up to which the copy is applied.</summary>
internal sealed record Checkpoint(ulong Next, byte[] LastHash);

/// <summary>Writes blocks into the copy: replica, the features' tables and the checkpoint, all or nothing.</summary>
internal sealed class ReplicaWriter(IDatabase database, IEnumerable<IProjection> projections)
{
    private readonly IProjection[] projections = [.. projections];

    public async Task<Checkpoint> LoadAsync(CancellationToken ct)
    {
        await database.WriteAsync(async transaction =>
        {
            await ReplicaNewest.FillAsync(transaction, ct);
            foreach (var projection in projections)
                await projection.BeginAsync(transaction, ct);
        }, ct);
        await using var connection = await database.OpenAsync(ct);
        var row = await connection.QuerySingleAsync<(long Next, byte[]? Hash)>(
            new CommandDefinition("SELECT next_block, last_hash FROM replica_checkpoint", cancellationToken: ct));
        return new Checkpoint((ulong)row.Next, row.Hash ?? []);
    }

    /// <summary>Applies one block.</summary>
    /// <exception cref="ChainBrokenException">The checkpoint is not before this block: another process writes this database.</exception>
    public Task ApplyAsync(BlockChanges block, byte[] hash, CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        await MoveCheckpointAsync(block, hash, transaction);
        foreach (var write in block.Writes)
            await WriteAsync(write, block, transaction);
        foreach (var projection in projections)
            await projection.ApplyAsync(block, transaction, ct);
    }, ct);

    private static async Task MoveCheckpointAsync(BlockChanges block, byte[] hash, DbTransaction transaction)
    {
        var moved = await transaction.Connection!.ExecuteAsync(
            "UPDATE replica_checkpoint SET next_block = @next, last_hash = @hash WHERE next_block = @block",
            new { next = (long)block.Block + 1, hash, block = (long)block.Block }, transaction);
        if (moved != 1)
            throw new ChainBrokenException($"the copy is not before block {block.Block}; does another process write this database?");
    }

    private static async Task WriteAsync(StateWrite change, BlockChanges block, DbTransaction transaction)
    {
        var key = Encoding.UTF8.GetBytes(change.Key);
        if (ReplicaNewest.Holds(change.Kind))
        {
            await (change.Value is null
                ? ReplicaNewest.RemoveAsync(transaction, key)
                : ReplicaNewest.SetAsync(transaction, change.Kind, change.Parts[0], key, (long)block.Block));
        }
        await (change.Value is { } value
            ? transaction.Connection!.ExecuteAsync("""
                INSERT INTO replica (key, value, block, transaction_id, seen_at, first_seen_at)
                VALUES (@key, @value, @block, @TransactionId, @seenAt, @seenAt)
                ON CONFLICT (key) DO UPDATE SET value = excluded.value, block = excluded.block,
                    transaction_id = excluded.transaction_id, seen_at = excluded.seen_at
                """,
                new
                {
                    key,
                    value = value.ToArray(),
                    block = (long)block.Block,
                    change.TransactionId,
                    seenAt = block.SeenAt.ToUnixTimeMilliseconds(),
                }, transaction)
            : transaction.Connection!.ExecuteAsync("DELETE FROM replica WHERE key = @key", new { key }, transaction));
    }
}
