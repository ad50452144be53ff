using System.Data.Common;
using HealthShare.Node.Intake.Journal;

namespace HealthShare.Node.Intake;

/// <summary>Counts what is in quarantine, for the metrics: it is emptied by staff alone, so somebody has to see that it grows.</summary>
internal sealed class QuarantineCounter(IntakeTable table, IntakeMetrics metrics, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(15);

    /// <summary>Counts once; while the database is away nobody knows.</summary>
    public async Task CountAsync(CancellationToken ct)
    {
        try
        {
            metrics.Quarantined(await table.CountQuarantinedAsync(ct));
        }
        catch (DbException)
        {
            metrics.Quarantined(null);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        do
        {
            await CountAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }
}
