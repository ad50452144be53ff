using HealthShare.Node.Content.Keeping.Findings;
using HealthShare.Node.Content.Keeping.Passes;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Content.Keeping;

/// <summary>How well this member's contents are kept.</summary>
/// <param name="Healthy">True while nothing is known to be wrong: no finding is open, no record was below the minimum in the last pass, every replica answers, nothing is overdue.</param>
/// <param name="LastPass">The last full pass over this member's records; null before the first has ended.</param>
/// <param name="RunningPass">The pass that runs; null between passes.</param>
/// <param name="Scrub">How far the reading of everything that is pinned here is.</param>
/// <param name="MinimumReplicas">Verified copies that each record must have.</param>
/// <param name="Replicas">Every place that is to hold the records, this node's store first.</param>
/// <param name="OpenFindings">How many copies are known to be missing or corrupt.</param>
/// <param name="Findings">The oldest of them, at most 100.</param>
public sealed record ContentHealth(
    bool Healthy, PassCounts? LastPass, PassCounts? RunningPass, ScrubState Scrub, int MinimumReplicas, IReadOnlyList<ReplicaHealth> Replicas,
    long OpenFindings, IReadOnlyList<ContentFinding> Findings);

/// <summary>Tells how well contents are kept.</summary>
internal sealed class ContentHealthReader(
    PassTable passes, ScrubTable scrub, ReplicaBoard board, FindingTable findings, IOptions<ContentOptions> options)
{
    /// <summary>Everything.</summary>
    public async Task<ContentHealth> ReadAsync(CancellationToken ct)
    {
        var keeping = options.Value.Keeping;
        var (state, replicas, open) = (await scrub.StateAsync(keeping.ScrubWithin, ct), board.List(), await findings.CountOpenAsync(ct));
        var last = await passes.FindLastAsync(ct);
        return new(IsHealthy(state, replicas, open, last), last, (await passes.FindOpenAsync(ct))?.Counts, state,
            keeping.MinimumReplicas, replicas, open, await findings.ListOpenAsync(CheckOnDemand.MostFindings, ct));
    }

    /// <summary>Why it is not well, in a few words without ids; null while it is.</summary>
    public async Task<string?> WorryAsync(CancellationToken ct)
    {
        var (state, replicas, open) = (
            await scrub.StateAsync(options.Value.Keeping.ScrubWithin, ct), board.List(), await findings.CountOpenAsync(ct));
        var last = await passes.FindLastAsync(ct);
        if (IsHealthy(state, replicas, open, last))
            return null;
        var away = replicas.Where(replica => replica.UnavailableSince is not null).Select(replica => replica.Name).ToList();
        return string.Join("; ", new[]
        {
            open > 0 ? $"{open} copies are missing or corrupt" : null,
            away.Count > 0 ? $"away: {string.Join(", ", away)}" : null,
            last is { BelowMinimum: > 0 and var few } ? $"{few} records had fewer verified copies than are to be kept, in the last pass" : null,
            state.Overdue ? "not everything was read within the time that is set" : null,
        }.OfType<string>());
    }

    private static bool IsHealthy(ScrubState scrub, IReadOnlyList<ReplicaHealth> replicas, long open, PassCounts? last) =>
        open == 0 && last is not { BelowMinimum: > 0 } && !scrub.Overdue && replicas.All(replica => replica.UnavailableSince is null);
}
