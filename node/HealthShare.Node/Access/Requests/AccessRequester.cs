using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.Node.Auth;
using HealthShare.Node.Ledger;
using HealthShare.Node.Problems;
using HealthShare.Node.ReadModel;
using HealthShare.Policy;
using HealthShare.Policy.Ids;

namespace HealthShare.Node.Access.Requests;

/// <summary>
/// Asks for records: own ones are decided here, by the copy of the channel; others by the channel. What is asked stands in the
/// database before the channel hears of it, so that a repetition, even after a crash, asks for the very same.
/// </summary>
internal sealed class AccessRequester(
    AccessRequestTable table, RecordResolver resolver, AccessPolicies policies, StandingRecords standing, LedgerService ledger,
    IReadModel readModel, CatchUp catchUp, ChannelPace pace, TimeProvider clock)
{
    /// <summary>Code of the answer to a request that names no emergency session of this hospital for the patient.</summary>
    public const string EmergencyNotFound = "emergency.not_found";

    private const int RecordsPerPart = 100; // what one transaction may carry

    private static readonly ApiProblem KeyReused = new(StatusCodes.Status422UnprocessableEntity, "request.idempotency_key_reused",
        "This Idempotency-Key was used for another request.");

    private static readonly ApiProblem Reviewed = new(StatusCodes.Status422UnprocessableEntity, "emergency.reviewed",
        "The emergency was reviewed; it takes no further requests.");

    private static readonly ApiProblem NoEmergency = new(StatusCodes.Status422UnprocessableEntity, EmergencyNotFound,
        "There is no such emergency.", "emergencyId names no emergency session of this hospital for this patient.");

    /// <summary>
    /// What would be refused of a request that the caller may make, before anything is done for it; null where nothing is, or it was made before.
    /// </summary>
    /// <exception cref="ApiProblemException"><c>request.invalid</c>, naming the member, or <c>auth.forbidden</c>.</exception>
    public async Task<ApiProblem?> FindFaultAsync(NewAccessRequest asked, Caller caller, string idempotencyKey, CancellationToken ct)
    {
        var hash = Authorize(asked, caller, idempotencyKey);
        return await table.FindAsync(caller.StaffId!, idempotencyKey, ct) is { } known
            ? known.ContentHash.AsSpan().SequenceEqual(hash) ? null : KeyReused
            : await resolver.FindFaultAsync(asked, ct);
    }

    /// <summary>Asks, or finds what was asked under the same idempotency key.</summary>
    /// <returns>The request, and whether it was there already, asked and decided.</returns>
    /// <exception cref="ApiProblemException">The request is not as it should be.</exception>
    /// <exception cref="LedgerException">The channel did not decide; the exception says how far it got.</exception>
    public async Task<(AccessRequestView View, bool IsReplayed)> AskAsync(NewAccessRequest asked, Caller caller, string? idempotencyKey, CancellationToken ct)
    {
        var hash = Authorize(asked, caller, idempotencyKey);
        var known = await FindAsync(caller.StaffId!, idempotencyKey, ct);
        var (request, parts) = known ?? await AddAsync(asked, caller.StaffId!, RoleCode.Of(caller.Role), hash, idempotencyKey, ct);
        if (!request.ContentHash.AsSpan().SequenceEqual(hash))
            throw new ApiProblemException(KeyReused);
        var undecided = parts.Where(part => part.Entry is null).ToList();
        if (undecided.Count == 0)
        {
            if (known is null && !request.Partial && !IsAllPermitted(asked, parts))
                await pace.WaitAsync(ct);
            return (await ViewAsync(request, parts, ct), known is not null);
        }
        await pace.MeasureAsync(() => Task.WhenAll(undecided.Select(part => SubmitAsync(part.Request, ct))));
        return (await ViewAsync(request, await table.PartsAsync(request.Id, ct), ct), false);
    }

    /// <summary>A request as it stands now; null for one that the caller did not make, or made in another role.</summary>
    public async Task<AccessRequestView?> FindAsync(string id, Caller caller, CancellationToken ct) =>
        await table.FindAsync(id, caller, ct) is var (request, parts) ? await ViewAsync(request, parts, ct) : null;

    // The form alone, which tells nothing of the patient, and whether the caller may ask at all. What is asked for is looked at after that.
    private static byte[] Authorize(NewAccessRequest asked, Caller caller, string? idempotencyKey)
    {
        AccessRequestRules.Check(asked, idempotencyKey);
        return Permissions.MayAskFor(caller.Role, asked.Purpose)
            ? AccessRequestRules.HashOf(asked, RoleCode.Of(caller.Role))
            : throw new ApiProblemException(ApiProblem.Forbidden);
    }

    // By category nobody names how many there should be, and in an emergency what is there is not held back.
    private static bool IsAllPermitted(NewAccessRequest asked, IReadOnlyList<RequestPart> parts) =>
        parts.Sum(part => part.Entry!.Decisions.Count(decision => decision.Permitted))
            >= (asked.EmergencyId is null ? asked.RecordIds?.Distinct(StringComparer.Ordinal).Count() ?? 1 : 1);

    private async Task<(StoredRequest, IReadOnlyList<RequestPart>)?> FindAsync(string staff, string? key, CancellationToken ct) =>
        key is not null && await table.FindAsync(staff, key, ct) is { } request ? (request, await table.PartsAsync(request.Id, ct)) : null;

    private async Task<(StoredRequest, IReadOnlyList<RequestPart>)> AddAsync(
        NewAccessRequest asked, string staff, string role, byte[] hash, string? key, CancellationToken ct)
    {
        var id = LedgerId.New(IdKind.Access);
        var parts = new List<RequestPart>();
        // The channel refuses by itself; what is decided here would else pass without a review.
        if (await policies.IsReviewedAsync(Request([]), ct))
            throw new ApiProblemException(Reviewed);
        if (await resolver.FindFaultAsync(asked, ct) is { } fault)
        {
            await CheckEmergencyAsync(Request([]), ct); // who has no session hears that, and nothing of the patient
            throw new ApiProblemException(fault);
        }
        var records = await resolver.ResolveAsync(asked, ct);
        var fresh = readModel.IsFresh;
        var counted = fresh ? await CountedAsync(Request(records.Own), records.Own, ct) : [];
        var own = records.Own.Except(counted).ToList();
        // An old copy does not know the latest revocations: it serves treatment by the hospital's own staff, and nothing else.
        if (fresh)
        {
            foreach (var part in Split(records.Others).Concat(Split(counted)))
                parts.Add(new RequestPart(false, Request(part), null));
        }
        if (own.Count > 0 && (fresh || asked.Purpose == AccessPolicies.Treatment))
            parts.Add(await DecideAsync(Request(own), own, ct));
        // Of what only this node decides nothing would be permitted, as if nothing were there.
        if (fresh && parts.TrueForAll(static part => part.IsLocal))
            await CheckEmergencyAsync(Request([]), ct);
        var request = new StoredRequest(
            id, asked.PatientId, asked.Purpose, staff, role, !fresh || records.IsPartial, key, hash, clock.GetUtcNow());
        return await table.AddAsync(request, parts, ct)
            ? (request, parts)
            : await FindAsync(staff, key, ct) ?? throw new InvalidOperationException("A request vanished while it was repeated.");

        // The first part has the request's own id, so that whoever asked and the access log speak of the same access.
        RequestAccess Request(IReadOnlyList<RecordEntry> part) => new(asked.PatientId, parts.Count == 0 ? id : LedgerId.New(IdKind.Access),
            [.. part.Select(entry => new RecordRef(entry.Custodian, entry.Record.RecordId))], asked.Purpose, role, staff,
            asked.EmergencyId);
    }

    // The same whether the channel refuses or this node, which must not tell whether there was something to ask the channel about.
    private static ApiProblem NotStanding(string code) => code == EmergencyNotFound ? NoEmergency
        : code == Reviewed.Code ? Reviewed
        : new ApiProblem(StatusCodes.Status422UnprocessableEntity, code, "The emergency session does not stand, or not for this request.");

    private async Task CheckEmergencyAsync(RequestAccess request, CancellationToken ct)
    {
        try
        {
            await policies.CheckEmergencyAsync(request, LedgerTime.Truncate(clock.GetUtcNow()), ct);
        }
        catch (PolicyException e)
        {
            await pace.WaitAsync(ct); // as long as the channel would take to refuse, or it would tell that it was not asked
            throw new ApiProblemException(NotStanding(e.Code));
        }
    }

    /// <summary>
    /// Own records that only a counted permit would permit, whatever it goes before: a use of it is taken on the channel, and nowhere else.
    /// </summary>
    private async Task<IReadOnlyList<RecordEntry>> CountedAsync(RequestAccess request, IReadOnlyList<RecordEntry> records, CancellationToken ct)
    {
        if (records.Count == 0 || await policies.MemberAsync(ledger.MspId, ct) is not { } own)
            return [];
        var time = LedgerTime.Truncate(clock.GetUtcNow());
        var facts = PatientPolicy.FactsOf(request, own, time, await policies.EmergencyUntilAsync(request, ledger.MspId, time, ct));
        var policy = await policies.OfCustodianAsync(request.PatientId, facts, ct);
        var withUses = await policies.WithUsesAsync(policy, request.PatientId, ct);
        return ReferenceEquals(policy, withUses) ? [] : [.. records.Where(record => IsPermitted(withUses, record) && !IsPermitted(policy, record))];

        bool IsPermitted(PatientPolicy by, RecordEntry record) => by.Decide(PatientPolicy.FactsOf(record), facts).Permitted;
    }

    private async Task<RequestPart> DecideAsync(RequestAccess request, IReadOnlyList<RecordEntry> records, CancellationToken ct)
    {
        var time = LedgerTime.Truncate(clock.GetUtcNow());
        var own = await policies.MemberAsync(ledger.MspId, ct)
            ?? throw new InvalidOperationException("This member has records but is not on the channel.");
        var facts = PatientPolicy.FactsOf(request, own, time, await policies.EmergencyUntilAsync(request, ledger.MspId, time, ct));
        var policy = await policies.OfCustodianAsync(request.PatientId, facts, ct);
        var decisions = records.Zip(request.Records, (entry, record) =>
            AccessDecision.From(record, policy.Decide(PatientPolicy.FactsOf(entry), facts))).ToList();
        return new RequestPart(true, request, new AccessEntry(request, ledger.MspId, time, decisions));
    }

    // Keys are kept by access and record id: two custodians' records of the same id, which only one who means harm makes, are
    // kept apart.
    private static List<List<RecordEntry>> Split(IReadOnlyList<RecordEntry> records)
    {
        var parts = new List<List<RecordEntry>>();
        foreach (var record in records)
        {
            var part = parts.Find(part => part.Count < RecordsPerPart && part.TrueForAll(other => other.Record.RecordId != record.Record.RecordId));
            if (part is null)
                parts.Add(part = []);
            part.Add(record);
        }
        return parts;
    }

    private async Task SubmitAsync(RequestAccess request, CancellationToken ct)
    {
        LedgerCommit<AccessEntry> commit;
        try
        {
            commit = await ledger.SubmitAsync(
                LedgerTransactions.RequestAccess, request, LedgerJson.Default.RequestAccess, LedgerJson.Default.AccessEntry, ct);
        }
        catch (LedgerException e) when (e.ChaincodeStatus is not null && request.EmergencyId is not null
            && (e.Code.StartsWith("emergency.", StringComparison.Ordinal) || e.Code.StartsWith("staff_key.", StringComparison.Ordinal)))
        {
            throw new ApiProblemException(NotStanding(e.Code));
        }
        await table.DecidedAsync(commit.Result, ct);
        // The answer is made from the copy: it must know at least what the decision knew.
        await catchUp.ToAsync(commit.Block, ct);
    }

    private async Task<AccessRequestView> ViewAsync(StoredRequest request, IReadOnlyList<RequestPart> parts, CancellationToken ct)
    {
        var records = await standing.ListAsync(parts, ct);
        var shown = records.Select(record => new RecordRef(record.Record.Custodian, record.Record.Record.RecordId)).ToHashSet();
        return new AccessRequestView(request.Id, request.PatientId, request.Purpose, request.Partial,
            [.. records.Select(record => new AccessibleRecord(record.Record.Record.RecordId, record.Record.Custodian,
                record.HasKey ? AccessibleRecord.Ready : record.Failure is null ? AccessibleRecord.Pending : AccessibleRecord.Failed,
                RecordFate.From(record.Fates, shown), record.Parts.Count, record.Failure))]);
    }
}
