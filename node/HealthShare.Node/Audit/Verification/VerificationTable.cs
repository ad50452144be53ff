using System.Security.Cryptography;
using System.Text.Json;
using Dapper;
using HealthShare.Node.Database;
using HealthShare.Node.Problems;

namespace HealthShare.Node.Audit.Verification;

/// <summary>Keeps verifications and their results. The schema lets one of them run at a time.</summary>
internal sealed class VerificationTable(IDatabase database, TimeProvider clock)
{
    /// <summary>The reason of a run that somebody stopped.</summary>
    public const string Stopped = "verification.stopped";

    private const string Select = """
        SELECT id AS Id, state AS State, genesis AS Genesis, started_at AS StartedAt, finished_at AS FinishedAt, blocks_done AS BlocksDone,
            blocks_total AS BlocksTotal, result AS Result, reason AS Reason FROM verification_run
        """;

    /// <summary>Notes that one begins; null where one is running.</summary>
    public async Task<VerificationRun?> TryAddAsync(string? genesis, CancellationToken ct)
    {
        var run = new VerificationRun(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), VerificationState.Running, genesis,
            DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds()), null, 0, null, null, null);
        var added = await database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            INSERT INTO verification_run (id, state, genesis, started_at, blocks_done) VALUES (@Id, @state, @Genesis, @at, 0) ON CONFLICT DO NOTHING
            """, new { run.Id, state = nameof(VerificationState.Running), run.Genesis, at = run.StartedAt.ToUnixTimeMilliseconds() },
            transaction, cancellationToken: ct)), ct);
        return added == 1 ? run : null;
    }

    /// <summary>Notes how far it is; false where it is to run no longer.</summary>
    public Task<bool> NoteAsync(string id, ulong done, ulong total, CancellationToken ct) => database.WriteAsync(
        async transaction => await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE verification_run SET blocks_done = @done, blocks_total = @total WHERE id = @id AND state = 'Running'",
            new { id, done = (long)done, total = (long)total }, transaction, cancellationToken: ct)) == 1, ct);

    /// <summary>Stops a run; one that is over stays as it is. False where there is none of this id.</summary>
    public Task<bool> StopAsync(string id, CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        var values = new { id, at = clock.GetUtcNow().ToUnixTimeMilliseconds(), reason = Stopped };
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE verification_run SET state = 'Interrupted', finished_at = @at, reason = @reason WHERE id = @id AND state = 'Running'",
            values, transaction, cancellationToken: ct));
        return await transaction.Connection!.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT count(*) FROM verification_run WHERE id = @id", values, transaction, cancellationToken: ct)) == 1;
    }, ct);

    /// <summary>Notes how it ended.</summary>
    public Task FinishAsync(string id, VerificationState state, ulong done, AuditResult? result, string? reason, CancellationToken ct) =>
        database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            UPDATE verification_run SET state = @state, finished_at = @at, blocks_done = @done, result = @result, reason = @reason
            WHERE id = @id AND state = 'Running'
            """, new
        {
            id, state = state.ToString(), at = clock.GetUtcNow().ToUnixTimeMilliseconds(), done = (long)done,
            result = result is null ? null : JsonSerializer.Serialize(result, AuditJson.Default.AuditResult), reason,
        }, transaction, cancellationToken: ct)), ct);

    /// <summary>Says of what still counts as running, as the node starts, that it was interrupted.</summary>
    public Task InterruptAsync(CancellationToken ct) => database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(
        new CommandDefinition("UPDATE verification_run SET state = 'Interrupted' WHERE state = 'Running'", transaction: transaction, cancellationToken: ct)), ct);

    /// <summary>One of them; null where there is none of this id.</summary>
    public async Task<VerificationRun?> FindAsync(string id, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition($"{Select} WHERE id = @id", new { id }, cancellationToken: ct))
            is { } row ? RunOf(row) : null;
    }

    /// <summary>A page, newest first.</summary>
    /// <exception cref="ApiProblemException"><c>request.invalid</c>: the cursor is not one.</exception>
    public async Task<VerificationPage> ListAsync(string? cursor, int limit, CancellationToken ct)
    {
        var (before, id) = PageCursor.Parse(cursor, 2) is [var at, var last] ? (PageCursor.Number(at), last) : (long.MaxValue, "");
        await using var connection = await database.OpenAsync(ct);
        var rows = (await connection.QueryAsync<Row>(new CommandDefinition($"""
            {Select} WHERE started_at < @before OR (started_at = @before AND id < @id) ORDER BY started_at DESC, id DESC LIMIT @limit
            """, new { before, id, limit = limit + 1 }, cancellationToken: ct))).AsList();
        var page = rows.Take(limit).ToList();
        return new VerificationPage([.. page.Select(RunOf)],
            rows.Count > limit ? PageCursor.Of(PageCursor.Number(page[^1].StartedAt), page[^1].Id) : null);
    }

    private static VerificationRun RunOf(Row row) => new(
        row.Id, Enum.Parse<VerificationState>(row.State), row.Genesis, DateTimeOffset.FromUnixTimeMilliseconds(row.StartedAt),
        row.FinishedAt is { } finished ? DateTimeOffset.FromUnixTimeMilliseconds(finished) : null, row.BlocksDone, row.BlocksTotal,
        row.Result is { } json ? JsonSerializer.Deserialize(json, AuditJson.Default.AuditResult) : null, row.Reason);

    private sealed record Row(
        string Id, string State, string? Genesis, long StartedAt, long? FinishedAt, long BlocksDone, long? BlocksTotal, string? Result, string? Reason);
}
