using System.Data.Common;
using Dapper;
using HealthShare.Node.Database;
using HealthShare.Node.Keys;
using HealthShare.Node.ReadModel;

namespace HealthShare.Node.Patients.Erasures;

/// <summary>What this node has to destroy for a patient.</summary>
/// <param name="PatientId">The patient.</param>
/// <param name="State">How far it is, one of <see cref="ErasureState"/>.</param>
/// <param name="Purged">True once the envelopes of this member were purged from the channel's private data.</param>
/// <param name="RetainedUntil">When the last record that the hospital must keep goes, too; null where none is kept.</param>
/// <param name="HeldUntil">
/// Until when this node keeps all of its own, since no credential of its own list signed the erasure; null where one did.
/// </param>
/// <param name="Reason">Code of what put it off; null where nothing did.</param>
/// <param name="Attempts">How often it was put off.</param>
/// <param name="NextAt">When it is taken up again.</param>
internal sealed record ErasureTask(
    string PatientId, string State, bool Purged, DateTimeOffset? RetainedUntil, DateTimeOffset? HeldUntil, string? Reason, int Attempts, DateTimeOffset NextAt);

/// <summary>How far an erasure is.</summary>
internal static class ErasureState
{
    public const string Pending = "pending", Retained = "retained", Done = "done";

    /// <summary>Why a node keeps what is its own for a while; the incident's code, too.</summary>
    public const string SignerNotTrusted = "erasure.signer_not_trusted";
}

/// <summary>The erasures that this node has to carry out, in the database, so that each goes on where it was.</summary>
internal sealed class ErasureTasks(IDatabase database, TimeProvider clock) : ITaskList<ErasureTask>
{
    private const int BatchSize = 20;
    private const string Columns = """
        patient_id AS PatientId, state AS State, purged AS Purged, retained_until AS RetainedUntil, held_until AS HeldUntil,
        reason AS Reason, attempts AS Attempts, next_at AS NextAt
        """;

    /// <summary>Notes an erasure from a block.</summary>
    /// <returns>False where it was noted before, which stays.</returns>
    public static async Task<bool> AddAsync(
        DbTransaction transaction, string patientId, DateTimeOffset seenAt, DateTimeOffset? heldUntil, CancellationToken ct) =>
        await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            INSERT INTO erasure_task (patient_id, seen_at, state, purged, held_until, attempts, next_at)
            VALUES (@patientId, @at, 'pending', 0, @heldUntil, 0, @at)
            ON CONFLICT (patient_id) DO NOTHING
            """, new { patientId, at = seenAt.ToUnixTimeMilliseconds(), heldUntil = heldUntil?.ToUnixTimeMilliseconds() }, transaction,
            cancellationToken: ct)) == 1;

    /// <summary>
    /// Takes a task up again, done or not, for what has come up since. Nothing where the patient did not erase. The time is one that the
    /// task never had, so that a turn that began before does not end it.
    /// </summary>
    public static Task AgainAsync(DbTransaction transaction, string patientId, CancellationToken ct) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            UPDATE erasure_task SET state = CASE state WHEN 'done' THEN 'pending' ELSE state END, next_at = CASE WHEN next_at < 0 THEN next_at - 1 ELSE -1 END
            WHERE patient_id = @patientId
            """, new { patientId }, transaction, cancellationToken: ct));

    /// <summary>What can be carried out now, what waits longest first.</summary>
    public async Task<IReadOnlyList<ErasureTask>> DueAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return [.. (await connection.QueryAsync<Row>(new CommandDefinition(
            $"SELECT {Columns} FROM erasure_task WHERE state <> 'done' AND next_at <= @now ORDER BY next_at LIMIT @limit",
            new { now = clock.GetUtcNow().ToUnixTimeMilliseconds(), limit = BatchSize }, cancellationToken: ct))).Select(row => row.ToTask())];
    }

    /// <summary>When the next one is due; null where there is none.</summary>
    public async Task<DateTimeOffset?> NextDueAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return await connection.ExecuteScalarAsync<long?>(new CommandDefinition(
            "SELECT min(next_at) FROM erasure_task WHERE state <> 'done'", cancellationToken: ct)) is { } next
            ? DateTimeOffset.FromUnixTimeMilliseconds(next)
            : null;
    }

    /// <summary>The task of a patient; null for one who did not erase.</summary>
    public async Task<ErasureTask?> FindAsync(string patientId, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return (await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            $"SELECT {Columns} FROM erasure_task WHERE patient_id = @patientId", new { patientId }, cancellationToken: ct)))?.ToTask();
    }

    /// <summary>The envelopes are purged.</summary>
    public Task PurgedAsync(string patientId, CancellationToken ct) =>
        UpdateAsync("UPDATE erasure_task SET purged = 1 WHERE patient_id = @patientId", new { patientId }, ct);

    /// <summary>All is destroyed that must not be kept; a label key that came meanwhile goes with this.</summary>
    /// <param name="task">The task as the turn began with it.</param>
    /// <param name="isHeld">True while the node keeps all of its own, the label key included.</param>
    /// <param name="retainedUntil">When the last of what is kept goes; null where nothing is kept.</param>
    /// <param name="nextAt">When the first of it goes.</param>
    /// <param name="ct">Stops the wait.</param>
    /// <returns>False when something came up meanwhile, for which the task stays as it is.</returns>
    public Task<bool> DestroyedAsync(ErasureTask task, bool isHeld, DateTimeOffset? retainedUntil, DateTimeOffset? nextAt, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            if (!isHeld)
                await LabelKeys.EraseAsync(transaction, task.PatientId);
            return await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
                UPDATE erasure_task SET state = @state, retained_until = @until, reason = @reason, attempts = 0, next_at = @next
                WHERE patient_id = @PatientId AND next_at = @begun
                """, new
            {
                task.PatientId, begun = task.NextAt.ToUnixTimeMilliseconds(),
                state = retainedUntil is null ? ErasureState.Done : ErasureState.Retained, until = retainedUntil?.ToUnixTimeMilliseconds(),
                reason = isHeld ? ErasureState.SignerNotTrusted : null, next = nextAt?.ToUnixTimeMilliseconds() ?? 0,
            }, transaction, cancellationToken: ct)) == 1;
        }, ct);

    /// <summary>Puts a task off, for longer each time.</summary>
    public Task LaterAsync(ErasureTask task, string reason, CancellationToken ct) => UpdateAsync(
        "UPDATE erasure_task SET attempts = attempts + 1, reason = @reason, next_at = @next WHERE patient_id = @PatientId", new
        {
            task.PatientId, reason, next = (clock.GetUtcNow() + TaskWorker.PauseAfter(task.Attempts)).ToUnixTimeMilliseconds(),
        }, ct);

    private Task<int> UpdateAsync(string sql, object values, CancellationToken ct) => database.WriteAsync(transaction =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(sql, values, transaction, cancellationToken: ct)), ct);

    private sealed record Row(
        string PatientId, string State, long Purged, long? RetainedUntil, long? HeldUntil, string? Reason, long Attempts, long NextAt)
    {
        public ErasureTask ToTask() => new(
            PatientId, State, Purged != 0, TimeOf(RetainedUntil), TimeOf(HeldUntil), Reason, (int)Attempts, TimeOf(NextAt)!.Value);

        private static DateTimeOffset? TimeOf(long? time) => time is { } known ? DateTimeOffset.FromUnixTimeMilliseconds(known) : null;
    }
}
