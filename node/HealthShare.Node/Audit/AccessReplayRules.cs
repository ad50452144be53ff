using HealthShare.Chaincode.Ledger;
using HealthShare.Policy.Decisions;
using HealthShare.Policy.Ids;
using static HealthShare.Node.Audit.ReplayFaultKind;

namespace HealthShare.Node.Audit;

/// <summary>What decisions and releases must be, judged by the state before their transaction. Null means that all is right.</summary>
internal sealed class AccessReplayRules(ReplayReader reader)
{
    public async Task<(ReplayFaultKind Kind, string Text)?> CheckAccessAsync(
        ReplayedTransaction transaction, AccessEntry entry, IReadOnlyList<string> parts, CancellationToken ct)
    {
        var request = entry.Request;
        // JSON's null passes as an entry of a list, whatever the list's type says.
        if (entry.Decisions.Contains(null!) || request.Records.Contains(null!)
            || !parts.SequenceEqual([request.PatientId, entry.Requester, request.AccessId])
            || entry.Requester != transaction.Creator || entry.RequestedAt != transaction.Time || !PurposeOfUse.Contains(request.Purpose)
            || !entry.Decisions.Select(decision => decision.Record).SequenceEqual(request.Records))
            return (DecisionForged, $"Access {request.AccessId} is not what its sender asked for.");
        if (await reader.ExistsAsync(LedgerKey.Access(entry.Ref), ct))
            return (DecisionForged, $"Access {request.AccessId} was decided before.");
        if (await reader.HospitalAsync(entry.Requester, ct) is not { } requester)
            return (DecisionForged, $"Access {request.AccessId} was asked for by no hospital of the channel.");
        var until = await EmergencySession.StandingUntilAsync(
            reader.State, reader.Channel, request, entry.Requester, entry.RequestedAt, ct);
        if (request.EmergencyId is not null
            && (until is null || await EmergencySession.IsReviewedAsync(reader.State, request, entry.Requester, ct)))
            return (DecisionForged, $"Access {request.AccessId} names an emergency that is none.");
        var facts = PatientPolicy.FactsOf(request, requester, entry.RequestedAt, until);
        var policy = await PatientPolicy.LoadAsync(reader.State, request.PatientId, facts, ct);
        var records = new List<RecordFacts>(entry.Decisions.Count);
        foreach (var decision in entry.Decisions)
        {
            if (await reader.RecordAsync(request.PatientId, decision.Record, ct) is not { } record)
                return (DecisionWrong, $"Access {request.AccessId} decides about a record that does not exist.");
            if (record.Record.PartOf is not null)
                return (DecisionForged, $"Access {request.AccessId} decides about a part of a record by itself.");
            records.Add(PatientPolicy.FactsOf(record));
        }
        policy = await policy.ForAccessAsync(reader.State, entry.Ref, mayTake: true, records, facts, ct);
        foreach (var (decision, record) in entry.Decisions.Zip(records))
        {
            var right = policy.Decide(record, facts);
            if (decision != AccessDecision.From(decision.Record, right))
                return (DecisionWrong,
                    $"Access {request.AccessId}, record {decision.Record.RecordId}: recorded {decision.Reason}, right is {DecisionCodes.CodeOf(right.Reason)}.");
        }
        var uses = policy.UsesOf(entry.Decisions, entry.Ref);
        return transaction.Count(LedgerKind.Use) == uses.Count && uses.All(use =>
                transaction.Find(LedgerKey.Use(request.PatientId, use.StatementId, use.Slot), LedgerJson.Default.UseEntry) == use)
            ? null
            : (DecisionForged, $"Access {request.AccessId} does not take the uses of counted permits that it rests on.");
    }

    /// <summary>A use is taken by the access that it names, in the same transaction; which ones, the access's own check says.</summary>
    public static (ReplayFaultKind Kind, string Text)? CheckUse(
        ReplayedTransaction transaction, UseEntry entry, IReadOnlyList<string> parts) =>
        transaction.Count(LedgerKind.Access) == 1
            && transaction.Find(LedgerKey.Access(new AccessRef(parts[0], entry.Requester, entry.AccessId)), LedgerJson.Default.AccessEntry) is not null
            ? null
            : (DecisionForged, $"A use of statement {entry.StatementId} was taken by no request.");

    public async Task<(ReplayFaultKind Kind, string Text)?> CheckReleaseAsync(
        ReplayedTransaction transaction, ReleaseEntry entry, IReadOnlyList<string> parts, CancellationToken ct)
    {
        var release = entry.Release;
        var access = await reader.FindAsync(LedgerKey.Access(release.Access), LedgerJson.Default.AccessEntry, ct);
        if (access is null || entry.Custodian != transaction.Creator || entry.ReleasedAt != transaction.Time
            || !parts.SequenceEqual(
                [release.Access.PatientId, release.Access.Requester, release.Access.AccessId, entry.Custodian, release.ReleaseId])
            || await reader.HospitalAsync(access.Requester, ct) is not { } requester 
            || release.RecordIds.Count == 0 || release.RecordIds.Contains(null!))
            return (ReleaseForged, $"Release {release.ReleaseId} rests on no request of this channel.");
        if (requester.SealingKey.KeyId != release.KeyId)
            return (ReleaseForged, $"Release {release.ReleaseId} is sealed to a key that is not the requester's.");
        if (await reader.ExistsAsync(LedgerKey.Release(release.Access, entry.Custodian, release.ReleaseId), ct))
            return (ReleaseForged, $"Release {release.ReleaseId} was made before.");
        var until = await EmergencySession.StandingUntilAsync(
            reader.State, reader.Channel, access.Request, access.Requester, entry.ReleasedAt, ct);
        var facts = PatientPolicy.FactsOf(access.Request, requester, entry.ReleasedAt, until);
        var policy = await PatientPolicy.LoadAsync(reader.State, release.Access.PatientId, facts, ct);
        var notAfter = DateTimeOffset.MaxValue;
        foreach (var recordId in release.RecordIds)
        {
            var name = new RecordRef(entry.Custodian, recordId);
            var asked = access.Decisions.FirstOrDefault(candidate => candidate.Record == name);
            if (asked is not { Permitted: true, NotAfter: { } end } || entry.ReleasedAt >= end
                || await reader.RecordAsync(release.Access.PatientId, name, ct) is not { Record.PartOf: null } record
                || (await policy.ForAccessAsync(reader.State, release.Access, mayTake: false, [PatientPolicy.FactsOf(record)], facts, ct))
                    .Decide(PatientPolicy.FactsOf(record), facts) is not { Permitted: true, NotAfter: { } endNow })
                return (ReleaseNotPermitted, $"Release {release.ReleaseId} gives away record {recordId}, which nothing permitted.");
            notAfter = new[] { notAfter, end, LedgerTime.Truncate(endNow) }.Min();
        }
        return entry.NotAfter == notAfter
            ? null
            : (ReleaseForged, $"Release {release.ReleaseId} does not end with the decisions that it rests on.");
    }

    /// <summary>A report is its custodian's, about an access that asked it for something, and made once.</summary>
    public async Task<(ReplayFaultKind Kind, string Text)?> CheckMismatchAsync(
        ReplayedTransaction transaction, MismatchEntry entry, IReadOnlyList<string> parts, CancellationToken ct)
    {
        var access = entry.Report.Access;
        return parts.SequenceEqual([access.PatientId, access.Requester, access.AccessId, entry.Custodian])
            && entry.Custodian == transaction.Creator && entry.ReportedAt == transaction.Time
            && entry.Report.Items.Count > 0 && !entry.Report.Items.Contains(null!)
            && await reader.FindAsync(LedgerKey.Access(access), LedgerJson.Default.AccessEntry, ct) is { } asked
            && asked.Request.Records.Any(record => record.Custodian == entry.Custodian)
            && !await reader.ExistsAsync(LedgerKey.Mismatch(access, entry.Custodian), ct)
            ? null
            : (MismatchForged, $"A report about access {access.AccessId} was made twice, or not by a custodian who was asked.");
    }
}
