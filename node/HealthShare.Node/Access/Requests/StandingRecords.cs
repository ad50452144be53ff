using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Access.Receipts;
using HealthShare.Node.Keys;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;

namespace HealthShare.Node.Access.Requests;

/// <summary>A record that a request permitted and that may be read at this moment.</summary>
/// <param name="AccessId">The part of the request that permitted it.</param>
/// <param name="IsLocal">True for an own record.</param>
/// <param name="Record">The record.</param>
/// <param name="HasKey">True when this node can open it.</param>
/// <param name="Request">Who asked, and why.</param>
/// <param name="Fates">What became of it by later records; empty for one that stands as it is.</param>
/// <param name="Parts">Its parts, which are decided with it and never apart; empty for one that is whole by itself.</param>
internal sealed record StandingRecord(
    string AccessId, bool IsLocal, RecordEntry Record, bool HasKey, RequestAccess Request, IReadOnlyList<SupersessionEntry> Fates,
    IReadOnlyList<RecordEntry> Parts);

/// <summary>
/// What of a request's permits still stands: not ended, and still permitted by the policy as the copy of the channel has it. A
/// revocation that has arrived ends it, whatever was decided before and whatever is permitted later: no key comes a second time for
/// the same access, so whoever wants the record asks anew.
/// </summary>
internal sealed class StandingRecords(AccessPolicies policies, ReceivedKeys received, ReceiptTasks receipts, Replica replica, TimeProvider clock)
{
    /// <summary>All that stands, own records first, then by the time of registration.</summary>
    public async Task<IReadOnlyList<StandingRecord>> ListAsync(IReadOnlyList<RequestPart> parts, CancellationToken ct)
    {
        var found = new List<StandingRecord>();
        foreach (var part in parts)
        {
            if (part.Entry is { } entry)
                found.AddRange(await ListAsync(part, entry, ct));
        }
        return [.. found.OrderByDescending(record => record.IsLocal).ThenBy(record => record.Record.RegisteredAt)];
    }

    private async Task<List<StandingRecord>> ListAsync(RequestPart part, AccessEntry entry, CancellationToken ct)
    {
        var found = new List<StandingRecord>();
        var now = LedgerTime.Truncate(clock.GetUtcNow());
        if (!entry.Decisions.Any(Stands) || await policies.MemberAsync(entry.Requester, ct) is not { } requester)
            return found;
        // Clocks differ a little: a statement that began by the channel's time has begun.
        var time = now > entry.RequestedAt ? now : entry.RequestedAt;
        var facts = PatientPolicy.FactsOf(
            part.Request, requester, time, await policies.EmergencyUntilAsync(part.Request, entry.Requester, time, ct));
        // Own records that took a transaction, as a counted permit does, are own records all the same.
        var isOwn = part.IsLocal || part.Request.Records.All(record => record.Custodian == policies.Own);
        var policy = isOwn
            ? await policies.OfCustodianAsync(part.Request.PatientId, facts, ct)
            : await policies.OfChannelAsync(part.Request.PatientId, facts, ct);
        // Before the keys: what ended by now has them here, or they were deleted again.
        IReadOnlySet<RecordRef> released = isOwn ? new HashSet<RecordRef>() : await ReleasedAsync(entry.Ref, ct);
        var keys = isOwn ? null : await received.RecordsOfAsync(part.Request.AccessId, ct);
        var all = await policies.RecordsAsync(part.Request.PatientId, ct);
        var records = await policies.HeldAsync(
            all, [.. entry.Decisions.Where(Stands).Select(decision => all.Find(decision.Record)).OfType<RecordEntry>()], ct);
        policy = await policies.ForAccessAsync(policy, entry, records, facts, ct);
        foreach (var record in records)
        {
            if (!policy.Decide(PatientPolicy.FactsOf(record), facts).Permitted)
                continue;
            var hasKey = keys?.Contains(record.Record.RecordId) ?? true;
            if (hasKey || !await IsOverAsync(entry, new RecordRef(record.Custodian, record.Record.RecordId), released, ct))
                found.Add(new StandingRecord(part.Request.AccessId, isOwn, record, hasKey, part.Request, [.. all.FatesOf(record)], [.. all.PartsOf(record)]));
        }
        return found;

        bool Stands(AccessDecision decision) => decision is { Permitted: true, NotAfter: { } end } && now < end;
    }

    private async Task<IReadOnlySet<RecordRef>> ReleasedAsync(AccessRef access, CancellationToken ct)
    {
        var released = new HashSet<RecordRef>();
        foreach (var (custodian, releaseId) in await receipts.EndedAsync(access.AccessId, ct))
        {
            if (await replica.GetAsync(LedgerKey.Release(access, custodian, releaseId), LedgerJson.Default.ReleaseEntry, ct) is { } entry)
                released.UnionWith(entry.Release.RecordIds.Select(recordId => new RecordRef(custodian, recordId)));
        }
        return released;
    }

    // Of a record without a key: the key was here and is deleted, or the statement that permitted it ended and its custodian gives
    // nothing for it. Should it give the key all the same, for another statement, the record is there again.
    private async Task<bool> IsOverAsync(AccessEntry entry, RecordRef record, IReadOnlySet<RecordRef> released, CancellationToken ct) =>
        released.Contains(record) || (entry.Decisions.First(decision => decision.Record == record).StatementId is { } statement
            && await replica.FindAsync(LedgerKey.EndedStatement(entry.Request.PatientId, statement), ct) is not null);
}
