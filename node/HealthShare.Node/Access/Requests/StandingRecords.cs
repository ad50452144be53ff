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
/// <param name="Failure">Why its key did not come and will not, a stable code; null where it is here or may come.</param>
internal sealed record StandingRecord(
    string AccessId, bool IsLocal, RecordEntry Record, bool HasKey, RequestAccess Request, IReadOnlyList<SupersessionEntry> Fates,
    IReadOnlyList<RecordEntry> Parts, string? Failure = null);

/// <summary>
/// What of a request's permits still stands: not ended, and still permitted by the policy as the copy of the channel has it. A
/// revocation that has arrived ends it, whatever was decided before and whatever is permitted later: no key comes a second time for
/// the same access, so whoever wants the record asks anew. A record whose key never came, and will not, is there with the reason for as
/// long as the policy permits it.
/// </summary>
internal sealed class StandingRecords(AccessPolicies policies, ReceivedKeys received, ReceiptTasks receipts, Replica replica, TimeProvider clock)
{
    /// <summary>The decision ended before the key came.</summary>
    public const string Expired = "access.expired";

    /// <summary>The custodian's own check does not confirm the decision; it said so on the channel.</summary>
    public const string NotConfirmed = "access.not_confirmed";

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
        // Own records that took a transaction, as a counted permit does, are own records all the same.
        var isOwn = part.IsLocal || part.Request.Records.All(record => record.Custodian == policies.Own);
        // Before the keys: what ended by now has them here, or they were deleted again.
        var ended = isOwn ? [] : await EndedAsync(entry.Ref, ct);
        var decisions = entry.Decisions.Where(decision => decision.Permitted && (Stands(decision) || (!isOwn && !HasCome(decision.Record))))
            .DistinctBy(decision => decision.Record).ToDictionary(decision => decision.Record);
        if (decisions.Count == 0 || await policies.MemberAsync(entry.Requester, ct) is not { } requester)
            return found;
        // Clocks differ a little: a statement that began by the channel's time has begun.
        var time = now > entry.RequestedAt ? now : entry.RequestedAt;
        var facts = PatientPolicy.FactsOf(
            part.Request, requester, time, await policies.EmergencyUntilAsync(part.Request, entry.Requester, time, ct));
        var policy = isOwn
            ? await policies.OfCustodianAsync(part.Request.PatientId, facts, ct)
            : await policies.OfChannelAsync(part.Request.PatientId, facts, ct);
        var keys = isOwn ? null : await received.RecordsOfAsync(part.Request.AccessId, ct);
        var all = await policies.RecordsAsync(part.Request.PatientId, ct);
        var records = await policies.HeldAsync(
            all, [.. decisions.Keys.Select(all.Find).OfType<RecordEntry>()], ct);
        policy = await policies.ForAccessAsync(policy, entry, records, facts, ct);
        foreach (var record in records)
        {
            if (!policy.Decide(PatientPolicy.FactsOf(record), facts).Permitted)
                continue;
            var decision = decisions[new RecordRef(record.Custodian, record.Record.RecordId)];
            var hasKey = keys?.Contains(record.Record.RecordId) ?? true;
            // A key that was here and is deleted does not come again; nor does one for a statement that was taken back, unless its
            // custodian gives it all the same, for another statement.
            if (!hasKey && (HasCome(decision.Record) || await policies.IsRevokedAsync(part.Request.PatientId, decision, ct)))
                continue;
            found.Add(new StandingRecord(part.Request.AccessId, isOwn, record, hasKey, part.Request, [.. all.FatesOf(record)],
                [.. all.PartsOf(record)], hasKey ? null : await FailureAsync(decision)));
        }
        return found;

        bool Stands(AccessDecision decision) => now < decision.NotAfter;

        bool HasCome(RecordRef record) => ended.TryGetValue(record, out var failed) && failed is null;

        async Task<string?> FailureAsync(AccessDecision decision)
        {
            var failed = ended.GetValueOrDefault(decision.Record);
            if (!Stands(decision))
                return failed ?? Expired;
            // An envelope that was withdrawn is waited for until its release ends; the keys may yet come with another one.
            if (failed is not null and not Expired)
                return failed;
            return await replica.FindAsync(LedgerKey.Mismatch(entry.Ref, decision.Record.Custodian), ct) is null ? null : NotConfirmed;
        }
    }

    /// <summary>The records of which nothing more comes: why their keys did not come; null for those whose keys came.</summary>
    private async Task<Dictionary<RecordRef, string?>> EndedAsync(AccessRef access, CancellationToken ct)
    {
        var ended = new Dictionary<RecordRef, string?>();
        foreach (var (custodian, releaseId, failure) in await receipts.EndedAsync(access.AccessId, ct))
        {
            if (await replica.GetAsync(LedgerKey.Release(access, custodian, releaseId), LedgerJson.Default.ReleaseEntry, ct) is not { } entry)
                continue;
            foreach (var record in entry.Release.RecordIds.Select(recordId => new RecordRef(custodian, recordId)))
            {
                if (failure is null || !ended.ContainsKey(record))
                    ended[record] = failure;
            }
        }
        return ended;
    }
}
