using System.Data.Common;
using System.Text.Json;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Database;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;

namespace HealthShare.Node.Patients.Merges;

/// <summary>A merge that this hospital said, and what is to be done about it.</summary>
/// <param name="Surviving">The id that stays.</param>
/// <param name="Merged">The id that goes out of use.</param>
/// <param name="MergeId">Id of the merge.</param>
/// <param name="State"><c>waiting</c>, <c>applied</c> or <c>stopping</c>.</param>
/// <param name="SaidComplete">True once a word was given that found the merge complete.</param>
/// <param name="Attempts">How often it was put off.</param>
internal sealed record MergeTask(string Surviving, string Merged, string MergeId, string State, bool SaidComplete, int Attempts);

/// <summary>
/// Merges as the blocks bring them, and what becomes of the hospital's numbers: they lead to the surviving id once the waiting time is
/// over by this node's own clock, for there the data meets other permits; and back when a merge is stopped.
/// </summary>
internal sealed class MergeTasks(IDatabase database, ILedger ledger, TimeProvider clock) : IProjection, ITaskList<MergeTask>
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
            else if (write is { Kind: LedgerKind.Affiliation } && write.Parts[1] == ledger.MspId)
                await NowAsync(write.Parts[0], transaction, ct);
        }
    }

    /// <summary>What is to be said, followed or undone now.</summary>
    public async Task<IReadOnlyList<MergeTask>> DueAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var now = clock.GetUtcNow();
        return [.. (await connection.QueryAsync<Row>(new CommandDefinition("""
            SELECT surviving AS Surviving, merged AS Merged, merge_id AS MergeId, state AS State, said_complete AS SaidComplete, attempts AS Attempts
            FROM patient_merge
            WHERE next_at <= @now AND (state = 'stopping' OR (state IN ('waiting', 'applied') AND said_complete = 0)
                OR (state = 'waiting' AND seen_at <= @latest AND EXISTS (SELECT 1 FROM patient_identifier WHERE patient_id = merged)))
            ORDER BY next_at, seen_at LIMIT @limit
            """, new { now = now.ToUnixTimeMilliseconds(), latest = (now - MergeEntry.Waiting).ToUnixTimeMilliseconds(), limit = BatchSize },
            cancellationToken: ct))).Select(row => row.ToTask())];
    }

    /// <summary>
    /// Lets the hospital's numbers follow, or undoes it.
    /// </summary>
    /// <returns>False where it has to wait: for its time, or since the hospital is not affiliated with the id that stays.</returns>
    public Task<bool> CarryOutAsync(MergeTask task, CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        var undo = task.State == "stopping";
        var isErased = await PatientDirectory.IsErasedAsync(transaction, task.Surviving, ct);
        if (!undo && !isErased && !await MayFollowAsync(task, transaction, ct))
            return false;
        var moved = await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            UPDATE patient_merge SET state = @to
            WHERE surviving = @Surviving AND merged = @Merged AND state = @State AND (state = 'stopping' OR (state = 'waiting' AND seen_at <= @latest))
            """, new
        {
            to = undo || isErased ? "stopped" : "applied", task.Surviving, task.Merged, task.State,
            latest = (clock.GetUtcNow() - MergeEntry.Waiting).ToUnixTimeMilliseconds(),
        }, transaction, cancellationToken: ct));
        if (moved == 1 && undo)
            await PatientDirectory.UnmergeAsync(transaction, task.Merged, task.Surviving, clock.GetUtcNow(), ct);
        else if (moved == 1 && !isErased) // nobody's data goes to an id that is never used again
            await PatientDirectory.MergeAsync(transaction, task.Merged, task.Surviving, clock.GetUtcNow(), ct);
        return moved == 1;
    }, ct);

    /// <summary>A word was given that found the merge complete, or none is taken any more.</summary>
    public Task SaidAsync(MergeTask task, CancellationToken ct) => database.WriteAsync(transaction => ExecuteAsync(
        "UPDATE patient_merge SET said_complete = 1, attempts = 0, next_at = 0 WHERE surviving = @Surviving AND merged = @Merged",
        new { task.Surviving, task.Merged }, transaction, ct), ct);

    /// <summary>Puts a task off, for longer each time.</summary>
    public Task LaterAsync(MergeTask task, CancellationToken ct) => database.WriteAsync(transaction => ExecuteAsync(
        "UPDATE patient_merge SET attempts = attempts + 1, next_at = @next WHERE surviving = @Surviving AND merged = @Merged AND state = @State", new
        {
            task.Surviving, task.Merged, task.State, next = (clock.GetUtcNow() + TaskWorker.PauseAfter(task.Attempts)).ToUnixTimeMilliseconds(),
        }, transaction, ct), ct);

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
            : ExecuteAsync("""
                INSERT INTO patient_merge (surviving, merged, merge_id, seen_at, state, said_complete)
                VALUES (@Surviving, @Merged, @MergeId, @at, 'waiting', @said)
                ON CONFLICT (surviving, merged) DO UPDATE SET said_complete = excluded.said_complete, attempts = 0, next_at = 0
                """, new
            {
                entry.Merge.Surviving, entry.Merge.Merged, entry.Merge.MergeId, at = seenAt.ToUnixTimeMilliseconds(),
                said = entry.SettlingFrom is null ? 0 : 1,
            }, transaction, ct);
    }

    // Anybody who signs chooses an id; whether the patient revoked the merge is asked where it is always asked.
    private static async Task HearEndedAsync(string patientId, string id, DbTransaction transaction, CancellationToken ct)
    {
        var state = new ReplicaInBlock(transaction);
        foreach (var (surviving, merged) in await transaction.Connection!.QueryAsync<(string, string)>(new CommandDefinition("""
            SELECT surviving, merged FROM patient_merge WHERE merge_id = @id AND (surviving = @patientId OR merged = @patientId)
            """, new { id, patientId }, transaction, cancellationToken: ct)))
        {
            if (await state.GetAsync(LedgerKey.Merge(surviving, merged), LedgerJson.Default.MergeEntry, ct) is { } entry
                && !await Merging.CountsAsync(state, entry, ct))
                await StopAsync(entry.Merge, transaction, ct);
        }
    }

    private static Task<int> StopAsync(MergePatients merge, DbTransaction transaction, CancellationToken ct) => ExecuteAsync("""
        UPDATE patient_merge SET state = 'stopping', attempts = 0, next_at = 0
        WHERE state IN ('waiting', 'applied') AND surviving = @Surviving AND merged = @Merged
        """, new { merge.Surviving, merge.Merged }, transaction, ct);

    // What waited for the hospital's affiliation need not wait longer.
    private static Task<int> NowAsync(string surviving, DbTransaction transaction, CancellationToken ct) => ExecuteAsync(
        "UPDATE patient_merge SET attempts = 0, next_at = 0 WHERE state = 'waiting' AND surviving = @surviving", new { surviving }, transaction, ct);

    private static Task<int> ExecuteAsync(string sql, object values, DbTransaction transaction, CancellationToken ct) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(sql, values, transaction, cancellationToken: ct));

    private sealed record Row(string Surviving, string Merged, string MergeId, string State, long SaidComplete, long Attempts)
    {
        public MergeTask ToTask() => new(Surviving, Merged, MergeId, State, SaidComplete != 0, (int)Attempts);
    }
}
