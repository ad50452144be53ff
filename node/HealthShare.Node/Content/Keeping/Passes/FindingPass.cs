using HealthShare.Node.Content.Keeping.Findings;

namespace HealthShare.Node.Content.Keeping.Passes;

/// <summary>Looks again at open findings whose time has come, and repairs what can be repaired by now.</summary>
internal sealed class FindingPass(FindingTable findings, Keeper keeper, KeepingMetrics metrics)
{
    /// <summary>Looks at some of them.</summary>
    /// <returns>How many; fewer than <paramref name="limit"/> when no more are due.</returns>
    public async Task<int> StepAsync(int limit, CancellationToken ct)
    {
        var due = await findings.DueAsync(limit, ct);
        foreach (var finding in due)
        {
            await keeper.KeepAsync(finding.Content, Depth.Sample, repair: true, null, ct);
            await findings.PostponeDueAsync(finding.Content.Cid, finding.Replica, ct); // open still, and nobody put it off
        }
        metrics.Open(await findings.CountOpenAsync(ct));
        return due.Count;
    }
}
