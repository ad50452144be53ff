using HealthShare.Node.Content.Keeping.Findings;
using HealthShare.Node.Incidents;
using HealthShare.Vault.Content;
using HealthShare.Vault.Content.Replicas;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Content.Keeping;

/// <summary>
/// Makes a copy whole again from another replica's. It takes the finding first, so that a content is repaired once at a time, and
/// believes in the result only after reading it whole.
/// </summary>
internal sealed partial class Repairer(
    Replicas replicas, Challenger challenger, FindingTable findings, IncidentLog incidents, KeepingMetrics metrics,
    IOptions<ContentOptions> options, TimeProvider clock, ILogger<Repairer> logger)
{
    /// <summary>Repairs a copy with an open finding.</summary>
    /// <param name="content">The content.</param>
    /// <param name="lacking">The copy.</param>
    /// <param name="known">What the replicas showed of it just now; null where the others were not asked.</param>
    /// <param name="ct">Stops it.</param>
    /// <returns>The verdict over the copy afterwards; null where it is not this node's to write, or is being repaired already.</returns>
    public async Task<ReplicaVerdict?> RepairAsync(
        KeptContent content, ReplicaVerdict lacking, IReadOnlyList<ReplicaVerdict>? known, CancellationToken ct)
    {
        if (lacking.Replica is not IWritableReplica target)
        {
            // Its own node scrubs and repairs it. It is asked again, later and later.
            await findings.PostponeAsync(content.Cid, lacking.Replica.Name, lacking.Detail ?? "", ct);
            return null;
        }
        var limit = options.Value.Keeping.RepairTimeout;
        // Longer than any repair takes: a claim is left behind by a crash only, and then ends by itself.
        if (!await findings.ClaimAsync(content.Cid, target.Name, limit + limit, ct))
            return null;
        var wasPinned = await IsPinnedAsync(content.Cid, target, ct);
        var outcome = await TryAsync(content, target, known, limit, ct);
        metrics.Repaired(target.Name, outcome.State is ReplicaState.Held);
        if (outcome.State is ReplicaState.Held)
        {
            await findings.ResolveAsync(content.Cid, target.Name, ct);
            LogRepaired(content.Cid, content.RecordId, target.Name);
        }
        else
        {
            // A pin that is lost on the way leaves the claim, as a crash does: without either, the content would pass for one let go.
            var isNews = true;
            if (!wasPinned || await IsPinnedAsync(content.Cid, target, ct))
                isNews = await findings.PostponeAsync(content.Cid, target.Name, outcome.Detail ?? "", ct);
            if (isNews)
                LogNotRepaired(content.Cid, content.RecordId, target.Name, outcome.Detail);
        }
        return outcome;
    }

    private static async Task<bool> IsPinnedAsync(Cid cid, IWritableReplica target, CancellationToken ct)
    {
        try
        {
            return await target.IsPinnedHereAsync(cid, ct);
        }
        catch (ReplicaUnavailableException)
        {
            return false;
        }
    }

    private async Task<ReplicaVerdict> TryAsync(
        KeptContent content, IWritableReplica target, IReadOnlyList<ReplicaVerdict>? known, TimeSpan limit, CancellationToken ct)
    {
        using var time = new CancellationTokenSource(limit, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct, time.Token);
        var (unknown, failure) = (false, replicas.All.Count > 1
            ? "no other replica holds a good copy."
            : "there is no other replica: HealthShare:Content:Replicas names none.");
        try
        {
            foreach (var source in replicas.All.Where(replica => replica != target))
            {
                var seen = known?.FirstOrDefault(verdict => verdict.Replica == source)
                    ?? await challenger.ChallengeAsync(source, content, stop.Token);
                unknown |= seen.State is ReplicaState.Unavailable;
                if (seen.State is not ReplicaState.Held)
                    continue;
                try
                {
                    await target.RestoreAsync(content.Cid, source, stop.Token);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    // The next source may do better; which side failed stands in the message.
                    (unknown, failure) = (true, $"from {source.Name}: {e.Message}");
                    continue;
                }
                var after = await challenger.ReadAllAsync(target, content, null, stop.Token);
                if (after.State is ReplicaState.Held)
                    return after;
                (unknown, failure) = (true, $"from {source.Name}, and still not whole: {after.Detail}");
            }
        }
        catch (Exception e) when (!ct.IsCancellationRequested && e is OperationCanceledException)
        {
            (unknown, failure) = (true, $"it took longer than {limit}.");
        }
        // Every replica answered, and none has it: a person must look, since only a backup can help now.
        if (!unknown)
        {
            await incidents.NoteAsync(new Incident(clock.GetUtcNow(), "content.no_good_copy", null, content.Cid.ToString(),
                content.RecordId is { } record ? $"record {record}" : "no own record"), ct);
        }
        return new(target, ReplicaState.Missing, failure);
    }

    [LoggerMessage(2311, LogLevel.Information, "Content {Cid} of record {RecordId} was repaired at replica {Replica}.")]
    private partial void LogRepaired(Cid cid, string? recordId, string replica);

    [LoggerMessage(2312, LogLevel.Warning, "Content {Cid} of record {RecordId} could not be repaired at replica {Replica}: {Reason}")]
    private partial void LogNotRepaired(Cid cid, string? recordId, string replica, string? reason);
}
