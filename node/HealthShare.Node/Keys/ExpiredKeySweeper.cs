namespace HealthShare.Node.Keys;

/// <summary>Deletes received keys soon after their decision has ended; they stop being given out at that very moment.</summary>
internal sealed partial class ExpiredKeySweeper(ReceivedKeys keys, TimeProvider clock, ILogger<ExpiredKeySweeper> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            try
            {
                if (await keys.DeleteExpiredAsync(stoppingToken) is > 0 and var deleted)
                    LogDeleted(deleted);
            }
            catch (System.Data.Common.DbException e) // the database is away: expired keys are refused anyhow, try again later
            {
                LogFailed(e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(2203, LogLevel.Information, "{Count} received keys were deleted: their decision has ended.")]
    private partial void LogDeleted(int count);

    [LoggerMessage(2204, LogLevel.Warning, "Expired keys could not be deleted now.")]
    private partial void LogFailed(Exception e);
}
