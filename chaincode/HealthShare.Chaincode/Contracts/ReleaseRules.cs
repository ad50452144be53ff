using System.Buffers.Text;
using System.Security.Cryptography;
using HealthShare.Chaincode.Ledger;
using HealthShare.Chaincode.Shim;
using HealthShare.Policy.Decisions;
using HealthShare.Policy.Ids;

namespace HealthShare.Chaincode.Contracts;

/// <summary>When a custodian may give a key away.</summary>
internal static class ReleaseRules
{
    /// <summary>
    /// Releases keys to the requester: the moment of disclosure. Decides again for every record, so that a release, like a
    /// decision, is linearizable with revocation.
    /// </summary>
    /// <exception cref="ContractException">
    /// <c>access.not_found</c>, <c>access.requester_suspended</c>, <c>access.requester_not_hospital</c>, <c>release.not_requested</c>,
    /// <c>access.denied</c>, <c>access.expired</c>,
    /// <c>access.no_longer_permitted</c>, <c>envelope.key_unknown</c>, <c>record.not_found</c>, <c>record.is_part</c> or <c>release.id_taken</c>.
    /// </exception>
    public static async Task<ReleaseEntry> ReleaseAsync(
        TransactionContext tx, ILedgerState state, ReleaseKeys release, string custodian, DateTimeOffset time)
    {
        var access = await FindAccessAsync(tx, release.Access);
        var requester = await RequesterAsync(tx, access.Requester);
        if (requester.SealingKey.KeyId != release.KeyId)
            throw new ContractException("envelope.key_unknown", "The envelope is not sealed to the requester's key.");

        // A session that no longer stands takes its permits along; what the patient's own statements permit then, is permitted.
        var until = await EmergencySession.StandingUntilAsync(state, tx.ChannelId, access.Request, requester.MspId, time, tx.Cancellation);
        var facts = PatientPolicy.FactsOf(access.Request, requester, time, until);
        var records = new List<(string RecordId, DateTimeOffset End, RecordFacts Facts)>(release.RecordIds.Count);
        foreach (var recordId in release.RecordIds)
        {
            var end = CheckDecision(access, new RecordRef(custodian, recordId), time);
            var record = await RecordRules.FindWholeAsync(tx, access.Request.PatientId, new RecordRef(custodian, recordId));
            records.Add((recordId, end, PatientPolicy.FactsOf(record)));
        }
        var policy = await (await PatientPolicy.LoadAsync(state, access.Request.PatientId, facts, tx.Cancellation))
            .ForAccessAsync(state, release.Access, mayTake: false, [.. records.Select(record => record.Facts)], facts, tx.Cancellation);
        var notAfter = DateTimeOffset.MaxValue;
        foreach (var (recordId, end, record) in records)
        {
            if (policy.Decide(record, facts) is not { Permitted: true, NotAfter: { } endNow })
                throw new ContractException("access.no_longer_permitted", $"Record '{recordId}' may not be read any more.");
            // The statement that permitted then may be gone, and the one that permits now end sooner.
            notAfter = new[] { notAfter, end, LedgerTime.Truncate(endNow) }.Min();
        }
        return new ReleaseEntry(release, custodian, time, notAfter);
    }

    /// <summary>The member that asked, which must be an active hospital by now.</summary>
    /// <exception cref="ContractException"><c>access.requester_suspended</c> or <c>access.requester_not_hospital</c>.</exception>
    public static async Task<OrganizationEntry> RequesterAsync(TransactionContext tx, string mspId) =>
        await tx.GetAsync(LedgerKey.Organization(mspId), LedgerJson.Default.OrganizationEntry) switch
        {
            { SuspendedAt: not null } => throw new ContractException("access.requester_suspended", "The member that asked is suspended."),
            { Kind: OrganizationKind.Hospital } requester => requester,
            _ => throw new ContractException("access.requester_not_hospital", "The member that asked is no hospital any more."),
        };

    public static async Task<AccessEntry> FindAccessAsync(TransactionContext tx, AccessRef access) =>
        await tx.GetAsync(LedgerKey.Access(access), LedgerJson.Default.AccessEntry)
        ?? throw new ContractException("access.not_found", "The access request is not on this channel.");

    public static async Task<ReleaseEntry> FindAsync(TransactionContext tx, AccessRef access, string custodian, string releaseId) =>
        await tx.GetAsync(LedgerKey.Release(access, custodian, releaseId), LedgerJson.Default.ReleaseEntry)
        ?? throw new ContractException("release.not_found", "The release is not on this channel.");

    public static void CheckStands(DateTimeOffset notAfter, DateTimeOffset time)
    {
        if (time >= notAfter)
            throw new ContractException("access.expired", "The decision no longer stands; ask again.");
    }

    public static void CheckEnvelope(ReadOnlyMemory<byte> envelope, ReleaseEntry release)
    {
        if (Base64Url.EncodeToString(SHA256.HashData(envelope.Span)) != release.Release.EnvelopeHash)
            throw new ContractException("release.envelope_mismatch", "The envelope is not the one that was released.");
    }

    private static DateTimeOffset CheckDecision(AccessEntry access, RecordRef record, DateTimeOffset time)
    {
        var decision = access.Decisions.FirstOrDefault(decision => decision.Record == record)
            ?? throw new ContractException("release.not_requested", $"Record '{record.RecordId}' of the caller was not asked for.");
        if (decision is not { Permitted: true, NotAfter: { } end })
            throw new ContractException("access.denied", $"Record '{record.RecordId}' was denied.");
        CheckStands(end, time);
        return end;
    }
}
