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
                await HearEndedAsync(write.Parts[0], write.Parts[1], transaction, ct);
        }
    }

    /// <summary>What the directory has to follow or to undo now.</summary>
    public async Task<IReadOnlyList<MergeTask>> DueAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return [.. await connection.QueryAsync<MergeTask>(new CommandDefinition("""
            SELECT surviving AS Surviving, merged AS Merged, state AS State FROM patient_merge
            WHERE state = 'stopping' OR (state = 'waiting' AND seen_at <= @latest
                AND EXISTS (SELECT 1 FROM patient_identifier WHERE patient_id = merged))
            ORDER BY state, seen_at LIMIT @limit
            """, new { latest = (clock.GetUtcNow() - MergeEntry.Waiting).ToUnixTimeMilliseconds(), limit = BatchSize }, cancellationToken: ct))];
    }

    /// <summary>Does what a task asks for.</summary>
    /// <returns>False where it has to wait: the merge does not count, or this hospital is not affiliated with the id that stays.</returns>
    public Task<bool> CarryOutAsync(MergeTask task, CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        var undo = task.State == "stopping";
        var isErased = await PatientDirectory.IsErasedAsync(transaction, task.Surviving, ct);
        if (!undo && !isErased && !await MayFollowAsync(task, transaction, ct))
            return false;
        var moved = await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE patient_merge SET state = @to WHERE surviving = @Surviving AND merged = @Merged AND state = @State",
            new { to = undo || isErased ? "stopped" : "applied", task.Surviving, task.Merged, task.State }, transaction, cancellationToken: ct));
        if (moved == 1 && undo)
            await PatientDirectory.UnmergeAsync(transaction, task.Merged, task.Surviving, clock.GetUtcNow(), ct);
        else if (moved == 1 && !isErased) // nobody's data goes to an id that is never used again
            await PatientDirectory.MergeAsync(transaction, task.Merged, task.Surviving, clock.GetUtcNow(), ct);
        return moved == 1;
    }, ct);

    // A record can be registered only where the hospital is affiliated.
    private async Task<bool> MayFollowAsync(MergeTask task, DbTransaction transaction, CancellationToken ct)
    {
        var state = new ReplicaInBlock(transaction);
        return await state.GetAsync(LedgerKey.Affiliation(task.Surviving, ledger.MspId), ct) is not null
            && await state.GetAsync(LedgerKey.Merge(task.Surviving, task.Merged), LedgerJson.Default.MergeEntry, ct) is { } entry
            && await Merging.CountsAsync(state, entry, ct);
    }

    // Numbers move by this hospital's own word only: what others say of two ids carries denies, and its new data nowhere.
    private Task<int> FollowAsync(MergeEntry entry, DateTimeOffset seenAt, DbTransaction transaction, CancellationToken ct)
    {
        if (entry.ObjectedBy is not null)
            return StopAsync(entry.Merge, transaction, ct);
        return entry.CompleteAt is null || entry.Vouchers.All(voucher => voucher.Member != ledger.MspId)
            ? Task.FromResult(0)
            : transaction.Connection!.ExecuteAsync(new CommandDefinition("""
                INSERT INTO patient_merge (surviving, merged, merge_id, seen_at, state) VALUES (@Surviving, @Merged, @MergeId, @at, 'waiting')
                ON CONFLICT (surviving, merged) DO NOTHING
                """, new { entry.Merge.Surviving, entry.Merge.Merged, entry.Merge.MergeId, at = seenAt.ToUnixTimeMilliseconds() },
                transaction, cancellationToken: ct));
    }

    // Anybody who signs chooses an id; whether the patient revoked the merge is asked where it is always asked.
    private static async Task HearEndedAsync(string patientId, string id, DbTransaction transaction, CancellationToken ct)
    {
        var state = new ReplicaInBlock(transaction);
        foreach (var named in await transaction.Connection!.QueryAsync<MergeTask>(new CommandDefinition("""
            SELECT surviving AS Surviving, merged AS Merged, state AS State FROM patient_merge
            WHERE merge_id = @id AND (surviving = @patientId OR merged = @patientId)
            """, new { id, patientId }, transaction, cancellationToken: ct)))
        {
            if (await state.GetAsync(LedgerKey.Merge(named.Surviving, named.Merged), LedgerJson.Default.MergeEntry, ct) is { } entry
                && !await Merging.CountsAsync(state, entry, ct))
                await StopAsync(entry.Merge, transaction, ct);
        }
    }

    private static Task<int> StopAsync(MergePatients merge, DbTransaction transaction, CancellationToken ct) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            UPDATE patient_merge SET state = 'stopping' WHERE state IN ('waiting', 'applied') AND surviving = @Surviving AND merged = @Merged
            """, new { merge.Surviving, merge.Merged }, transaction, cancellationToken: ct));
}
