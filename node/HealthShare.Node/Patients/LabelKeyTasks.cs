using System.Data.Common;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Database;
using HealthShare.Node.ReadModel;

namespace HealthShare.Node.Patients;

/// <summary>An affiliation for which a label key may have to be sent or fetched.</summary>
internal sealed record LabelKeyTask(string PatientId, string Member, long Attempts);

/// <summary>The list of affiliations to look at, filled from the blocks, so that none is forgotten over a restart.</summary>
internal sealed class LabelKeyTasks(IDatabase database, TimeProvider clock) : IProjection, ITaskList<LabelKeyTask>
{
    private const int BatchSize = 50;
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    public async Task ApplyAsync(BlockChanges block, DbTransaction transaction, CancellationToken ct)
    {
        foreach (var write in block.Writes.Where(write => write is { Kind: LedgerKind.Affiliation, Value: not null }))
        {
            await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
                INSERT INTO label_key_task (patient_id, member, next_at, attempts) VALUES (@patientId, @member, @now, 0)
                ON CONFLICT (patient_id, member) DO UPDATE SET next_at = excluded.next_at
                """,
                new { patientId = write.Parts[0], member = write.Parts[1], now = block.SeenAt.ToUnixTimeMilliseconds() },
                transaction, cancellationToken: ct));
        }
    }

    public async Task<IReadOnlyList<LabelKeyTask>> DueAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return [.. await connection.QueryAsync<LabelKeyTask>(new CommandDefinition("""
            SELECT patient_id AS PatientId, member, attempts FROM label_key_task WHERE next_at <= @now ORDER BY next_at LIMIT @limit
            """, new { now = clock.GetUtcNow().ToUnixTimeMilliseconds(), limit = BatchSize }, cancellationToken: ct))];
    }

    /// <summary>When the next task is due; null where there is none.</summary>
    public async Task<DateTimeOffset?> NextDueAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return await connection.ExecuteScalarAsync<long?>(new CommandDefinition("SELECT min(next_at) FROM label_key_task", cancellationToken: ct))
            is { } next ? DateTimeOffset.FromUnixTimeMilliseconds(next) : null;
    }

    public Task DoneAsync(LabelKeyTask task, CancellationToken ct) => database.WriteAsync(transaction =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "DELETE FROM label_key_task WHERE patient_id = @PatientId AND member = @Member", task, transaction, cancellationToken: ct)), ct);

    /// <summary>Puts a task off: one second, then twice as long each time, five minutes at most.</summary>
    public Task LaterAsync(LabelKeyTask task, CancellationToken ct)
    {
        var pause = TimeSpan.FromSeconds(Math.Min(Math.Pow(2, task.Attempts), LongestPause.TotalSeconds));
        return database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            UPDATE label_key_task SET next_at = @next, attempts = attempts + 1 WHERE patient_id = @PatientId AND member = @Member
            """,
            new { next = (clock.GetUtcNow() + pause).ToUnixTimeMilliseconds(), task.PatientId, task.Member },
            transaction, cancellationToken: ct)), ct);
    }
}
