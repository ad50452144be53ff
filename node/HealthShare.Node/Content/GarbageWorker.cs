using HealthShare.Vault.Content;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Content;

/// <summary>Removes unpinned content from the store on a schedule: once at start, then at each interval.</summary>
internal sealed partial class GarbageWorker(
    IContentStore store, IOptions<ContentOptions> options, TimeProvider clock, ILogger<GarbageWorker> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var garbage = options.Value.Garbage;
        // A daemon's pins are let go all the same; only its blocks are left to those who run it.
        if (garbage.Enabled is false && options.Value.Provider is ContentProvider.Embedded)
            return;
        using var timer = new PeriodicTimer(garbage.Interval, clock);
        do
        {
            try
            {
                // Not on the thread that starts the node: a large store takes a while.
                if (await Task.Run(() => store.CollectGarbageAsync(garbage.Grace, stoppingToken), stoppingToken) is > 0 and var removed)
                    LogRemoved(removed);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                LogFailed(e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(2231, LogLevel.Information, "{Count} unpinned contents were removed from the store.")]
    private partial void LogRemoved(int count);

    [LoggerMessage(2232, LogLevel.Warning, "Garbage could not be collected in the content store now: {Reason}")]
    private partial void LogFailed(string reason);
}
