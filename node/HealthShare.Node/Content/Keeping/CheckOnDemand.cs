using System.Runtime.CompilerServices;
using HealthShare.Node.Content.Keeping.Findings;
using HealthShare.Node.Content.Keeping.Passes;

namespace HealthShare.Node.Content.Keeping;

/// <summary>What to check on demand.</summary>
/// <param name="Repair">Pins and repairs what can be; without it, findings are noted only.</param>
/// <param name="Full">Reads the own copies from end to end, not random ranges.</param>
public sealed record ContentCheckOrder(bool Repair = false, bool Full = false);

/// <summary>How far a check on demand is: one line of its answer. The last one has <c>done</c>.</summary>
/// <param name="Done">True in the last line.</param>
/// <param name="Total">Records of this member when the check began.</param>
/// <param name="Counts">What was found so far.</param>
/// <param name="OpenFindings">Copies known to be missing or corrupt, all of them; in the last line only.</param>
/// <param name="Findings">The oldest of them; in the last line only.</param>
/// <param name="Orphans">Contents that this node keeps and nothing refers to; in the last line only.</param>
public sealed record ContentCheckProgress(
    bool Done, long Total, PassCounts Counts, long? OpenFindings = null, IReadOnlyList<ContentFinding>? Findings = null, long? Orphans = null);

/// <summary>Checks all of this member's records now, as fast as the replicas answer. One check at a time.</summary>
internal sealed class CheckOnDemand(
    LedgerRecords records, Keeper keeper, Replicas replicas, FindingTable findings, PassTable passes, ScrubTable scrub, OrphanPass orphans, ReplicaBoard board,
    TimeProvider clock) : IDisposable
{
    /// <summary>Most findings in an answer.</summary>
    public const int MostFindings = 100;

    private const int Page = 32;
    private const int AtOnce = 4;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim turn = new(1, 1);

    /// <summary>Takes the turn; dispose it when the check is over. Null while another check runs.</summary>
    public IDisposable? TryBegin() => turn.Wait(0) ? new Turn(turn) : null;

    /// <summary>Runs a check; it ends early when its reader goes away.</summary>
    public async IAsyncEnumerable<ContentCheckProgress> RunAsync(ContentCheckOrder order, [EnumeratorCancellation] CancellationToken ct)
    {
        var total = await records.CountAsync(ct);
        var counts = new PassCounts(clock.GetUtcNow(), null, 0, 0, 0, 0, 0, 0, 0, 0);
        var told = counts.StartedAt;
        yield return new(false, total, counts);
        await scrub.TryRefreshAsync(replicas.Own.ListPinsHereAsync(ct), ct);
        var gate = new Lock();
        byte[]? position = null;
        for (var more = true; more;)
        {
            var page = await records.PageAsync(position, Page, ct);
            await Parallel.ForEachAsync(page.Records, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct },
                async (record, token) =>
                {
                    var kept = await keeper.KeepAsync(record, order.Full ? Depth.Full : Depth.Sample, order.Repair, null, token);
                    if (order.Full && kept is { Stands: true, Own: ReplicaState.Held })
                        await scrub.ReadAsync(record.Cid, token);
                    lock (gate)
                        counts = counts.Add(kept, keeper.IsBelowMinimum(kept));
                });
            counts = counts.AddUnreadable(page.Unreadable.Count);
            (position, more) = (page.Last, !page.IsLast);
            if (clock.GetUtcNow() - told < Interval)
                continue;
            told = clock.GetUtcNow();
            yield return new(false, total, counts);
        }
        await board.SaveAsync(ct);
        counts = counts with { FinishedAt = clock.GetUtcNow() };
        await passes.AddCheckAsync(counts, ct);
        yield return new(true, total, counts, await findings.CountOpenAsync(ct), await findings.ListOpenAsync(MostFindings, ct),
            await orphans.CountAsync(ct));
    }

    public void Dispose() => turn.Dispose();

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        private int ended;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref ended, 1) == 0)
                turn.Release();
        }
    }
}
