using System.Data.Common;

namespace HealthShare.Node.Auth.People;

/// <summary>Goes on with keys that a disabling could not revoke: the channel was away, or the key was on its way there.</summary>
internal sealed partial class EndedStaffKeyWorker(EndedStaffKeys keys, TimeProvider clock, ILogger<EndedStaffKeyWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            try
            {
                await keys.RevokeAsync(stoppingToken);
            }
            catch (DbException e) // the next turn finds them
            {
                LogFailed(e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(3315, LogLevel.Warning, "Keys of disabled staff could not be looked for now.")]
    private partial void LogFailed(Exception e);
}
