using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Keys;
using HealthShare.Policy.Ids;

namespace HealthShare.Node.Access.Requests;

/// <summary>A record that a request permitted and that may be read at this moment.</summary>
/// <param name="AccessId">The part of the request that permitted it.</param>
/// <param name="IsLocal">True for an own record.</param>
/// <param name="Record">The record.</param>
/// <param name="HasKey">True when this node can open it.</param>
/// <param name="Request">Who asked, and why.</param>
internal sealed record StandingRecord(string AccessId, bool IsLocal, RecordEntry Record, bool HasKey, RequestAccess Request);

/// <summary>
/// What of a request's permits still stands: not ended, and still permitted by the policy as the copy of the channel has it. A
/// revocation that has arrived ends it, whatever was decided before.
/// </summary>
internal sealed class StandingRecords(AccessPolicies policies, ReceivedKeys received, TimeProvider clock)
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
            ? await policies.OfCustodianAsync(part.Request.PatientId, ct)
            : await policies.OfChannelAsync(part.Request.PatientId, ct);
        var keys = isOwn ? null : await received.RecordsOfAsync(part.Request.AccessId, ct);
        var all = await policies.RecordsAsync(part.Request.PatientId, ct);
        var records = await policies.HeldAsync(
            all, [.. entry.Decisions.Where(Stands).Select(decision => all.Find(decision.Record)).OfType<RecordEntry>()], ct);
        policy = await policies.ForAccessAsync(policy, entry, records, facts, ct);
        foreach (var record in records)
        {
            if (policy.Decide(PatientPolicy.FactsOf(record), facts).Permitted)
            {
                found.Add(new StandingRecord(
                    part.Request.AccessId, isOwn, record, keys?.Contains(record.Record.RecordId) ?? true, part.Request));
            }
        }
        return found;

        bool Stands(AccessDecision decision) => decision is { Permitted: true, NotAfter: { } end } && now < end;
    }
}
