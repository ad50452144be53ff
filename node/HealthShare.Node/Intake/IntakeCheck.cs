using System.Globalization;
using HealthShare.Node.Intake.Folder;
using HealthShare.Node.Intake.Journal;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Intake;

/// <summary>
/// How the intake does: what waits for the ledger and since when, what is in quarantine, the room on the disk, what the watched folder cannot take. What is wrong here needs somebody to look, yet
/// keeps the node from nothing else, so it is degraded and not away. Anybody may ask, so the journal is looked at once a second at most.
/// </summary>
internal sealed class IntakeCheck(IntakeTable table, JournalRoom room, FolderState folder, IOptions<IntakeOptions> options, TimeProvider clock) : IHealthCheck, IDisposable
{
    private static readonly TimeSpan LongWait = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim looking = new(1, 1);
    private (long At, HealthCheckResult Result)? last;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await looking.WaitAsync(cancellationToken);
        try
        {
            if (last is var (at, known) && clock.GetElapsedTime(at) < Between)
                return known;
            var result = await LookAsync(cancellationToken);
            last = (clock.GetTimestamp(), result);
            return result;
        }
        finally
        {
            looking.Release();
        }
    }

    public void Dispose() => looking.Dispose();

    private async Task<HealthCheckResult> LookAsync(CancellationToken ct)
    {
        var (queued, free) = await room.LookAsync(ct);
        var (oldest, quarantined) = await table.DelayAsync(ct);
        var detail = string.Create(CultureInfo.InvariantCulture,
            $"{queued} messages wait, the oldest for {oldest.TotalSeconds:F0} s; {quarantined} in quarantine; {free / (1024 * 1024)} MiB free");
        if (folder.Left > 0)
            detail += string.Create(CultureInfo.InvariantCulture, $"; {folder.Left} entries of the folder cannot be taken");
        if (folder.IsUnusable)
            detail += "; the folder cannot be used";
        return queued >= options.Value.QueuedMessages || free < options.Value.MinimumFreeBytes || oldest > LongWait || quarantined > 0
            || folder.Left > 0 || folder.IsUnusable
            ? HealthCheckResult.Degraded(detail)
            : HealthCheckResult.Healthy(detail);
    }
}
