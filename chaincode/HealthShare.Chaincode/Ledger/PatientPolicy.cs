using System.Text.Json;
using HealthShare.Policy.Decisions;
using HealthShare.Policy.Statements;

namespace HealthShare.Chaincode.Ledger;

/// <summary>
/// A patient's statements, loaded once and ready to decide about any number of records. Endorsers load it over the running
/// transaction, nodes over their replica.
/// </summary>
public sealed class PatientPolicy
{
    private static readonly Dictionary<string, CountedUses.Claim> NoClaims = [];
    private readonly StatementInForce[]? statements;
    private readonly Dictionary<string, CountedUses.Claim> claims;
    private readonly bool isErased;
    private readonly bool isForEmergencies;

    private PatientPolicy(
        StatementInForce[]? statements, Dictionary<string, CountedUses.Claim> claims, bool isErased = false, bool isForEmergencies = false) =>
        (this.statements, this.claims, this.isErased, this.isForEmergencies) = (statements, claims, isErased, isForEmergencies);

    /// <summary>
    /// Loads what the channel accepted: denies, and permits whose credential was not revoked. Statements and credentials are
    /// read as ranges, so a later change of either invalidates the transaction. Counted permits permit nothing before
    /// <see cref="ForAccessAsync"/>.
    /// </summary>
    public static Task<PatientPolicy> LoadAsync(ILedgerState state, string patientId, CancellationToken ct) =>
        StatementLoader.OfChannel(state, patientId).LoadAsync(ct);

    /// <summary>
    /// Loads what can make a difference to one request: for an emergency session that stands <see cref="LoadForEmergencyAsync"/>, else
    /// all that <see cref="LoadAsync(ILedgerState, string, CancellationToken)"/> loads.
    /// </summary>
    public static Task<PatientPolicy> LoadAsync(ILedgerState state, string patientId, RequestFacts request, CancellationToken ct) =>
        DecisionKernel.IsEmergency(request) ? LoadForEmergencyAsync(state, patientId, ct) : LoadAsync(state, patientId, ct);

    /// <summary>
    /// Loads what can stand against an emergency session: the signed denies with <c>emergency: never</c> of that very id. The same for
    /// the channel and a custodian, since denies count whoever signed them. Nothing else is read, so no hospital's word and no other
    /// id of the person can invalidate an emergency's transactions. About any other request such a policy decides nothing, and denies.
    /// </summary>
    /// <param name="state">The state.</param>
    /// <param name="patientId">Patient.</param>
    /// <param name="ct">Stops the reading.</param>
    public static Task<PatientPolicy> LoadForEmergencyAsync(ILedgerState state, string patientId, CancellationToken ct) =>
        StatementLoader.ForEmergencyAsync(state, patientId, ct);

    /// <summary>
    /// Loads and verifies again, as a custodian does before it gives a key away: a permit counts only when a credential that
    /// the custodian trusts signed exactly these bytes for this channel and patient, and waiting times run from when its node
    /// saw the block. Denies count in any case.
    /// </summary>
    /// <param name="state">The node's replica.</param>
    /// <param name="patientId">Patient.</param>
    /// <param name="custodian">What the custodian counts by.</param>
    /// <param name="ct">Stops the reading.</param>
    public static Task<PatientPolicy> LoadVerifiedAsync(ILedgerState state, string patientId, CustodianView custodian, CancellationToken ct) =>
        StatementLoader.OfCustodian(state, patientId, custodian).LoadAsync(ct);

    /// <summary>The policy of a patient who erased what is shared: no statement counts any more.</summary>
    internal static PatientPolicy Erased { get; } = new([], NoClaims, isErased: true);

    /// <summary>A policy of these statements; null where one could not be read, which permits nothing.</summary>
    internal static PatientPolicy Of(StatementInForce[]? statements, IReadOnlyList<LapsedPermit> lapsed) =>
        new(statements, NoClaims) { Lapsed = lapsed };

    /// <summary>The same, of the statements that stand against an emergency.</summary>
    internal static PatientPolicy ForEmergencies(StatementInForce[]? statements) => new(statements, NoClaims, isForEmergencies: true);

    /// <summary>
    /// The policy for one access, with the counted permits of which it holds a use, or may take one. Looks only at those that
    /// would decide about these records: others are no reason for two requests to collide.
    /// </summary>
    /// <param name="state">The state that the policy was loaded from.</param>
    /// <param name="access">The access.</param>
    /// <param name="mayTake">
    /// True where the access is just being decided and takes what is free; false where only what it took then counts.
    /// </param>
    /// <param name="records">The records that are decided about.</param>
    /// <param name="request">The request that is decided on.</param>
    /// <param name="ct">Stops the reading.</param>
    public async Task<PatientPolicy> ForAccessAsync(
        ILedgerState state, AccessRef access, bool mayTake, IReadOnlyList<RecordFacts> records, RequestFacts request, CancellationToken ct)
    {
        if (statements is null || !Array.Exists(statements, static statement => statement.Grant.Uses is not null))
            return this;
        var found = new Dictionary<string, CountedUses.Claim>(StringComparer.Ordinal);
        // As if each had a use left, until none decides that was not looked at.
        var tried = Array.ConvertAll(statements, static statement => statement with { HasUse = statement.Grant.Uses is not null });
        while (true)
        {
            var deciding = records.Select(record => DecisionKernel.Decide(record, request, tried).StatementId).ToHashSet(StringComparer.Ordinal);
            var open = Enumerable.Range(0, tried.Length).Where(i => tried[i] is { HasUse: true, Id: var id }
                && deciding.Contains(id) && !found.ContainsKey(id)).ToList();
            if (open.Count == 0)
                break;
            foreach (var i in open)
            {
                var claim = await CountedUses.FindAsync(state, access.PatientId, tried[i].Id, tried[i].Grant.Uses!.Value, access, ct);
                found[tried[i].Id] = claim;
                tried[i] = tried[i] with { HasUse = claim.Held || (mayTake && claim.Free is not null) };
            }
        }
        for (var i = 0; i < tried.Length; i++)
        {
            if (!found.ContainsKey(tried[i].Id))
                tried[i] = tried[i] with { HasUse = false };
        }
        return new PatientPolicy(tried, found);
    }

    /// <summary>The uses that decisions of this policy take, ordered by statement: each permit that decided, once.</summary>
    /// <param name="decisions">The decisions.</param>
    /// <param name="access">The access that they were made for.</param>
    public IReadOnlyList<UseEntry> UsesOf(IEnumerable<AccessDecision> decisions, AccessRef access) =>
    [
        .. decisions.Where(decision => decision is { Permitted: true, StatementId: not null }).Select(decision => decision.StatementId!)
            .Distinct().Order(StringComparer.Ordinal)
            .Where(id => claims.TryGetValue(id, out var claim) && claim.Free is not null)
            .Select(id => new UseEntry(id, claims[id].Free!.Value, access.Requester, access.AccessId)),
    ];

    /// <summary>Decides about one record. Never throws; where a stored statement cannot be read, nothing is permitted.</summary>
    public Decision Decide(RecordFacts record, RequestFacts request) =>
        isErased ? DecisionKernel.DecideErased(record, request)
        : statements is null || (isForEmergencies && !DecisionKernel.IsEmergency(request)) ? DecisionKernel.Unreadable
        : DecisionKernel.Decide(record, request, statements);

    /// <summary>Decides about one record for whoever might ask, and says what would change it.</summary>
    public Explanation Explain(ExplainAccess query, RecordEntry record, OrganizationEntry requester, DateTimeOffset time)
    {
        // Nobody has the staff id of a reader who is known by the role alone.
        var request = new RequestAccess(query.PatientId, "", [query.Record], query.Purpose, query.Role, query.Staff ?? "");
        var (about, asked) = (FactsOf(record), FactsOf(request, requester, time));
        var decision = Decide(about, asked);
        return new Explanation(AccessDecision.From(query.Record, decision), DecisionCodes.ChangesOf(decision), time,
            decision.Reason is DecisionReason.DefaultDeny ? LapsedAbout(about, asked) : []);
    }

    // Those that would permit it by themselves if they counted; a use of a counted one is then left, as far as one can tell.
    private List<LapsedName> LapsedAbout(RecordFacts record, RequestFacts request) =>
    [
        .. Lapsed.Where(permit => permit.From <= request.Time && DecisionKernel.Decide(record, request,
                [new StatementInForce(permit.StatementId, permit.Grant, HasUse: true)]).Reason is DecisionReason.SignedPermit)
            .Select(static permit => new LapsedName(permit.StatementId, JsonNamingPolicy.CamelCase.ConvertName(permit.Cause.ToString()))),
    ];

    /// <summary>Permits that stand on the channel and do not count, or will not from a time on.</summary>
    public IReadOnlyList<LapsedPermit> Lapsed { get; private init; } = [];

    /// <summary>Why one of the patient's grants does not count, its period and its waiting time aside; null where nothing keeps it from it.</summary>
    /// <param name="statementId">The grant.</param>
    /// <param name="effect">Its effect.</param>
    /// <param name="time">The time to ask for.</param>
    public LapseCause? LapseOf(string statementId, Effect effect, DateTimeOffset time) =>
        isErased ? LapseCause.Erased
        : Lapsed.FirstOrDefault(permit => permit.StatementId == statementId && permit.From <= time) is { } lapsed ? lapsed.Cause
        : statements is null && effect is Effect.Permit ? LapseCause.Unreadable
        : null;

    /// <summary>
    /// The policy as it would be with further statements, in place of those that they replace; where a stored one cannot be
    /// read, still none permits.
    /// </summary>
    public PatientPolicy With(params IReadOnlyList<StatementInForce> further) => statements is null || isErased || isForEmergencies ? this : new PatientPolicy(
        [.. statements.Where(statement => further.All(next => next.Grant.Replaces != statement.Id)), .. further.Select(next => next with { HasUse = true })],
        claims) { Lapsed = Lapsed };

    /// <summary>The policy as a new request would find it: with the counted permits that have a use left.</summary>
    /// <param name="state">The state that the policy was loaded from.</param>
    /// <param name="patientId">Patient.</param>
    /// <param name="ct">Stops the reading.</param>
    public async Task<PatientPolicy> ForPreviewAsync(ILedgerState state, string patientId, CancellationToken ct)
    {
        if (statements is null || !Array.Exists(statements, static statement => statement.Grant.Uses is not null))
            return this;
        var open = (StatementInForce[])statements.Clone();
        for (var i = 0; i < open.Length; i++)
        {
            if (open[i].Grant.Uses is { } uses)
                open[i] = open[i] with { HasUse = await CountedUses.CountAsync(state, patientId, open[i].Id, ct) < uses };
        }
        return new PatientPolicy(open, claims) { Lapsed = Lapsed };
    }

    /// <summary>The policy as it will be when every waiting time is over, if nothing else changes: to tell what waits from what is wrong.</summary>
    public PatientPolicy AfterWaiting() => statements is null || isErased || isForEmergencies ? this : new PatientPolicy(
        Array.ConvertAll(statements, static statement => statement with { EffectiveFrom = null }), claims) { Lapsed = Lapsed };

    /// <summary>When the next waiting time after an instant is over; null where none runs.</summary>
    public DateTimeOffset? NextEffective(DateTimeOffset after) =>
        Statements.Where(statement => statement.EffectiveFrom > after).Min(static statement => statement.EffectiveFrom);

    /// <summary>The statements that decide; empty where a stored one cannot be read.</summary>
    public IReadOnlyList<StatementInForce> Statements => statements ?? [];

    /// <summary>What the kernel takes of a record.</summary>
    public static RecordFacts FactsOf(RecordEntry entry) => new(
        entry.Record.RecordId, entry.Custodian, [.. entry.Record.Categories], [.. entry.Record.Labels], entry.Record.Author,
        entry.Record.Encounter, entry.Record.Confidentiality, entry.Record.Date);

    /// <summary>What the kernel takes of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="requester">The member that asks.</param>
    /// <param name="time">The time to decide for, in whole seconds.</param>
    /// <param name="emergencyUntil">End of the emergency session that the request names and that stands; null for none.</param>
    public static RequestFacts FactsOf(
        RequestAccess request, OrganizationEntry requester, DateTimeOffset time, DateTimeOffset? emergencyUntil = null) => new(
        requester.MspId, requester.Kind is OrganizationKind.Hospital, request.Role, request.Staff, request.Purpose, time, emergencyUntil,
        requester.SuspendedAt is not null);
}
