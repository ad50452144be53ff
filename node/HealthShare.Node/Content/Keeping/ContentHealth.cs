using HealthShare.Node.Content.Keeping.Findings;
using HealthShare.Node.Content.Keeping.Passes;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Content.Keeping;

/// <summary>How well this member's contents are kept.</summary>
/// <param name="Healthy">True while nothing is known to be wrong: no finding is open, no record was below the minimum in the last pass or check, every replica answers, nothing is overdue.</param>
/// <param name="LastPass">The last full pass over this member's records; null before the first has ended.</param>
/// <param name="LastCheck">The last full check on demand, which counts beside the passes; null before the first.</param>
/// <param name="RunningPass">The pass that runs; null between passes.</param>
/// <param name="Scrub">How far the reading of everything that is pinned here is.</param>
/// <param name="MinimumReplicas">Verified copies that each record must have.</param>
/// <param name="Replicas">Every place that is to hold the records, this node's store first.</param>
/// <param name="OpenFindings">How many copies are known to be missing or corrupt.</param>
/// <param name="Findings">The oldest of them, at most 100.</param>
/// <param name="Orphans">Contents that this node keeps and nothing refers to; no fault, and no record.</param>
public sealed record ContentHealth(
    bool Healthy, PassCounts? LastPass, PassCounts? LastCheck, PassCounts? RunningPass, ScrubState Scrub, int MinimumReplicas, IReadOnlyList<ReplicaHealth> Replicas,
    long OpenFindings, IReadOnlyList<ContentFinding> Findings, long Orphans);

/// <summary>Tells how well contents are kept.</summary>
internal sealed class ContentHealthReader(
    PassTable passes, ScrubTable scrub, ReplicaBoard board, FindingTable findings, OrphanTable orphans, IOptions<ContentOptions> options)
{
    /// <summary>Everything.</summary>
    public async Task<ContentHealth> ReadAsync(CancellationToken ct)
    {
        var look = await LookAsync(ct);
        return new(look.IsHealthy, look.Pass, look.Check, (await passes.FindOpenAsync(ct))?.Counts, look.Scrub, options.Value.Keeping.MinimumReplicas,
            look.Replicas, look.Open, await findings.ListOpenAsync(CheckOnDemand.MostFindings, ct), await orphans.CountAsync(ct));
    }

    /// <summary>Why it is not well, in a few words without ids; null while it is.</summary>
    public async Task<string?> WorryAsync(CancellationToken ct)
    {
        var look = await LookAsync(ct);
        if (look.IsHealthy)
            return null;
        var away = look.Replicas.Where(replica => replica.UnavailableSince is not null).Select(replica => replica.Name).ToList();
        return string.Join("; ", new[]
        {
            look.Open > 0 ? $"{look.Open} copies are missing or corrupt" : null,
            away.Count > 0 ? $"away: {string.Join(", ", away)}" : null,
            look.Few > 0 ? $"{look.Few} records had fewer verified copies than are to be kept, in the last {(look.IsCheckNewer ? "check" : "pass")}" : null,
            look.Scrub.Overdue ? "not everything was read within the time that is set" : null,
        }.OfType<string>());
    }

    private async Task<Look> LookAsync(CancellationToken ct) => new(
        await scrub.StateAsync(options.Value.Keeping.ScrubWithin, ct), board.List(), await findings.CountOpenAsync(ct),
        await passes.FindLastAsync(ct), await passes.FindLastCheckAsync(ct));

    private sealed record Look(ScrubState Scrub, IReadOnlyList<ReplicaHealth> Replicas, long Open, PassCounts? Pass, PassCounts? Check)
    {
        public bool IsCheckNewer => Check is not null && !(Pass?.StartedAt > Check.StartedAt);

        public long Few => (IsCheckNewer ? Check : Pass)?.BelowMinimum ?? 0;

        public bool IsHealthy => Open == 0 && Few == 0 && !Scrub.Overdue && Replicas.All(replica => replica.UnavailableSince is null);
    }
}
