using System.Text.Json;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Decisions;
using HealthShare.Policy.Ids;

namespace HealthShare.Node.Access.Releases;

/// <summary>What a custodian's own check says of an access.</summary>
/// <param name="Requester">The member that asked; null when it may not ask.</param>
/// <param name="Confirmed">Records whose keys may be released, in the order of their ids.</param>
/// <param name="Mismatches">Decisions of the ledger that this check does not confirm. Where there is any, nothing is released.</param>
/// <param name="Waiting">Records of which only a waiting time, by this node's clock, keeps the keys from being released.</param>
/// <param name="Stopped">
/// Records that nothing permits as things are, though their decision has not ended: what stopped them, such as a deny, may be taken back.
/// </param>
/// <param name="Until">When the next of those waiting times is over; null where none runs.</param>
internal sealed record ReleaseVerdict(
    OrganizationEntry? Requester, IReadOnlyList<ConfirmedRecord> Confirmed, IReadOnlyList<Mismatch> Mismatches, IReadOnlyList<string> Waiting,
    IReadOnlyList<string> Stopped, DateTimeOffset? Until = null)
{
    /// <summary>Records whose keys may yet be released, but not now.</summary>
    public IEnumerable<string> Later => Waiting.Concat(Stopped);

    /// <summary>A verdict that releases nothing, for the access is not as the ledger says.</summary>
    public static ReleaseVerdict Of(Mismatch mismatch) => new(null, [], [mismatch], [], []);
}

/// <summary>A record whose key may be released.</summary>
/// <param name="RecordId">The record.</param>
/// <param name="End">When a release of it ends: with the decision, or with what permits it now where that ends sooner.</param>
internal readonly record struct ConfirmedRecord(string RecordId, DateTimeOffset End);

/// <summary>A decision that is not confirmed.</summary>
/// <param name="Code">Stable code of the incident.</param>
/// <param name="RecordId">The record; null where it is about the whole access.</param>
internal sealed record Mismatch(string Code, string? RecordId);

/// <summary>
/// The custodian's own check before it gives a key away: whatever the ledger decided, it decides again by its own clock, its own
/// list of credentials and the signatures themselves. What changed since the decision is no mismatch, only a refusal.
/// </summary>
internal sealed class ReleaseCheck(AccessPolicies policies, Replica replica, ILedger ledger, TimeProvider clock)
{
    // A transaction's time may be this far from an endorser's clock.
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    /// <summary>Checks an access.</summary>
    /// <param name="access">The access as the ledger has it.</param>
    /// <param name="block">The block that holds it.</param>
    /// <param name="ct">Stops the check.</param>
    public async Task<ReleaseVerdict> CheckAsync(AccessEntry access, ulong block, CancellationToken ct)
    {
        var now = LedgerTime.Truncate(clock.GetUtcNow());
        if (access.RequestedAt > now + ClockTolerance)
            return ReleaseVerdict.Of(new Mismatch("access.decision_in_future", null));
        var permitted = access.Decisions.Where(decision => decision.Permitted && decision.Record.Custodian == ledger.MspId).ToList();
        var requester = await policies.MemberAsync(access.Requester, ct);
        if (requester is not { Kind: OrganizationKind.Hospital })
        {
            // Where the members voted on it since, the decision was right before; now it gets nothing.
            return await replica.FindAsync(LedgerKey.Organization(access.Requester), ct) is { } member && member.Block >= block
                ? Stop(requester)
                : ReleaseVerdict.Of(new Mismatch("access.requester_not_hospital", null));
        }
        if (requester.SuspendedAt is not null)
            return Stop(requester); // the decision may have been right before; now it gets nothing

        var time = now > access.RequestedAt ? now : access.RequestedAt;
        var until = await policies.EmergencyUntilAsync(access.Request, access.Requester, time, ct);
        var facts = PatientPolicy.FactsOf(access.Request, requester, time, until);
        var own = await policies.OfCustodianAsync(access.Request.PatientId, facts, ct);
        var channel = await policies.OfChannelAsync(access.Request.PatientId, facts, ct);
        var waited = own.AfterWaiting();
        var records = await policies.RecordsAsync(access.Request.PatientId, ct);
        var (confirmed, waiting, stopped) = (new List<ConfirmedRecord>(), new List<string>(), new List<string>());
        var mismatches = new List<Mismatch>();
        foreach (var decision in permitted)
        {
            var recordId = decision.Record.RecordId;
            if (decision.NotAfter is not { } end || end > access.RequestedAt + DecisionKernel.MaxValidity)
                mismatches.Add(new Mismatch("access.decision_too_long", recordId));
            else if (time >= end)
                continue; // ended meanwhile
            else if (records.Find(decision.Record) is not { } record)
                mismatches.Add(new Mismatch("access.record_unknown", recordId));
            else if (records.IsWithdrawn(record))
                continue; // taken back: the channel need not know, and nobody gets it
            else
            {
                var byChannel = await DecideAsync(channel, record);
                // What permits it now may end before what did then, and so will the release.
                var releaseEnd = byChannel.NotAfter is { } sooner && LedgerTime.Truncate(sooner) < end ? LedgerTime.Truncate(sooner) : end;
                if (await ConfirmsAsync(own, record, end))
                    confirmed.Add(new ConfirmedRecord(recordId, releaseEnd));
                else if (await ConfirmsAsync(waited, record, end))
                    waiting.Add(recordId); // this node saw a block later than others, or waits longer than the channel; no more than that
                else if (!await ChangedSinceAsync(access, decision, byChannel, block, ct))
                    mismatches.Add(new Mismatch(CodeOf(access, until, byChannel), recordId));
                else if (releaseEnd < end && await ConfirmsAsync(own, record, releaseEnd))
                    confirmed.Add(new ConfirmedRecord(recordId, releaseEnd));
                else if (!await policies.IsRevokedAsync(access.Request.PatientId, decision, ct))
                    stopped.Add(recordId);
            }
        }
        confirmed.Sort(static (a, b) => string.CompareOrdinal(a.RecordId, b.RecordId));
        return new ReleaseVerdict(requester, confirmed, mismatches, waiting, stopped, waiting.Count > 0 ? own.NextEffective(time) : null);

        ReleaseVerdict Stop(OrganizationEntry? member) => new(member, [], [], [],
            [.. permitted.Where(decision => now < decision.NotAfter).Select(decision => decision.Record.RecordId)]);

        async Task<bool> ConfirmsAsync(PatientPolicy policy, RecordEntry record, DateTimeOffset end) =>
            await DecideAsync(policy, record) is { Permitted: true, NotAfter: { } ownEnd } && ownEnd >= end;

        async Task<Decision> DecideAsync(PatientPolicy policy, RecordEntry record) =>
            (await policies.ForAccessAsync(policy, access, [record], facts, ct)).Decide(PatientPolicy.FactsOf(record), facts);
    }

    private static string CodeOf(AccessEntry access, DateTimeOffset? until, Decision channel) =>
        access.Request.EmergencyId is not null && until is null ? "access.emergency_not_confirmed"
        : channel.Permitted ? "access.permit_not_trusted" : "access.decision_not_confirmed";

    // True when the deciding statement or its credential was revoked, or it was withdrawn, or a deny or a shorter permit came, or a key of
    // the emergency session was revoked, in or after the block.
    private async Task<bool> ChangedSinceAsync(AccessEntry access, AccessDecision decision, Decision now, ulong block, CancellationToken ct)
    {
        var patientId = access.Request.PatientId;
        if (await replica.GetAsync(LedgerKey.Patient(patientId), LedgerJson.Default.PatientEntry, ct) is { IsErased: true })
            return true; // no decision permits anything after the erasure, so this one came before
        if (decision.StatementId is { } statement
            && await replica.FindAsync(LedgerKey.EndedStatement(patientId, statement), ct) is { } ended && ended.Block >= block)
            return true;
        if (decision.StatementId is { } attested
            && await replica.FindAsync(LedgerKey.Attestation(patientId, ledger.MspId, attested), ct) is { } changed && changed.Block >= block)
            return true;
        if (decision.StatementId is { } delegated && await PowerChangedSinceAsync(patientId, delegated, block, ct))
            return true;
        if (decision.StatementId is { } standing && await SignerRevokedSinceAsync(patientId, standing, block, ct))
            return true;
        if (await StaffKeyEndedAsync(access, block, ct))
            return true;
        if (now is { Permitted: false, StatementId: { } carried } && await CarriedSinceAsync(patientId, carried, block, ct))
            return true;
        // A deny, or a permit that goes before the one of then and ends sooner.
        return now.StatementId is { } later && (!now.Permitted || now.NotAfter < decision.NotAfter)
            && (await replica.FindAsync(LedgerKey.Statement(patientId, later), ct)
                ?? await replica.FindAsync(LedgerKey.Attestation(patientId, ledger.MspId, later), ct)) is { } came && came.Block >= block;
    }

    // A deny of another id of the person: it came, or the two were merged.
    private async Task<bool> CarriedSinceAsync(string patientId, string deny, ulong block, CancellationToken ct)
    {
        foreach (var merged in await Merging.MergedIntoAsync(replica, patientId, ct))
        {
            if ((await replica.FindAsync(LedgerKey.Statement(merged, deny), ct)
                    ?? await replica.FindAsync(LedgerKey.Attestation(merged, ledger.MspId, deny), ct)) is not { } found)
                continue;
            return found.Block >= block
                || await replica.FindAsync(LedgerKey.Merge(patientId, merged), ct) is { } merge && merge.Block >= block;
        }
        return false;
    }

    // A delegate's permit stands on the delegate's power, and that on what appointed it or on hospitals' words; a joint one on the second
    // guardian's as well; one that the patient confirmed on the credential that did. Whichever changed, it is no fault of who decided.
    private async Task<bool> PowerChangedSinceAsync(string patientId, string statementId, ulong block, CancellationToken ct)
    {
        if (await replica.GetAsync(LedgerKey.Statement(patientId, statementId), LedgerJson.Default.StatementEntry, ct) is not { } entry
            || SignedStatementReader.Read(entry.Signed).Signer.Delegate is null)
            return false;
        foreach (var kind in (LedgerKind[])[LedgerKind.Credential, LedgerKind.Delegate, LedgerKind.VouchedSigner])
        {
            if ((await replica.EntriesAsync(kind, [patientId], ct)).Any(changed => changed.Block >= block))
                return true;
        }
        // Whether words are enough changes with the hospitals that gave them.
        var words = await replica.ListAsync(LedgerKind.VouchedSigner, [patientId], LedgerJson.Default.VouchedEntry, ct);
        foreach (var voucher in words.SelectMany(word => word.Vouchers).Select(voucher => voucher.Member).Distinct(StringComparer.Ordinal))
        {
            if (await replica.FindAsync(LedgerKey.Organization(voucher), ct) is { } member && member.Block >= block)
                return true;
        }
        return false;
    }

    private async Task<bool> SignerRevokedSinceAsync(string patientId, string statementId, ulong block, CancellationToken ct) =>
        await replica.GetAsync(LedgerKey.Statement(patientId, statementId), LedgerJson.Default.StatementEntry, ct) is { } entry
        && await replica.FindAsync(LedgerKey.Credential(patientId, entry.Signed.Assertion.Credential), ct) is { } credential
        && credential.Block >= block
        && JsonSerializer.Deserialize(credential.Value, LedgerJson.Default.CredentialEntry) is { IsRevoked: true };

    private async Task<bool> StaffKeyEndedAsync(AccessEntry access, ulong block, CancellationToken ct)
    {
        if (access.Request.EmergencyId is not { } id
            || await replica.GetAsync(LedgerKey.Emergency(new EmergencyRef(access.Request.PatientId, access.Requester, id)),
                LedgerJson.Default.EmergencyEntry, ct) is not { Signed: { } signed })
            return false;
        // A key changes once, when it is revoked.
        foreach (var credential in (string[])[signed.First.Credential, signed.Second.Credential])
        {
            if (await replica.FindAsync(LedgerKey.StaffKey(access.Requester, credential), ct) is { } key && key.Block >= block)
                return true;
        }
        return false;
    }
}
