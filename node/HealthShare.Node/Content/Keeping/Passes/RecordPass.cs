using HealthShare.Node.Content.Keeping.Findings;
using HealthShare.Node.Incidents;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Content.Keeping.Passes;

/// <summary>
/// Compares the ledger's records with what the replicas hold, record by record in the order of their keys, and begins anew when
/// the time has come. A page that was cut off by a crash is done again: all that is done to a record may be done twice.
/// </summary>
internal sealed class RecordPass(
    LedgerRecords records, Keeper keeper, PassTable passes, FindingTable findings, Silences silences, ReplicaBoard board, Replicas replicas,
    IncidentLog incidents, IOptions<ContentOptions> options, TimeProvider clock)
{
    private const int AtOnce = 4;

    /// <summary>Does the next records of the pass that runs, or of the next one if that is due.</summary>
    /// <param name="limit">Most records.</param>
    /// <param name="ct">Stops it.</param>
    /// <returns>How many were done; null between passes.</returns>
    public async Task<int?> StepAsync(int limit, CancellationToken ct)
    {
        var pass = await passes.FindOpenAsync(ct);
        if (pass is null)
        {
            if (await passes.FindLastAsync(ct) is { } last && clock.GetUtcNow() - last.StartedAt < options.Value.Keeping.PassEvery)
                return null;
            IReadOnlyList<string> names = [.. replicas.All.Select(replica => replica.Name)];
            await findings.TidyAsync(names, ct);
            await silences.TidyAsync(names, ct);
            pass = await passes.BeginAsync(ct);
        }
        var page = await records.PageAsync(pass.Position, limit, ct);
        var counts = pass.Counts;
        var gate = new Lock();
        await Parallel.ForEachAsync(page.Records, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct },
            async (record, token) =>
            {
                var kept = await keeper.KeepAsync(record, Depth.Sample, repair: true, null, token);
                lock (gate)
                    counts = counts.Add(kept, keeper.IsBelowMinimum(kept));
            });
        foreach (var id in page.Unreadable)
        {
            await incidents.NoteAsync(
                new Incident(clock.GetUtcNow(), "content.record_unreadable", null, id, "the ledger's entry names no content"), ct);
        }
        await passes.SaveAsync(
            pass with { Position = page.Last, Counts = counts.AddUnreadable(page.Unreadable.Count) with { FinishedAt = page.IsLast ? clock.GetUtcNow() : null } }, ct);
        await board.SaveAsync(ct);
        return page.Records.Count;
    }
}
