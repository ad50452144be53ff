using System.Data.Common;
using Dapper;
using HealthShare.Node.Database;

namespace HealthShare.Node.Events;

/// <summary>
/// Wakes who waits for events: one look at the database for all, while somebody waits. It sees what any process wrote, and nothing before
/// it counts.
/// </summary>
internal sealed partial class EventFeed(IDatabase database, EventTable table, TimeProvider clock, ILogger<EventFeed> logger) : BackgroundService
{
    // Lines of the log become visible out of their order on some databases, so a look begins a little before the newest.
    private const int Overlap = 1000;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private readonly Lock gate = new();
    private TaskCompletionSource moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int waiting;

    /// <summary>What the newest look saw.</summary>
    public EventLook Current { get; private set => Volatile.Write(ref field, value); } = EventLook.None;

    /// <summary>Ends when something happened since the call.</summary>
    public Task NextAsync()
    {
        lock (gate)
            return moved.Task;
    }

    /// <summary>Wakes all: something that is not in the database changed.</summary>
    public void Wake()
    {
        TaskCompletionSource old;
        lock (gate)
            (old, moved) = (moved, new(TaskCreationOptions.RunContinuationsAsynchronously));
        old.SetResult();
    }

    /// <summary>Has the feed look until this is disposed.</summary>
    public IDisposable Follow() => new Follower(this);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (Volatile.Read(ref waiting) > 0)
                    await LookAsync(stoppingToken);
            }
            catch (DbException e) // away for now
            {
                LogNoDatabase(e);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Looks once, and wakes who waits where something is new.</summary>
    internal async Task LookAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var (before, last) = (Current, await connection.ExecuteScalarAsync<long>(new CommandDefinition("SELECT last FROM event_head", cancellationToken: ct)));
        // A line may show after a later one: then there are more of the newest than there were.
        var (newest, lines) = await connection.QuerySingleAsync<(long?, long)>(new CommandDefinition($"""
            SELECT (SELECT max(seq) FROM access_event), (SELECT count(*) FROM access_event WHERE seq > (SELECT max(seq) FROM access_event) - {Overlap})
            """, cancellationToken: ct));
        var log = newest ?? 0;
        if (before.Number > 0 && (last, log, lines) == (before.Last, before.Log, before.Lines))
            return;
        IReadOnlyList<NodeEvent> events = before.Number > 0 && last > before.Last ? await table.ReadAsync(null, before.Last, last, ct) : [];
        // More than can be handed out at once: each reads for itself what it wants.
        var isWhole = before.Number > 0 && events.Count < EventTable.Batch;
        var logged = before.Number > 0 && log - before.Log <= Overlap && (log, lines) != (before.Log, before.Lines)
            ? (await connection.QueryAsync<string>(new CommandDefinition(
                "SELECT DISTINCT patient_id FROM access_event WHERE seq > @from", new { from = before.Log - Overlap }, cancellationToken: ct))).ToHashSet(StringComparer.Ordinal)
            : null;
        Current = new EventLook(before.Number + 1, last, log, lines, isWhole ? before.Last : last, isWhole ? events : [], logged);
        Wake();
    }

    private sealed class Follower : IDisposable
    {
        private readonly EventFeed feed;
        private int over;

        public Follower(EventFeed feed)
        {
            this.feed = feed;
            Interlocked.Increment(ref feed.waiting);
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref over, 1) == 0)
                Interlocked.Decrement(ref feed.waiting);
        }
    }

    [LoggerMessage(3911, LogLevel.Warning, "Events wait for the database.")]
    private partial void LogNoDatabase(Exception e);
}
