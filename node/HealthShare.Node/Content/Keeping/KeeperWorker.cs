using System.Data.Common;
using HealthShare.Node.Content.Keeping.Passes;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Content.Keeping;

/// <summary>Runs the passes side by side, each at its pace. What one fails at now it tries again later.</summary>
internal sealed partial class KeeperWorker(
    RecordPass records, ScrubPass scrub, FindingPass findings, OrphanPass orphans, ReplicaBoard board, IOptions<ContentOptions> options, TimeProvider clock,
    ILogger<KeeperWorker> logger) : BackgroundService
{
    private const int AtOnce = 20;
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Keeping.Enabled)
        {
            LogOff();
            return;
        }
        await RepeatAsync(async ct =>
        {
            await board.LoadAsync(ct);
            return Timeout.InfiniteTimeSpan;
        }, stoppingToken);
        await Task.WhenAll(RepeatAsync(RecordsAsync, stoppingToken), RepeatAsync(FindingsAsync, stoppingToken), ScrubAsync(stoppingToken),
            RepeatAsync(orphans.StepAsync, stoppingToken));
    }

    private async Task<TimeSpan> RecordsAsync(CancellationToken ct)
    {
        var started = clock.GetUtcNow();
        var perMinute = options.Value.Keeping.RecordsPerMinute;
        return await records.StepAsync(Math.Min(AtOnce, perMinute), ct) is { } done
            ? TimeSpan.FromMinutes((double)done / perMinute) - (clock.GetUtcNow() - started)
            : LongestWait;
    }

    private async Task<TimeSpan> FindingsAsync(CancellationToken ct)
    {
        var started = clock.GetUtcNow();
        var perMinute = options.Value.Keeping.RetriesPerMinute;
        var done = await findings.StepAsync(Math.Min(AtOnce, perMinute), ct);
        var turn = TimeSpan.FromMinutes((double)Math.Max(1, done) / perMinute) - (clock.GetUtcNow() - started);
        return done > 0 || turn > TimeSpan.FromSeconds(1) ? turn : TimeSpan.FromSeconds(1);
    }

    private async Task ScrubAsync(CancellationToken stoppingToken)
    {
        await RepeatAsync(async ct =>
        {
            await scrub.ReadNewestAsync(ct);
            return Timeout.InfiniteTimeSpan;
        }, stoppingToken);
        await RepeatAsync(ct => scrub.StepAsync(AtOnce, ct), stoppingToken);
    }

    // Until the work says that it is done for good, by an infinite pause, or the node stops.
    private async Task RepeatAsync(Func<CancellationToken, Task<TimeSpan>> step, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            var wait = AfterFailure;
            try
            {
                wait = await step(ct);
                if (wait == Timeout.InfiniteTimeSpan)
                    return;
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is DbException or IOException or UnauthorizedAccessException) // database or own store are away
            {
                LogFailed(e.Message);
            }
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait < LongestWait ? wait : LongestWait, clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(2321, LogLevel.Warning, "Contents are not checked and not repaired: HealthShare:Content:Keeping:Enabled is false.")]
    private partial void LogOff();

    [LoggerMessage(2322, LogLevel.Warning, "Contents could not be checked now: {Reason}")]
    private partial void LogFailed(string reason);
}
