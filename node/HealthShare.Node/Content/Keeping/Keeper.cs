using HealthShare.Node.Content.Keeping.Findings;
using HealthShare.Vault.Content;
using HealthShare.Vault.Content.Replicas;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Content.Keeping;

/// <summary>How thoroughly a content is looked at.</summary>
internal enum Depth
{
    /// <summary>Random ranges of every replica.</summary>
    Sample,

    /// <summary>All of the own copy, and nothing of the others.</summary>
    Own,

    /// <summary>All of the own copy, and random ranges of the others.</summary>
    Full,
}

/// <summary>What a look at one content came to.</summary>
/// <param name="Stands">False when the record was withdrawn meanwhile: then nothing else counts.</param>
/// <param name="Own">State of the own copy at the end.</param>
/// <param name="Copies">Replicas that hold it, the own included.</param>
/// <param name="Unavailable">Replicas of which nothing is known.</param>
/// <param name="Lacking">Replicas whose copy is missing or corrupt at the end; each is a finding.</param>
/// <param name="Repaired">Copies that are whole again.</param>
/// <param name="PinnedAgain">True when a copy was there and not pinned.</param>
internal sealed record Kept(bool Stands, ReplicaState Own, int Copies, int Unavailable, int Lacking, int Repaired, bool PinnedAgain)
{
    /// <summary>Of a record that is no longer to be kept.</summary>
    public static Kept Withdrawn { get; } = new(false, ReplicaState.Missing, 0, 0, 0, 0, false);
}

/// <summary>
/// Keeps one content: asks the replicas, pins what is not pinned, notes what is missing or corrupt, and has it repaired. A finding
/// is closed only by reading that copy whole: a good range says nothing of the bad one that was found.
/// </summary>
internal sealed partial class Keeper(
    Replicas replicas, Challenger challenger, Repairer repairer, FindingTable findings, Silences silences, LedgerRecords records, IPinClaims claims,
    KeepingMetrics metrics, IOptions<ContentOptions> options, TimeProvider clock, ILogger<Keeper> logger)
{
    // A daemon that is away is away for every record.
    private readonly Seldom complaints = new(clock);

    /// <summary>Looks at a content; with <paramref name="repair"/>, pins and repairs as well.</summary>
    public async Task<Kept> KeepAsync(KeptContent content, Depth depth, bool repair, Pace? pace, CancellationToken ct)
    {
        var open = await findings.OpenOfAsync(content.Cid, ct);
        var asked = depth is Depth.Own ? [replicas.Own] : replicas.All;
        var verdicts = await Task.WhenAll(asked.Select(replica => open.Contains(replica.Name) || (depth is not Depth.Sample && replica == replicas.Own)
            ? challenger.ReadAllAsync(replica, content, pace, ct)
            : challenger.ChallengeAsync(replica, content, ct)));
        if (!await StandsAsync(content, ct))
            return await ForgetAsync(content, open, repaired: false, ct);

        if (verdicts.Any(verdict => verdict.IsLacking))
            await CompareClaimsAsync(content, verdicts, repair, ct);
        foreach (var silent in await silences.FollowAsync(content.Cid, verdicts, ct))
            await ReportAsync(content, silent, ct);
        var (repaired, pinnedAgain) = (0, false);
        for (var i = 0; i < verdicts.Length; i++)
        {
            if (verdicts[i].State is ReplicaState.Held && open.Contains(verdicts[i].Replica.Name))
                await ResolveAsync(content, verdicts[i].Replica, ct);
            if (repair && content.RecordId is not null && verdicts[i] is { State: ReplicaState.Held, Replica: IWritableReplica writable })
                pinnedAgain |= await PinAsync(content, writable, ct);
            if (!verdicts[i].IsLacking)
                continue;
            await ReportAsync(content, verdicts[i], ct);
            if (!repair)
                continue;
            var outcome = await repairer.RepairAsync(content, verdicts[i], depth is Depth.Own ? null : verdicts, ct);
            if (outcome is not { State: ReplicaState.Held })
                continue;
            verdicts[i] = outcome;
            repaired++;
            if (content.RecordId is not null && outcome.Replica is IWritableReplica whole)
                pinnedAgain |= await PinAsync(content, whole, ct);
        }
        if ((repaired > 0 || pinnedAgain) && !await StandsAsync(content, ct))
            return await ForgetAsync(content, open, repaired: true, ct);
        return new(true, verdicts[0].State, verdicts.Count(verdict => verdict.State is ReplicaState.Held),
            verdicts.Count(verdict => verdict.State is ReplicaState.Unavailable), verdicts.Count(verdict => verdict.IsLacking), repaired, pinnedAgain);
    }

    /// <summary>True while fewer verified copies are known than the settings demand.</summary>
    public bool IsBelowMinimum(Kept kept) => kept.Copies < options.Value.Keeping.MinimumReplicas;

    // A peer of the cluster that says pinned, and cannot show it, is what nobody but a challenge finds out.
    private async Task CompareClaimsAsync(KeptContent content, ReplicaVerdict[] verdicts, bool repair, CancellationToken ct)
    {
        try
        {
            var said = await claims.AskAsync(content.Cid, ct);
            for (var i = 0; i < verdicts.Length; i++)
            {
                if (verdicts[i].IsLacking && said.Pinned.Contains(verdicts[i].Replica.Name))
                    verdicts[i] = verdicts[i] with { Detail = "its cluster peer says pinned, but " + verdicts[i].Detail };
            }
            if (repair && said.NeedsRecovery)
                await claims.RecoverAsync(content.Cid, ct);
        }
        catch (IOException e)
        {
            if (complaints.MayTell("claims"))
                LogNoClaims(content.Cid, e.Message); // what was seen is a finding all the same
        }
    }

    // An own record is to be kept while the ledger has it, anything else while it is pinned. A repair takes the pin away for a
    // moment: one that did not come to its end left its claim.
    private async Task<bool> StandsAsync(KeptContent content, CancellationToken ct) => content.RecordKey is { } key
        ? await records.StandsAsync(key, ct)
        : await replicas.Own.IsPinnedHereAsync(content.Cid, ct) || await findings.IsClaimedAsync(content.Cid, replicas.Own.Name, ct);

    // Nothing is promised of it any more. What was pinned here after its withdrawal is let go again.
    private async Task<Kept> ForgetAsync(KeptContent content, IReadOnlySet<string> open, bool repaired, CancellationToken ct)
    {
        foreach (var name in open)
            await findings.ResolveAsync(content.Cid, name, ct);
        if (repaired)
            await replicas.Own.UnpinAsync(content.Cid, ct);
        return Kept.Withdrawn;
    }

    private async Task<bool> PinAsync(KeptContent content, IWritableReplica replica, CancellationToken ct)
    {
        try
        {
            if (await replica.IsPinnedAsync(content.Cid, ct))
                return false;
            if (!await replica.PinAsync(content.Cid, ct))
                return false; // the peers of a cluster were told, and the next pass sees whether they have done it
        }
        catch (Exception e) when (e is ContentNotFoundException or ReplicaUnavailableException)
        {
            if (complaints.MayTell(replica.Name))
                LogNotPinned(content.Cid, replica.Name, e.Message); // gone again since it was challenged, or the daemon left: the next look finds which
            return false;
        }
        metrics.PinnedAgain();
        LogPinned(content.Cid, content.RecordId, replica.Name);
        return true;
    }

    private async Task ReportAsync(KeptContent content, ReplicaVerdict verdict, CancellationToken ct)
    {
        if (!await findings.ReportAsync(content, verdict.Replica.Name, verdict.State, verdict.Detail ?? "", ct))
            return;
        metrics.Found(verdict.Replica.Name, verdict.State);
        LogFound(content.Cid, content.RecordId, verdict.State, verdict.Replica.Name, verdict.Detail);
    }

    private async Task ResolveAsync(KeptContent content, IContentReplica replica, CancellationToken ct)
    {
        if (await findings.ResolveAsync(content.Cid, replica.Name, ct))
            LogWhole(content.Cid, content.RecordId, replica.Name);
    }

    [LoggerMessage(2301, LogLevel.Warning, "Content {Cid} of record {RecordId} is {State} at replica {Replica}: {Detail}")]
    private partial void LogFound(Cid cid, string? recordId, ReplicaState state, string replica, string? detail);

    [LoggerMessage(2302, LogLevel.Information, "Content {Cid} of record {RecordId} is whole again at replica {Replica}.")]
    private partial void LogWhole(Cid cid, string? recordId, string replica);

    [LoggerMessage(2303, LogLevel.Warning, "Content {Cid} of record {RecordId} was held and not pinned at replica {Replica}; it is pinned again.")]
    private partial void LogPinned(Cid cid, string? recordId, string replica);

    [LoggerMessage(2304, LogLevel.Warning, "Content {Cid} could not be pinned again at replica {Replica} now: {Reason}")]
    private partial void LogNotPinned(Cid cid, string replica, string reason);

    [LoggerMessage(2305, LogLevel.Warning, "The cluster could not be asked about content {Cid}: {Reason}")]
    private partial void LogNoClaims(Cid cid, string reason);
}
