using Dapper;
using HealthShare.Node.Database;
using HealthShare.Vault.Content;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Content.Keeping.Findings;

/// <summary>Findings, durable: one for each content and replica, open until that copy was read whole and verified.</summary>
internal sealed class FindingTable(IDatabase database, IOptions<ContentOptions> options, TimeProvider clock)
{
    /// <summary>How long resolved findings are kept.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromDays(90);

    private const string Columns = """
        cid AS Cid, replica AS Replica, state AS State, detail AS Detail, record_id AS RecordId, found_at AS FoundAt, seen_at AS SeenAt,
        attempts AS Attempts, next_at AS NextAt
        """;

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Notes what was seen. An open one keeps its first time.</summary>
    /// <returns>True when it was not open before.</returns>
    public Task<bool> ReportAsync(KeptContent content, string replica, ReplicaState state, string detail, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            var values = new
            {
                cid = content.Cid.ToString(), replica, state = NameOf(state), detail, content.RecordId, content.RecordKey, now = Now,
                first = Now + (long)options.Value.Keeping.FirstRetryDelay.TotalMilliseconds,
            };
            var seen = await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
                UPDATE content_finding SET state = @state, detail = @detail, seen_at = @now,
                    record_id = COALESCE(@RecordId, record_id), record_key = COALESCE(@RecordKey, record_key)
                WHERE cid = @cid AND replica = @replica AND resolved_at IS NULL
                """, values, transaction, cancellationToken: ct));
            if (seen > 0)
                return false;
            await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
                INSERT INTO content_finding (cid, replica, state, detail, record_id, record_key, found_at, seen_at, attempts, next_at, claimed_until)
                VALUES (@cid, @replica, @state, @detail, @RecordId, @RecordKey, @now, @now, 0, @first, 0)
                ON CONFLICT (cid, replica) DO UPDATE SET state = excluded.state, detail = excluded.detail, found_at = excluded.found_at,
                    seen_at = excluded.seen_at, attempts = 0, next_at = excluded.next_at, resolved_at = NULL, repair_failure = NULL
                """, values, transaction, cancellationToken: ct));
            return true;
        }, ct);

    /// <summary>The copy was read whole and is right, or is no longer to be kept.</summary>
    /// <returns>True when a finding was open.</returns>
    public async Task<bool> ResolveAsync(Cid cid, string replica, CancellationToken ct) => await database.WriteAsync(transaction =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            UPDATE content_finding SET resolved_at = @now, claimed_until = 0 WHERE cid = @cid AND replica = @replica AND resolved_at IS NULL
            """, new { cid = cid.ToString(), replica, now = Now }, transaction, cancellationToken: ct)), ct) > 0;

    /// <summary>Takes an open finding for a repair, so that no second one begins before this one ended or its time is up.</summary>
    /// <returns>False when another repair of that content has it.</returns>
    public Task<bool> ClaimAsync(Cid cid, string replica, TimeSpan atMost, CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        var values = new { cid = cid.ToString(), replica, now = Now, until = Now + (long)atMost.TotalMilliseconds };
        // One statement: two that ask at the same time wait for each other at the row, and the second finds it taken.
        return await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            UPDATE content_finding SET claimed_until = @until
            WHERE cid = @cid AND replica = @replica AND resolved_at IS NULL AND claimed_until <= @now
            """, values, transaction, cancellationToken: ct)) > 0;
    }, ct);

    /// <summary>True when a repair began and did not end, be it under way or broken off.</summary>
    public async Task<bool> IsClaimedAsync(Cid cid, string replica, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition("""
            SELECT count(*) FROM content_finding WHERE cid = @cid AND replica = @replica AND resolved_at IS NULL AND claimed_until > 0
            """, new { cid = cid.ToString(), replica }, cancellationToken: ct)) > 0;
    }

    /// <summary>A look at it changed nothing; the next one comes later.</summary>
    /// <param name="cid">The content.</param>
    /// <param name="replica">Where it is missing or corrupt.</param>
    /// <param name="reason">Why it could not be repaired.</param>
    /// <param name="ct">Stops it.</param>
    /// <returns>True when the last repair failed for another reason, or there was none.</returns>
    public Task<bool> PostponeAsync(Cid cid, string replica, string reason, CancellationToken ct) => PostponeAsync(cid, replica, reason, long.MaxValue, ct);

    /// <summary>Puts off what is still due, since nothing could be found out.</summary>
    public Task PostponeDueAsync(Cid cid, string replica, CancellationToken ct) => PostponeAsync(cid, replica, null, Now, ct);

    private Task<bool> PostponeAsync(Cid cid, string replica, string? reason, long dueBy, CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        const string Which = "WHERE cid = @cid AND replica = @replica AND resolved_at IS NULL AND next_at <= @dueBy";
        var key = new { cid = cid.ToString(), replica, dueBy };
        var row = await transaction.Connection!.QuerySingleOrDefaultAsync<(long Attempts, string? Failure)?>(new CommandDefinition(
            $"SELECT attempts AS Attempts, repair_failure AS Failure FROM content_finding {Which}", key, transaction, cancellationToken: ct));
        if (row is not { } before)
            return false;
        await transaction.Connection!.ExecuteAsync(new CommandDefinition($"""
            UPDATE content_finding SET attempts = @attempts, next_at = @next, claimed_until = 0, detail = COALESCE(@reason, detail),
                repair_failure = COALESCE(@reason, repair_failure) {Which}
            """, new { key.cid, key.replica, key.dueBy, reason, attempts = before.Attempts + 1, next = Now + PauseAfter(before.Attempts) },
            transaction, cancellationToken: ct));
        return reason is not null && reason != before.Failure;
    }, ct);

    /// <summary>Open findings whose time has come.</summary>
    public async Task<IReadOnlyList<DueFinding>> DueAsync(int limit, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var rows = await connection.QueryAsync<DueRow>(new CommandDefinition("""
            SELECT cid AS Cid, replica AS Replica, record_id AS RecordId, record_key AS RecordKey FROM content_finding
            WHERE resolved_at IS NULL AND next_at <= @now AND claimed_until <= @now ORDER BY next_at LIMIT @limit
            """, new { now = Now, limit }, cancellationToken: ct));
        return [.. rows.Select(row => new DueFinding(new(Cid.Parse(row.Cid), null, row.RecordId, row.RecordKey), row.Replica))];
    }

    /// <summary>Replicas with an open finding about a content.</summary>
    public async Task<IReadOnlySet<string>> OpenOfAsync(Cid cid, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return (await connection.QueryAsync<string>(new CommandDefinition(
            "SELECT replica FROM content_finding WHERE cid = @cid AND resolved_at IS NULL", new { cid = cid.ToString() },
            cancellationToken: ct))).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>How many are open.</summary>
    public async Task<long> CountOpenAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT count(*) FROM content_finding WHERE resolved_at IS NULL", cancellationToken: ct));
    }

    /// <summary>The oldest open ones.</summary>
    public async Task<IReadOnlyList<ContentFinding>> ListOpenAsync(int limit, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            $"SELECT {Columns} FROM content_finding WHERE resolved_at IS NULL ORDER BY found_at, cid LIMIT @limit", new { limit },
            cancellationToken: ct));
        return [.. rows.Select(row => new ContentFinding(row.Cid, row.Replica, row.State, row.Detail, row.RecordId, At(row.FoundAt), At(row.SeenAt),
            row.Attempts, At(row.NextAt)))];
    }

    /// <summary>Closes what is about replicas that the settings no longer name, and forgets what was resolved long ago.</summary>
    public Task TidyAsync(IReadOnlyList<string> replicas, CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        var names = new ValueList(replicas);
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            $"UPDATE content_finding SET resolved_at = @now WHERE resolved_at IS NULL AND replica NOT IN {names.Sql}",
            names.With(new { now = Now }), transaction, cancellationToken: ct));
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "DELETE FROM content_finding WHERE resolved_at < @before", new { before = Now - (long)Memory.TotalMilliseconds },
            transaction, cancellationToken: ct));
    }, ct);

    private static string NameOf(ReplicaState state) => state switch
    {
        ReplicaState.Corrupt => "corrupt",
        ReplicaState.Unavailable => "unanswered",
        _ => "missing",
    };

    private static DateTimeOffset At(long time) => DateTimeOffset.FromUnixTimeMilliseconds(time);

    private long PauseAfter(long attempts)
    {
        var keeping = options.Value.Keeping;
        var pause = keeping.FirstRetryDelay * Math.Pow(2, Math.Min(attempts + 1, 30));
        return (long)Math.Min(pause.TotalMilliseconds, keeping.LongestRetryDelay.TotalMilliseconds);
    }

    private sealed record DueRow(string Cid, string Replica, string? RecordId, byte[]? RecordKey);

    private sealed record Row(
        string Cid, string Replica, string State, string Detail, string? RecordId, long FoundAt, long SeenAt, long Attempts, long NextAt);
}
