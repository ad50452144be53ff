using Microsoft.Extensions.Options;

namespace HealthShare.Node.Content.Keeping.Passes;

/// <summary>
/// Reads everything that is pinned here from end to end, those first that wait longest, so slowly that it just comes round in time.
/// There is no round to lose: where it is follows from when each content was read.
/// </summary>
internal sealed class ScrubPass(
    ScrubTable table, Keeper keeper, Replicas replicas, IOptions<ContentOptions> options, TimeProvider clock)
{
    // Done in this part of the time, so that a busy week or a stopped node makes nothing overdue.
    private const double Share = 0.8;
    private readonly Pace pace = new(options.Value.Keeping.ScrubBytesPerSecond, clock);
    private DateTimeOffset listedAt = DateTimeOffset.MinValue;
    private DateTimeOffset nextAt = DateTimeOffset.MinValue;

    /// <summary>Reads what was sealed last: a fault of the last days is found on the day.</summary>
    public async Task ReadNewestAsync(CancellationToken ct)
    {
        foreach (var content in await table.NewestAsync(options.Value.Keeping.NewestAtStart, ct))
            await ReadAsync(content, ct);
    }

    /// <summary>Reads the next contents.</summary>
    /// <returns>How long to wait before the next step.</returns>
    public async Task<TimeSpan> StepAsync(int limit, CancellationToken ct)
    {
        var keeping = options.Value.Keeping;
        var started = clock.GetUtcNow();
        if (started - listedAt >= keeping.PassEvery)
        {
            await table.RefreshAsync(replicas.Own.ListPinsHereAsync(ct), ct);
            listedAt = started;
        }
        var state = await table.StateAsync(keeping.ScrubWithin, ct);
        // Those that were never read do not wait for their turn; the bytes a second are the only bound there.
        if (state.Contents == 0 || (state.NeverRead == 0 && started < nextAt))
            return state.Contents == 0 ? keeping.PassEvery : nextAt - started;
        var next = await table.NextAsync(limit, ct);
        foreach (var content in next)
            await ReadAsync(content, ct);
        nextAt = started + keeping.ScrubWithin * Share / state.Contents * next.Count;
        return TimeSpan.Zero;
    }

    private async Task ReadAsync(KeptContent content, CancellationToken ct)
    {
        // Pins go as records are withdrawn, and others' contents as their custodians let go of them: no loss, and no finding.
        if (!await replicas.Own.IsPinnedHereAsync(content.Cid, ct))
        {
            await table.RemoveAsync(content.Cid, ct);
            return;
        }
        await keeper.KeepAsync(content, Depth.Own, repair: true, pace, ct);
        await table.ReadAsync(content.Cid, ct);
    }
}
