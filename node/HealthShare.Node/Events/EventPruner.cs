using System.Data.Common;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Events;

/// <summary>Lets go of events that nobody comes back for any more.</summary>
internal sealed partial class EventPruner(EventTable table, IOptions<EventsOptions> options, TimeProvider clock, ILogger<EventPruner> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await table.PruneAsync(clock.GetUtcNow() - options.Value.KeepFor, stoppingToken);
            }
            catch (DbException e) // the next turn finds them
            {
                LogNotPruned(e);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(3912, LogLevel.Warning, "Old events are still there.")]
    private partial void LogNotPruned(Exception e);
}
