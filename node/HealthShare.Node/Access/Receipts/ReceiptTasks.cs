using System.Data.Common;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Database;
using HealthShare.Node.ReadModel;

namespace HealthShare.Node.Access.Receipts;

/// <summary>A release for an access of this member, whose envelope is still to be fetched.</summary>
internal sealed record ReceiptTask(string AccessId, string Custodian, string ReleaseId, string PatientId, int Attempts);

/// <summary>The envelopes to fetch, filled from the blocks.</summary>
internal sealed class ReceiptTasks(IDatabase database, TimeProvider clock) : ITaskList<ReceiptTask>
{
    private const int BatchSize = 20;

    /// <summary>Notes a release from a block.</summary>
    public static Task AddAsync(DbTransaction transaction, ReleaseEntry release, DateTimeOffset seenAt, CancellationToken ct) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            INSERT INTO receipt_task (access_id, custodian, release_id, patient_id, state, attempts, next_at)
            VALUES (@AccessId, @Custodian, @ReleaseId, @PatientId, 'noted', 0, @at)
            ON CONFLICT (access_id, custodian, release_id) DO NOTHING
            """, new
        {
            release.Release.Access.AccessId, release.Custodian, release.Release.ReleaseId, release.Release.Access.PatientId,
            at = seenAt.ToUnixTimeMilliseconds(),
        }, transaction, cancellationToken: ct));

    /// <summary>What can be fetched now, what waits longest first.</summary>
    public async Task<IReadOnlyList<ReceiptTask>> DueAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return [.. (await connection.QueryAsync<Row>(new CommandDefinition("""
            SELECT access_id AS AccessId, custodian, release_id AS ReleaseId, patient_id AS PatientId, attempts
            FROM receipt_task WHERE state = 'noted' AND next_at <= @now ORDER BY next_at LIMIT @limit
            """, new { now = clock.GetUtcNow().ToUnixTimeMilliseconds(), limit = BatchSize }, cancellationToken: ct)))
            .Select(row => new ReceiptTask(row.AccessId, row.Custodian, row.ReleaseId, row.PatientId, (int)row.Attempts))];
    }

    /// <summary>When the next task is due; null where there is none.</summary>
    public async Task<DateTimeOffset?> NextDueAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return await connection.ExecuteScalarAsync<long?>(new CommandDefinition(
            "SELECT min(next_at) FROM receipt_task WHERE state = 'noted'", cancellationToken: ct)) is { } next
            ? DateTimeOffset.FromUnixTimeMilliseconds(next)
            : null;
    }

    /// <summary>The releases of one access that nothing more comes of: their keys came, without a failure, or never will.</summary>
    public async Task<IReadOnlyList<(string Custodian, string ReleaseId, string? Failure)>> EndedAsync(string accessId, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return [.. await connection.QueryAsync<(string, string, string?)>(new CommandDefinition(
            "SELECT custodian, release_id, reason FROM receipt_task WHERE access_id = @accessId AND state <> 'noted'", new { accessId }, cancellationToken: ct))];
    }

    /// <summary>The keys are here.</summary>
    public Task ReceivedAsync(ReceiptTask task, CancellationToken ct) => database.WriteAsync(
        transaction => EndAsync(transaction, task, "received", null, ct), ct);

    /// <summary>The keys will never come.</summary>
    public Task FailedAsync(ReceiptTask task, string reason, CancellationToken ct) => database.WriteAsync(
        transaction => FailedAsync(transaction, task, reason, ct), ct);

    /// <inheritdoc cref="FailedAsync(ReceiptTask, string, CancellationToken)"/>
    public static Task FailedAsync(DbTransaction transaction, ReceiptTask task, string reason, CancellationToken ct) =>
        EndAsync(transaction, task, "failed", reason, ct);

    /// <summary>Fetches nothing more of a patient who erased.</summary>
    public static Task EraseAsync(DbTransaction transaction, string patientId, CancellationToken ct) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE receipt_task SET state = 'failed', reason = 'patient.erased' WHERE patient_id = @patientId AND state = 'noted'",
            new { patientId }, transaction, cancellationToken: ct));

    /// <summary>Puts a task off, for longer each time.</summary>
    public Task LaterAsync(ReceiptTask task, CancellationToken ct) => database.WriteAsync(transaction =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            UPDATE receipt_task SET attempts = attempts + 1, next_at = @next
            WHERE access_id = @AccessId AND custodian = @Custodian AND release_id = @ReleaseId
            """, new
        {
            task.AccessId, task.Custodian, task.ReleaseId,
            next = (clock.GetUtcNow() + TaskWorker.PauseAfter(task.Attempts)).ToUnixTimeMilliseconds(),
        }, transaction, cancellationToken: ct)), ct);

    private static Task<int> EndAsync(DbTransaction transaction, ReceiptTask task, string state, string? reason, CancellationToken ct) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            UPDATE receipt_task SET state = @state, reason = @reason
            WHERE access_id = @AccessId AND custodian = @Custodian AND release_id = @ReleaseId
            """, new { state, reason, task.AccessId, task.Custodian, task.ReleaseId }, transaction, cancellationToken: ct));

    private sealed record Row(string AccessId, string Custodian, string ReleaseId, string PatientId, long Attempts);
}
