using System.Data.Common;
using Dapper;
using HealthShare.Node.Database;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Intake.Journal;

/// <summary>
/// Forgets messages that were registered or discarded long enough ago, with their history. A registered one that comes again after that is
/// no second record: its record id follows from facility, control id and content, and that it is registered stays noted beside the record's key.
/// </summary>
internal sealed partial class JournalPruner(
    IDatabase database, IOptions<IntakeOptions> options, TimeProvider clock, ILogger<JournalPruner> logger) : BackgroundService
{
    private const int AtOnce = 200; // so that no sender waits for it
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);
    private static readonly IntakeState[] Ended = [IntakeState.Registered, IntakeState.Discarded];

    /// <summary>Removes what is old enough.</summary>
    /// <returns>How many messages were removed.</returns>
    public async Task<int> PruneAsync(CancellationToken ct)
    {
        var before = (clock.GetUtcNow() - options.Value.KeepMetadata).ToUnixTimeMilliseconds();
        var removed = 0;
        foreach (var state in Ended)
        {
            while (await PruneAsync(StateName.Of(state), before, ct) is > 0 and var some)
                removed += some;
        }
        return removed;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            try
            {
                if (await PruneAsync(stoppingToken) is > 0 and var removed)
                    LogPruned(removed);
            }
            catch (DbException e)
            {
                LogNoDatabase(e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    private async Task<int> PruneAsync(string state, long before, CancellationToken ct)
    {
        List<long> old;
        await using (var connection = await database.OpenAsync(ct))
        {
            old = (await connection.QueryAsync<long>(new CommandDefinition($"""
                SELECT sequence FROM intake_message WHERE state = '{state}' AND updated_at < @before
                    AND sequence <= (SELECT coalesce(max(sequence), 0) FROM intake_message WHERE received_at < @before)
                ORDER BY sequence LIMIT @limit
                """, new { before, limit = AtOnce }, cancellationToken: ct))).AsList();
        }
        if (old.Count == 0)
            return 0;
        // One that was sent again meanwhile, and so begins anew, keeps its history.
        return await database.WriteAsync(async transaction =>
        {
            var gone = (await transaction.Connection!.QueryAsync<long>(new CommandDefinition(
                $"DELETE FROM intake_message WHERE sequence IN ({string.Join(',', old)}) AND state = '{state}' AND updated_at < @before RETURNING sequence",
                new { before }, transaction, cancellationToken: ct))).AsList();
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "DELETE FROM intake_history WHERE message = @sequence", gone.Select(sequence => new { sequence }), transaction, cancellationToken: ct));
            return gone.Count;
        }, ct);
    }

    [LoggerMessage(4141, LogLevel.Information, "{Count} messages that ended long ago were forgotten.")]
    private partial void LogPruned(int count);

    [LoggerMessage(4142, LogLevel.Warning, "Old messages are not forgotten for now: the database is away.")]
    private partial void LogNoDatabase(Exception e);
}
