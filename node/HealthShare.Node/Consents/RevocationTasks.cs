using System.Collections.Concurrent;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using HealthShare.Node.Database;
using HealthShare.Node.Events;
using HealthShare.Node.Incidents;
using HealthShare.Node.Ledger;
using HealthShare.Node.Notifications;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Statements;

namespace HealthShare.Node.Consents;

/// <summary>Something that takes away and is not known to be on the channel.</summary>
/// <param name="Id">Hash of what is called, and with what.</param>
/// <param name="Transaction"><c>Contract:Transaction</c>.</param>
/// <param name="Argument">Its argument, JSON.</param>
/// <param name="BegunAt">When this node took it.</param>
/// <param name="Attempts">How often it was tried since nobody waits for it.</param>
internal sealed record RevocationTask(string Id, string Transaction, ReadOnlyMemory<byte> Argument, DateTimeOffset BegunAt, int Attempts);

/// <summary>
/// What takes something away and is under way, in the database, so that a node that stops does not lose it. A database that fails, or does
/// not answer, keeps nothing from the channel: then it is only this list that does not know. Nothing here throws but what reads the list.
/// </summary>
internal sealed partial class RevocationTasks(IDatabase database, IncidentLog incidents, ILedger ledger, TimeProvider clock, ILogger<RevocationTasks> logger)
    : ITaskList<RevocationTask>
{
    /// <summary>How long one is tried at most.</summary>
    public static readonly TimeSpan LongestTry = TimeSpan.FromDays(7);

    /// <summary>Code of the incident that one did not get to the channel though nobody was told so.</summary>
    public const string NotRelayed = "revocation.not_relayed";

    private const int BatchSize = 20, MostKept = 4096;

    // Longer than any call goes on: until then it is the call's to say what becomes of it.
    private static readonly TimeSpan LongestCall = TimeSpan.FromHours(1);

    // Those that a call of this process is busy with; after a restart nobody is.
    private readonly ConcurrentDictionary<string, int> busy = new(StringComparer.Ordinal);

    /// <summary>How long the database may take for a line here. Default 5 seconds.</summary>
    internal TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How many calls of this process are busy.</summary>
    internal int Busy => busy.Count;

    /// <summary>Notes one before it is first sent. Whoever calls this ends it with one of the methods below.</summary>
    /// <returns>Its id, and whether the list has it.</returns>
    public async Task<(string Id, bool IsKept)> BeginAsync(string transaction, ReadOnlyMemory<byte> argument)
    {
        var id = IdOf(transaction, argument.Span);
        busy.AddOrUpdate(id, 1, static (_, count) => count + 1);
        var kept = 0L;
        await QuietlyAsync(async (write, ct) =>
        {
            await write.Connection!.ExecuteAsync(new CommandDefinition("""
                INSERT INTO revocation_task (id, transaction_name, argument, begun_at, attempts, next_at)
                SELECT @id, @transaction, @argument, @now, 0, @later WHERE (SELECT count(*) FROM revocation_task) < @most
                ON CONFLICT (id) DO NOTHING
                """, new { id, transaction, argument = argument.ToArray(), now = Now, later = Now + (long)LongestCall.TotalMilliseconds, most = MostKept },
                write, cancellationToken: ct));
            kept = await write.Connection!.ExecuteScalarAsync<long>(new CommandDefinition(
                "SELECT count(*) FROM revocation_task WHERE id = @id", new { id }, write, cancellationToken: ct));
        });
        return (id, kept == 1);
    }

    /// <summary>Forgets one: it is on the channel, or the channel refused it and somebody heard so.</summary>
    public async Task EndAsync(string id)
    {
        await QuietlyAsync("DELETE FROM revocation_task WHERE id = @id", new { id });
        Free(id);
    }

    /// <summary>Forgets one whose caller was told that it failed, unless another call with the same bytes goes on, or was told nothing.</summary>
    public async Task ToldAsync(string id)
    {
        if (Free(id) == 0)
            await QuietlyAsync("DELETE FROM revocation_task WHERE id = @id AND unheard = 0", new { id });
    }

    /// <summary>Leaves one to be tried again: nobody waits for it, or this node stops.</summary>
    public async Task LeaveAsync(string id, CancellationToken stopping)
    {
        if (!stopping.IsCancellationRequested) // else the next run lets it be due
            await QuietlyAsync("UPDATE revocation_task SET next_at = 0, unheard = 1 WHERE id = @id", new { id });
        Free(id);
    }

    /// <summary>Forgets one that is not on the channel and that nobody waits for: privacy officer and patient are told in the same transaction.</summary>
    /// <param name="id">The task.</param>
    /// <param name="transaction"><c>Contract:Transaction</c>.</param>
    /// <param name="statement">What the patient signed; null for an act of a hospital.</param>
    /// <param name="code">Why it is not there.</param>
    public async Task GiveUpAsync(string id, string transaction, Statement? statement, string code)
    {
        var now = clock.GetUtcNow();
        await QuietlyAsync(async (write, ct) =>
        {
            await write.Connection!.ExecuteAsync(new CommandDefinition("DELETE FROM revocation_task WHERE id = @id", new { id }, write, cancellationToken: ct));
            await incidents.NoteAsync(new Incident(now, NotRelayed, statement?.Patient, statement?.Id ?? id, $"{transaction}: {code}"), write, ct);
            if (statement is null)
                return;
            await EventTable.AddAsync(write, [new NodeEvent(EventTopic.Notification, NotificationsOf.RevocationNotRelayed, now)
            {
                PatientId = statement.Patient, Subject = statement.Id, Members = [ledger.MspId], Name = $"{NotRelayed} {statement.Patient} {statement.Id}",
            }], ct);
        });
        Free(id);
    }

    /// <summary>Lets all be due that another run of this node left: nobody is busy with them any more, and nobody was told.</summary>
    public Task ResumeAsync() => QuietlyAsync("UPDATE revocation_task SET next_at = 0, unheard = 1", new { });

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RevocationTask>> DueAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition("""
            SELECT id AS Id, transaction_name AS Name, argument AS Argument, begun_at AS BegunAt, attempts AS Attempts
            FROM revocation_task WHERE next_at <= @now ORDER BY next_at, begun_at LIMIT @limit
            """, new { now = Now, limit = BatchSize + busy.Count }, cancellationToken: ct));
        return [.. rows.Where(row => !busy.ContainsKey(row.Id)).Take(BatchSize).Select(static row => new RevocationTask(
            row.Id, row.Name, row.Argument, DateTimeOffset.FromUnixTimeMilliseconds(row.BegunAt), (int)row.Attempts))];
    }

    /// <summary>Puts one off, for longer each time.</summary>
    public Task LaterAsync(RevocationTask task) => QuietlyAsync(
        "UPDATE revocation_task SET attempts = attempts + 1, next_at = @next WHERE id = @Id",
        new { task.Id, next = (clock.GetUtcNow() + TaskWorker.PauseAfter(task.Attempts)).ToUnixTimeMilliseconds() });

    // How many are busy with it still.
    private int Free(string id)
    {
        var left = busy.AddOrUpdate(id, 0, static (_, count) => Math.Max(count - 1, 0));
        if (left == 0)
            busy.TryRemove(new(id, 0));
        return left;
    }

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private static string IdOf(string transaction, ReadOnlySpan<byte> argument)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{transaction}\n"));
        hash.AppendData(argument);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private Task QuietlyAsync(string sql, object parameters) => QuietlyAsync((transaction, ct) => transaction.Connection!.ExecuteAsync(
        new CommandDefinition(sql, parameters, transaction, cancellationToken: ct)));

    // By its own time, which no caller's and no channel's shortens: a database behind a lock must not keep anything from the channel.
    private async Task QuietlyAsync(Func<DbTransaction, CancellationToken, Task> work)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await database.WriteAsync(transaction => work(transaction, patience.Token), patience.Token).WaitAsync(patience.Token);
        }
        catch (Exception e) when (e is DbException or OperationCanceledException or ObjectDisposedException)
        {
            LogNotKept(e);
        }
    }

    private sealed record Row(string Id, string Name, byte[] Argument, long BegunAt, long Attempts);

    [LoggerMessage(3615, LogLevel.Warning, "The database does not take what is known of a revocation or deny under way; it goes on without.")]
    private partial void LogNotKept(Exception e);
}
