using HealthShare.Chaincode.Ledger;
using HealthShare.Chaincode.Shim;
using HealthShare.Policy.Decisions;
using HealthShare.Policy.Ids;

namespace HealthShare.Chaincode.Contracts;

/// <summary>Requests and their decisions, and what can be read of both.</summary>
/// <param name="clock">The endorser's clock.</param>
public sealed partial class AccessContract(TimeProvider clock) : LedgerContract(clock)
{
    /// <summary>Decides, for each record, whether the caller's staff may read it, and keeps the decisions.</summary>
    /// <param name="tx">The transaction; the calling hospital is the requester.</param>
    /// <param name="request">Who asks for what, and why.</param>
    /// <exception cref="ContractException">
    /// <c>caller.not_hospital</c>, <c>arguments.invalid</c>, <c>patient.not_found</c>, <c>patient.erased</c>, <c>record.not_found</c>,
    /// <c>record.is_part</c>, <c>emergency.not_found</c>, <c>emergency.expired</c>, <c>emergency.wrong_role</c> or <c>access.id_taken</c>. A denial is no refusal: it is in the answer.
    /// </exception>
    [Transaction]
    public async Task<AccessEntry> RequestAsync(TransactionContext tx, RequestAccess request)
    {
        var caller = await HospitalAsync(tx);
        Check(request);
        await LivingPatientAsync(tx, request.PatientId);
        var key = LedgerKey.Access(new AccessRef(request.PatientId, caller.MspId, request.AccessId));
        if (await tx.GetAsync(key, LedgerJson.Default.AccessEntry) is { } existing)
        {
            return Same(existing.Request, request, LedgerJson.Default.RequestAccess)
                ? existing
                : throw new ContractException("access.id_taken", "The access id is in use for another request.");
        }

        var time = TimeOf(tx);
        var until = await Require.PolicyAsync(() =>
            EmergencySession.UntilAsync(StateOf(tx), tx.ChannelId, request, caller.MspId, time, tx.Cancellation));
        if (await EmergencySession.IsReviewedAsync(StateOf(tx), request, caller.MspId, tx.Cancellation))
            throw new ContractException("emergency.reviewed", "The session was reviewed and takes no further requests; declare another.");
        var facts = PatientPolicy.FactsOf(request, caller, time, until);
        var records = new List<RecordFacts>(request.Records.Count);
        foreach (var record in request.Records)
            records.Add(PatientPolicy.FactsOf(await RecordRules.FindWholeAsync(tx, request.PatientId, record)));
        var name = new AccessRef(request.PatientId, caller.MspId, request.AccessId);
        var policy = await (await PatientPolicy.LoadAsync(StateOf(tx), request.PatientId, facts, tx.Cancellation))
            .ForAccessAsync(StateOf(tx), name, mayTake: true, records, facts, tx.Cancellation);
        List<AccessDecision> decisions =
            [.. request.Records.Zip(records, (record, about) => AccessDecision.From(record, policy.Decide(about, facts)))];
        var access = new AccessEntry(request, caller.MspId, time, decisions);
        var uses = policy.UsesOf(decisions, name);
        await tx.PutAsync(key, access, LedgerJson.Default.AccessEntry);
        foreach (var use in uses)
            await tx.PutAsync(LedgerKey.Use(request.PatientId, use.StatementId, use.Slot), use, LedgerJson.Default.UseEntry);
        Announce(tx, [key, .. uses.Select(use => LedgerKey.Use(request.PatientId, use.StatementId, use.Slot))]);
        return access;
    }

    /// <inheritdoc cref="ReleaseRules.ReleaseAsync"/>
    [Transaction]
    public async Task<ReleaseEntry> ReleaseKeysAsync(TransactionContext tx, ReleaseKeys release)
    {
        var custodian = (await HospitalAsync(tx)).MspId;
        CheckRef(release.Access);
        Require.Id(IdKind.Release, release.ReleaseId, "releaseId");
        Require.Count(release.RecordIds, 1, Limits.RecordsPerTransaction, "recordIds");
        Require.Distinct(release.RecordIds, "recordIds");
        Require.Code(release.KeyId, "keyId");
        Require.Hash(release.EnvelopeHash, "envelopeHash");
        var key = LedgerKey.Release(release.Access, custodian, release.ReleaseId);
        if (await tx.GetAsync(key, LedgerJson.Default.ReleaseEntry) is { } existing)
        {
            return Same(existing.Release, release, LedgerJson.Default.ReleaseKeys)
                ? existing
                : throw new ContractException("release.id_taken", "The release id is in use for other content.");
        }

        var entry = await ReleaseRules.ReleaseAsync(tx, StateOf(tx), release, custodian, TimeOf(tx));
        await tx.PutAsync(key, entry, LedgerJson.Default.ReleaseEntry);
        Announce(tx, key);
        return entry;
    }

    /// <summary>
    /// Puts the envelope of a committed release into the custodian's own private collection, endorsed by its peer alone.
    /// </summary>
    /// <exception cref="ContractException">
    /// <c>patient.erased</c>, <c>release.not_found</c>, <c>access.expired</c>, <c>access.requester_suspended</c>, <c>access.requester_not_hospital</c>,
    /// <c>release.envelope_mismatch</c>, <c>transient.envelope_missing</c> or <c>transient.envelope_too_large</c>.
    /// </exception>
    [Transaction]
    public async Task DeliverKeysAsync(TransactionContext tx, DeliverKeys delivery)
    {
        var custodian = (await HospitalAsync(tx)).MspId;
        CheckRef(delivery.Access);
        Require.Id(IdKind.Release, delivery.ReleaseId, "releaseId");
        await LivingPatientAsync(tx, delivery.Access.PatientId);
        var release = await ReleaseRules.FindAsync(tx, delivery.Access, custodian, delivery.ReleaseId);
        ReleaseRules.CheckStands(release.NotAfter, TimeOf(tx));
        await ReleaseRules.RequesterAsync(tx, delivery.Access.Requester);
        var envelope = EnvelopeOf(tx);
        ReleaseRules.CheckEnvelope(envelope, release);

        // The value is the envelope itself, so the hash that Fabric puts into the block is the released one.
        await tx.Stub.PutPrivateDataAsync(LedgerKey.OwnCollection(custodian),
            LedgerKey.ReleaseEnvelope(delivery.Access, delivery.ReleaseId), envelope, tx.Cancellation);
        Announce(tx, LedgerKey.Release(delivery.Access, custodian, delivery.ReleaseId));
    }

    /// <summary>The envelope of a release, for the requester alone; evaluated at the custodian's peer, which holds it.</summary>
    /// <exception cref="ContractException">
    /// <c>access.not_requester</c>, <c>patient.erased</c>, <c>release.not_found</c>, <c>access.expired</c> or <c>release.not_delivered</c>.
    /// </exception>
    [Transaction(Evaluate = true)]
    public async Task<SealedEnvelope> GetEnvelopeAsync(TransactionContext tx, GetEnvelope query)
    {
        var caller = await HospitalAsync(tx);
        CheckRef(query.Access);
        Require.MspId(query.Custodian, "custodian");
        Require.Id(IdKind.Release, query.ReleaseId, "releaseId");
        // Implicit collections have no member-only read: this check is what keeps others out.
        if (caller.MspId != query.Access.Requester)
            throw new ContractException("access.not_requester", "Only the member that asked may read the envelope.");
        await LivingPatientAsync(tx, query.Access.PatientId);
        var release = await ReleaseRules.FindAsync(tx, query.Access, query.Custodian, query.ReleaseId);
        ReleaseRules.CheckStands(release.NotAfter, TimeOf(tx));
        var envelope = await tx.Stub.GetPrivateDataAsync(LedgerKey.OwnCollection(query.Custodian),
                LedgerKey.ReleaseEnvelope(query.Access, query.ReleaseId), tx.Cancellation)
            ?? throw new ContractException("release.not_delivered", "The envelope has not been delivered yet.");
        return new SealedEnvelope(release.Release.KeyId, System.Buffers.Text.Base64Url.EncodeToString(envelope));
    }

    /// <summary>
    /// Purges envelopes of the caller's releases whose time is over from its own private collection, earlier versions included: nobody
    /// gets them any more, fetched or not. What is not there any more is fine.
    /// </summary>
    /// <exception cref="ContractException">
    /// <c>caller.not_hospital</c>, <c>arguments.invalid</c>, <c>release.not_found</c> or <c>release.stands</c>.
    /// </exception>
    [Transaction]
    public async Task PurgeExpiredAsync(TransactionContext tx, PurgeExpired purge)
    {
        var custodian = (await HospitalAsync(tx)).MspId;
        Require.Count(purge.Releases, 1, Limits.RecordsPerTransaction, "releases");
        Require.Distinct(purge.Releases, "releases");
        foreach (var release in purge.Releases)
        {
            CheckRef(release.Access);
            Require.Id(IdKind.Release, release.ReleaseId, "releaseId");
            if ((await ReleaseRules.FindAsync(tx, release.Access, custodian, release.ReleaseId)).NotAfter > TimeOf(tx))
                throw new ContractException("release.stands", "A release still stands, and its envelope may be fetched.");
        }
        foreach (var release in purge.Releases)
        {
            await tx.Stub.PurgePrivateDataAsync(LedgerKey.OwnCollection(custodian),
                LedgerKey.ReleaseEnvelope(release.Access, release.ReleaseId), tx.Cancellation);
        }
        Announce(tx, [.. purge.Releases.Select(release => LedgerKey.Release(release.Access, custodian, release.ReleaseId))]);
    }

    /// <summary>One request with its releases; for members of the channel.</summary>
    /// <exception cref="ContractException"><c>caller.not_member</c> or <c>access.not_found</c>.</exception>
    [Transaction(Evaluate = true)]
    public async Task<AccessView> GetAsync(TransactionContext tx, AccessRef access)
    {
        await MemberAsync(tx);
        CheckRef(access);
        return new AccessView(
            await ReleaseRules.FindAccessAsync(tx, access),
            await ListAsync(tx, LedgerKind.Release, [access.PatientId, access.Requester, access.AccessId], LedgerJson.Default.ReleaseEntry));
    }

    /// <summary>Who asked for what of a patient and got what; for members of the channel.</summary>
    /// <exception cref="ContractException"><c>caller.not_member</c> or <c>patient.not_found</c>.</exception>
    [Transaction(Evaluate = true)]
    public async Task<AccessList> ListByPatientAsync(TransactionContext tx, string patientId)
    {
        await MemberAsync(tx);
        await PatientAsync(tx, patientId);
        var releases = (await ListAsync(tx, LedgerKind.Release, [patientId], LedgerJson.Default.ReleaseEntry))
            .ToLookup(entry => entry.Release.Access);
        var accesses = await ListAsync(tx, LedgerKind.Access, [patientId], LedgerJson.Default.AccessEntry);
        return new AccessList([.. accesses.Select(access => new AccessView(access, [.. releases[access.Ref]]))]);
    }

    private static void Check(RequestAccess request)
    {
        Require.Id(IdKind.Patient, request.PatientId, "patientId");
        Require.Id(IdKind.Access, request.AccessId, "accessId");
        Require.Count(request.Records, 1, Limits.RecordsPerTransaction, "records");
        foreach (var record in request.Records)
        {
            Require.MspId(record.Custodian, "custodian");
            Require.Id(IdKind.Record, record.RecordId, "recordId");
        }
        Require.Distinct(request.Records, "records");
        Require.That(PurposeOfUse.Contains(request.Purpose), "purpose", "is no purpose of HL7's PurposeOfUse");
        Require.Code(request.Role, "role");
        Require.Code(request.Staff, "staff");
        if (request.EmergencyId is not null)
        {
            Require.Id(IdKind.Emergency, request.EmergencyId, "emergencyId");
            Require.That(request.Purpose == DecisionKernel.EmergencyTreatment, "purpose", "is not ETREAT, as that of an emergency session");
        }
    }

    private static void CheckRef(AccessRef access)
    {
        Require.Id(IdKind.Patient, access.PatientId, "patientId");
        Require.MspId(access.Requester, "requester");
        Require.Id(IdKind.Access, access.AccessId, "accessId");
    }
}
