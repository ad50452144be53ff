using System.Data.Common;
using System.Text.Json;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Database;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;

namespace HealthShare.Node.Patients.Merges;

/// <summary>A merge for this hospital's directory to follow, or to undo.</summary>
/// <param name="Surviving">The id that stays.</param>
/// <param name="Merged">The id that goes out of use.</param>
/// <param name="State"><c>waiting</c> or <c>stopping</c>.</param>
internal sealed record MergeTask(string Surviving, string Merged, string State);

/// <summary>
/// Merges as the blocks bring them, and what becomes of the hospital's numbers: they lead to the surviving id once the waiting time is
/// over by this node's own clock, for there the data meets other permits; and back when a merge is stopped.
/// </summary>
internal sealed class MergeTasks(IDatabase database, ILedger ledger, TimeProvider clock) : IProjection
{
    private const int BatchSize = 50;

    public async Task ApplyAsync(BlockChanges block, DbTransaction transaction, CancellationToken ct)
    {
        foreach (var write in block.Writes)
        {
            if (write is { Kind: LedgerKind.Merge, Value: { } json })
                await FollowAsync(JsonSerializer.Deserialize(json.Span, LedgerJson.Default.MergeEntry)!, block.SeenAt, transaction, ct);
            else if (write is { Kind: LedgerKind.EndedStatement })
                await StopAsync("merge_id = @id AND (surviving = @patient OR merged = @patient)", new { patient = write.Parts[0], id = write.Parts[1] }, transaction, ct);
        }
    }

    /// <summary>What the directory has to follow or to undo now.</summary>
    public async Task<IReadOnlyList<MergeTask>> DueAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return [.. await connection.QueryAsync<MergeTask>(new CommandDefinition("""
            SELECT surviving AS Surviving, merged AS Merged, state AS State FROM patient_merge
            WHERE state = 'stopping' OR (state = 'waiting' AND seen_at <= @latest) ORDER BY seen_at LIMIT @limit
            """, new { latest = (clock.GetUtcNow() - MergeEntry.Waiting).ToUnixTimeMilliseconds(), limit = BatchSize }, cancellationToken: ct))];
    }

    /// <summary>Does what a task asks for.</summary>
    /// <returns>False where it has to wait: this hospital is not affiliated with the id that stays.</returns>
    public Task<bool> CarryOutAsync(MergeTask task, CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        var undo = task.State == "stopping";
        // A record can be registered only where the hospital is affiliated.
        if (!undo && await new ReplicaInBlock(transaction).GetAsync(LedgerKey.Affiliation(task.Surviving, ledger.MspId), ct) is null)
            return false;
        var moved = await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE patient_merge SET state = @to WHERE surviving = @Surviving AND merged = @Merged AND state = @State",
            new { to = undo ? "stopped" : "applied", task.Surviving, task.Merged, task.State }, transaction, cancellationToken: ct));
        if (moved == 1)
            await (undo ? PatientDirectory.UnmergeAsync(transaction, task.Merged, task.Surviving, ct)
                : PatientDirectory.MergeAsync(transaction, task.Merged, task.Surviving, clock.GetUtcNow(), ct));
        return moved == 1;
    }, ct);

    private static Task<int> FollowAsync(MergeEntry entry, DateTimeOffset seenAt, DbTransaction transaction, CancellationToken ct)
    {
        if (entry.ObjectedBy is not null)
            return StopAsync("surviving = @Surviving AND merged = @Merged", entry.Merge, transaction, ct);
        return entry.CompleteAt is null ? Task.FromResult(0) : transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            INSERT INTO patient_merge (surviving, merged, merge_id, seen_at, state) VALUES (@Surviving, @Merged, @MergeId, @at, 'waiting')
            ON CONFLICT (surviving, merged) DO NOTHING
            """, new { entry.Merge.Surviving, entry.Merge.Merged, entry.Merge.MergeId, at = seenAt.ToUnixTimeMilliseconds() },
            transaction, cancellationToken: ct));
    }

    // The conditions are the two above, never input.
    private static Task<int> StopAsync(string which, object values, DbTransaction transaction, CancellationToken ct) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            $"UPDATE patient_merge SET state = 'stopping' WHERE state IN ('waiting', 'applied') AND {which}", values, transaction, cancellationToken: ct));
}
