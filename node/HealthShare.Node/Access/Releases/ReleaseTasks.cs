using System.Data.Common;
using System.Text.Json;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Database;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;

namespace HealthShare.Node.Access.Releases;

/// <summary>A decision of the ledger that this custodian has to act on.</summary>
/// <param name="Access">The access.</param>
/// <param name="ReleaseId">Id that the release has or will have.</param>
/// <param name="State">How far it is, one of <see cref="ReleaseState"/>.</param>
/// <param name="Release">What is to be sent; null until sealed.</param>
/// <param name="Envelope">The sealed keys; null before they are sealed and after they are delivered.</param>
/// <param name="Attempts">How often the present step failed.</param>
internal sealed record ReleaseTask(
    AccessRef Access, string ReleaseId, string State, ReleaseKeys? Release, byte[]? Envelope, int Attempts);

/// <summary>How far a release is.</summary>
internal static class ReleaseState
{
    public const string Noted = "noted", Sealed = "sealed", Released = "released", Delivered = "delivered", Refused = "refused";
}

/// <summary>The releases that this custodian owes, in the database, so that each goes on where it was.</summary>
internal sealed class ReleaseTasks(IDatabase database, ILedger ledger, TimeProvider clock) : ITaskList<ReleaseTask>
{
    private const int BatchSize = 20;

    /// <summary>Notes a decision from a block.</summary>
    public static Task AddAsync(DbTransaction transaction, string releaseId, AccessRef access, DateTimeOffset seenAt, CancellationToken ct) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            INSERT INTO release_task (release_id, patient_id, requester, access_id, state, attempts, next_at)
            VALUES (@releaseId, @PatientId, @Requester, @AccessId, 'noted', 0, @at) ON CONFLICT (release_id) DO NOTHING
            """, new { releaseId, access.PatientId, access.Requester, access.AccessId, at = seenAt.ToUnixTimeMilliseconds() },
            transaction, cancellationToken: ct));

    /// <summary>Notes that a block holds a release of this member.</summary>
    /// <returns>False when it is not one that this node sent.</returns>
    public static async Task<bool> ReleasedAsync(DbTransaction transaction, ReleaseKeys release, CancellationToken ct) =>
        await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            UPDATE release_task SET attempts = 0, next_at = 0, state = CASE WHEN state = 'sealed' THEN 'released' ELSE state END
            WHERE release_id = @ReleaseId AND release = @json
            """, new { release.ReleaseId, json = JsonOf(release) }, transaction, cancellationToken: ct)) == 1;

    /// <summary>What can be advanced now, what waits longest first.</summary>
    public async Task<IReadOnlyList<ReleaseTask>> DueAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return [.. (await connection.QueryAsync<Row>(new CommandDefinition($"""
            SELECT {Columns} FROM release_task WHERE state IN ('noted', 'sealed', 'released') AND next_at <= @now ORDER BY next_at LIMIT @limit
            """, new { now = clock.GetUtcNow().ToUnixTimeMilliseconds(), limit = BatchSize }, cancellationToken: ct))).Select(row => row.ToTask())];
    }

    /// <summary>When the next task is due; null where there is none.</summary>
    public async Task<DateTimeOffset?> NextDueAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return await connection.ExecuteScalarAsync<long?>(new CommandDefinition(
            "SELECT min(next_at) FROM release_task WHERE state IN ('noted', 'sealed', 'released')", cancellationToken: ct)) is { } next
            ? DateTimeOffset.FromUnixTimeMilliseconds(next)
            : null;
    }

    /// <summary>One task as it is now.</summary>
    public async Task<ReleaseTask> GetAsync(string releaseId, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return (await connection.QuerySingleAsync<Row>(new CommandDefinition(
            $"SELECT {Columns} FROM release_task WHERE release_id = @releaseId", new { releaseId }, cancellationToken: ct))).ToTask();
    }

    /// <summary>Records that other parts of the same access's release hold; one that was refused holds none.</summary>
    public async Task<IReadOnlySet<string>> OfOtherPartsAsync(ReleaseTask task, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return await OfOtherPartsAsync(connection, null, task.Access, task.ReleaseId, ct);
    }

    /// <summary>Keeps what was sealed, before anybody hears of it, and notes what is to be released later.</summary>
    /// <param name="release">What is to be sent.</param>
    /// <param name="envelope">The sealed keys.</param>
    /// <param name="elsewhere">What the other parts held when it was chosen.</param>
    /// <param name="hasRest">True where records are left for a further part.</param>
    /// <param name="ct">Stops the work.</param>
    /// <returns>False where the other parts hold something else by now: then nothing is kept, and it is to be looked at again.</returns>
    public Task<bool> SealedAsync(
        ReleaseKeys release, byte[] envelope, IReadOnlySet<string> elsewhere, bool hasRest, CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        if (!await AreOtherPartsAsync(transaction, release.Access, release.ReleaseId, elsewhere, ct))
            return false;
        if (await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            UPDATE release_task SET state = 'sealed', release = @json, envelope = @envelope, attempts = 0, next_at = 0
            WHERE release_id = @ReleaseId AND state = 'noted'
            """, new { release.ReleaseId, json = JsonOf(release), envelope }, transaction, cancellationToken: ct)) == 1 && hasRest)
            await AddPartAsync(transaction, release.Access, ct);
        return true;
    }, ct);

    /// <summary>Ends a part for which nothing is left.</summary>
    /// <param name="task">The part; nothing of it is sealed.</param>
    /// <param name="reason">Why nothing is given.</param>
    /// <param name="elsewhere">What the other parts held when that was found.</param>
    /// <param name="ct">Stops the work.</param>
    /// <returns>False where the other parts hold something else by now: then it goes on, and is to be looked at again.</returns>
    public Task<bool> EmptyAsync(ReleaseTask task, string reason, IReadOnlySet<string> elsewhere, CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        if (!await AreOtherPartsAsync(transaction, task.Access, task.ReleaseId, elsewhere, ct))
            return false;
        await RefusedAsync(transaction, task.ReleaseId, reason, ct);
        return true;
    }, ct);

    /// <summary>Throws an envelope away that is not delivered, released or not, and notes what of it may still be given.</summary>
    /// <param name="task">The release.</param>
    /// <param name="reason">Why it is not delivered.</param>
    /// <param name="hasRest">True where records of it still stand, or may again: they go into a further part.</param>
    /// <param name="ct">Stops the work.</param>
    public Task WithdrawnAsync(ReleaseTask task, string reason, bool hasRest, CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        await LockAsync(transaction, task.Access, ct);
        await RefusedAsync(transaction, task.ReleaseId, reason, ct);
        if (hasRest)
            await AddPartAsync(transaction, task.Access, ct);
    }, ct);

    /// <summary>Takes an envelope back that was never released, such as one for a key that the requester no longer uses.</summary>
    public Task UnsealAsync(string releaseId, CancellationToken ct) => UpdateAsync("""
        UPDATE release_task SET state = 'noted', release = NULL, envelope = NULL WHERE release_id = @releaseId AND state = 'sealed'
        """, new { releaseId }, ct);

    /// <summary>The envelope is where the requester fetches it; the copy here has done its service.</summary>
    public Task DeliveredAsync(string releaseId, CancellationToken ct) => UpdateAsync(
        "UPDATE release_task SET state = 'delivered', envelope = NULL WHERE release_id = @releaseId", new { releaseId }, ct);

    /// <summary>Nothing (more) is given for this decision.</summary>
    public Task RefusedAsync(string releaseId, string reason, CancellationToken ct) =>
        database.WriteAsync(transaction => RefusedAsync(transaction, releaseId, reason, ct), ct);

    /// <inheritdoc cref="RefusedAsync(string, string, CancellationToken)"/>
    public static Task RefusedAsync(DbTransaction transaction, string releaseId, string reason, CancellationToken ct) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE release_task SET state = 'refused', reason = @reason, envelope = NULL WHERE release_id = @releaseId",
            new { releaseId, reason }, transaction, cancellationToken: ct));

    /// <summary>Gives nothing more of a patient who erased, and throws away what was sealed.</summary>
    public static Task EraseAsync(DbTransaction transaction, string patientId, CancellationToken ct) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            UPDATE release_task SET envelope = NULL, reason = 'patient.erased', state = 'refused'
            WHERE patient_id = @patientId AND state IN ('noted', 'sealed', 'released')
            """, new { patientId }, transaction, cancellationToken: ct));

    /// <summary>Puts a task off, for longer each time.</summary>
    /// <param name="task">The task.</param>
    /// <param name="until">When it is worth another look at the latest; null where that is not known.</param>
    /// <param name="ct">Stops the work.</param>
    public Task LaterAsync(ReleaseTask task, DateTimeOffset? until, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var next = now + TaskWorker.PauseAfter(task.Attempts);
        return UpdateAsync("UPDATE release_task SET attempts = attempts + 1, next_at = @next WHERE release_id = @ReleaseId",
            new { task.ReleaseId, next = (until > now && until < next ? until.Value : next).ToUnixTimeMilliseconds() }, ct);
    }

    // Within LockAsync.
    private async Task AddPartAsync(DbTransaction transaction, AccessRef access, CancellationToken ct)
    {
        var (parts, open) = await transaction.Connection!.QuerySingleAsync<(long, long)>(new CommandDefinition("""
            SELECT count(*), count(CASE WHEN state = 'noted' THEN 1 END) FROM release_task
            WHERE patient_id = @PatientId AND requester = @Requester AND access_id = @AccessId
            """, new { access.PatientId, access.Requester, access.AccessId }, transaction, cancellationToken: ct));
        // One that is noted takes up all that comes later: it is not sealed, nor ended, by what was left before.
        if (open == 0)
            await AddAsync(transaction, IdOf(access, (int)parts), access, clock.GetUtcNow(), ct);
    }

    private string IdOf(AccessRef access, int part = 0) => ReleaseIds.For(ledger.Channel, ledger.MspId, access, part);

    // Parts of one access are advanced at the same time. Whatever moves a record from one to another takes the row of the first part, so
    // that on PostgreSQL, too, one such work follows on the other and sees what that one did.
    private Task<int> LockAsync(DbTransaction transaction, AccessRef access, CancellationToken ct) => transaction.Connection!.ExecuteAsync(new CommandDefinition(
        "UPDATE release_task SET attempts = attempts WHERE release_id = @first", new { first = IdOf(access) }, transaction, cancellationToken: ct));

    private async Task<bool> AreOtherPartsAsync(
        DbTransaction transaction, AccessRef access, string releaseId, IReadOnlySet<string> elsewhere, CancellationToken ct)
    {
        await LockAsync(transaction, access, ct);
        return elsewhere.SetEquals(await OfOtherPartsAsync(transaction.Connection!, transaction, access, releaseId, ct));
    }

    private static async Task<IReadOnlySet<string>> OfOtherPartsAsync(
        DbConnection connection, DbTransaction? transaction, AccessRef access, string releaseId, CancellationToken ct) =>
        (await connection.QueryAsync<string>(new CommandDefinition("""
            SELECT release FROM release_task WHERE patient_id = @PatientId AND requester = @Requester AND access_id = @AccessId
            AND release_id <> @releaseId AND release IS NOT NULL AND state <> 'refused'
            """, new { access.PatientId, access.Requester, access.AccessId, releaseId }, transaction, cancellationToken: ct)))
        .SelectMany(json => JsonSerializer.Deserialize(json, LedgerJson.Default.ReleaseKeys)!.RecordIds).ToHashSet(StringComparer.Ordinal);

    private const string Columns = """
        patient_id AS PatientId, requester, access_id AS AccessId, release_id AS ReleaseId, state, release, envelope, attempts
        """;

    private Task<int> UpdateAsync(string sql, object values, CancellationToken ct) => database.WriteAsync(transaction =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(sql, values, transaction, cancellationToken: ct)), ct);

    private static string JsonOf(ReleaseKeys release) => JsonSerializer.Serialize(release, LedgerJson.Default.ReleaseKeys);

    private sealed record Row(
        string PatientId, string Requester, string AccessId, string ReleaseId, string State, string? Release, byte[]? Envelope, long Attempts)
    {
        public ReleaseTask ToTask() => new(new AccessRef(PatientId, Requester, AccessId), ReleaseId, State,
            Release is null ? null : JsonSerializer.Deserialize(Release, LedgerJson.Default.ReleaseKeys), Envelope, (int)Attempts);
    }
}
