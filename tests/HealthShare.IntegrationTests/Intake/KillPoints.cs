using System.Data.Common;
using System.Diagnostics;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Database;
using HealthShare.Node.Intake.Pipeline;

namespace HealthShare.IntegrationTests.Intake;

/// <summary>Where a node kills itself with SIGKILL: at a message's change of state, or at a call of the ledger, right before or right after.</summary>
internal static class KillPoints
{
    public static readonly string[] States = ["received", "parsed", "stored", "registered", "superseded"];

    /// <summary>Steps into quarantine and out of it.</summary>
    public static readonly string[] Quarantine = ["quarantined", "replayed", "discarded"];

    /// <summary>Those at the database.</summary>
    public static readonly string[] AtCommits = [.. States.SelectMany(state => new[] { $"before:{state}", $"after:{state}" })];

    /// <summary>All of them; the empty one never comes.</summary>
    public static readonly string[] All =
    [
        .. AtCommits, "before:enroll", "after:enroll", "before:register", "after:register",
        "before:supersede", "after:supersede", "before:merge", "after:merge",
    ];

    /// <summary>As a power failure: nothing gets a chance to finish.</summary>
    public static void Strike()
    {
        Process.GetCurrentProcess().Kill();
        Thread.Sleep(Timeout.Infinite); // not one more step until the signal is there
    }
}

/// <summary>A database that strikes when a message reaches a state, or staff take a step with it: before the commit, or after it.</summary>
internal sealed class StrikingDatabase(IDatabase inner, string point) : IDatabase
{
    private readonly string? before = point.StartsWith("before:", StringComparison.Ordinal) ? point["before:".Length..] : null;
    private readonly string? after = point.StartsWith("after:", StringComparison.Ordinal) ? point["after:".Length..] : null;
    private long known = -1;

    public DatabaseProvider Provider => inner.Provider;

    public Task<DbConnection> OpenAsync(CancellationToken ct) => inner.OpenAsync(ct);

    public async Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> work, CancellationToken ct)
    {
        // Nothing takes these steps but what the test asks for, which may be a node's very first write.
        if (known < 0 && KillPoints.Quarantine.Contains(before ?? after))
        {
            await using var connection = await inner.OpenAsync(ct);
            known = await CountAsync(connection, null, (before ?? after)!) ?? 0;
        }
        var reached = false;
        var result = await inner.WriteAsync(async transaction =>
        {
            var done = await work(transaction);
            reached = await IsReachedAsync(transaction);
            if (reached && before is not null)
                KillPoints.Strike();
            return done;
        }, ct);
        if (reached && after is not null)
            KillPoints.Strike();
        return result;
    }

    // More steps to that state than at the start: one is in this very transaction.
    private async Task<bool> IsReachedAsync(DbTransaction transaction)
    {
        if ((before ?? after) is not { } state || !KillPoints.States.Concat(KillPoints.Quarantine).Contains(state)
            || await CountAsync(transaction.Connection!, transaction, state) is not { } count)
            return false;
        var first = known < 0;
        (var earlier, known) = (known, count);
        return !first && count > earlier;
    }

    // Null before there is a journal.
    private async Task<long?> CountAsync(DbConnection connection, DbTransaction? transaction, string state)
    {
        var tables = inner.Provider is DatabaseProvider.Postgresql
            ? "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = current_schema()"
            : "SELECT name FROM sqlite_master";
        return await connection.ExecuteScalarAsync<long>($"SELECT count(*) FROM ({tables}) AS tables WHERE name = 'intake_step'", transaction: transaction) > 0
            ? await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM intake_step WHERE step = @state", new { state }, transaction)
            : null;
    }
}

/// <summary>A ledger that strikes around its calls.</summary>
internal sealed class StrikingLedger(IIntakeLedger inner, string point) : IIntakeLedger
{
    public string Channel => inner.Channel;

    public Task EnrollAsync(string patientId, CancellationToken ct) => AroundAsync("enroll", () => inner.EnrollAsync(patientId, ct));

    public Task RegisterAsync(IReadOnlyList<NewRecord> records, CancellationToken ct) => AroundAsync("register", () => inner.RegisterAsync(records, ct));

    public Task<NewRecord?> FindRecordAsync(string patientId, string recordId, CancellationToken ct) => inner.FindRecordAsync(patientId, recordId, ct);

    public Task<bool> HasSeenAllAsync(CancellationToken ct) => inner.HasSeenAllAsync(ct);

    public async Task<bool> MergeAsync(string mergeId, string merged, string surviving, CancellationToken ct)
    {
        var isComplete = false;
        await AroundAsync("merge", async () => isComplete = await inner.MergeAsync(mergeId, merged, surviving, ct));
        return isComplete;
    }

    public Task SupersedeAsync(IReadOnlyList<NewSupersession> supersessions, CancellationToken ct) =>
        AroundAsync("supersede", () => inner.SupersedeAsync(supersessions, ct));

    private async Task AroundAsync(string call, Func<Task> work)
    {
        if (point == "before:" + call)
            KillPoints.Strike();
        await work();
        if (point == "after:" + call)
            KillPoints.Strike();
    }
}
