using System.Data.Common;

namespace HealthShare.Node.Database;

/// <summary>Lets everything go that is kept for a while only, whether or not anybody calls.</summary>
internal sealed partial class PruningWorker(IEnumerable<IPruned> all, TimeProvider clock, ILogger<PruningWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(15);

    /// <summary>One turn. What fails keeps nothing else.</summary>
    public async Task RunOnceAsync(CancellationToken ct)
    {
        foreach (var one in all)
        {
            try
            {
                if (await one.PruneAsync(ct) is > 0 and var count)
                    LogPruned(count, one.Name);
            }
            catch (DbException e) // the next turn finds them
            {
                LogFailed(e, one.Name);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
            await RunOnceAsync(stoppingToken);
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(2021, LogLevel.Debug, "{Count} rows of {Name} were too old.")]
    private partial void LogPruned(int count, string name);

    [LoggerMessage(2022, LogLevel.Warning, "What is too old of {Name} is still there.")]
    private partial void LogFailed(Exception e, string name);
}
