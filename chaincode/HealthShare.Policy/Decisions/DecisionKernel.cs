using System.Numerics;
using HealthShare.Policy.Statements;

namespace HealthShare.Policy.Decisions;

/// <summary>
/// Decides who may read a record. A pure function: the same facts give the same decision on every endorser, every
/// custodian and every auditor's desk, in whatever order the statements come. It never throws.
/// </summary>
public static class DecisionKernel
{
    /// <summary>Longest time that a decision stands.</summary>
    public static readonly TimeSpan MaxValidity = TimeSpan.FromHours(24);

    /// <summary>The purpose of an emergency session's requests, HL7 v3 PurposeOfUse.</summary>
    public const string EmergencyTreatment = "ETREAT";

    private const string Treatment = "TREAT";

    /// <summary>
    /// Signed statements first: any deny wins, else any permit. Only when no signed one matches, attested ones by the same
    /// rule. Else the default: deny, save that a hospital's own staff may read its own records for treatment. An emergency
    /// session reads against all of that, save where a signed deny says <c>emergency: never</c>.
    /// </summary>
    public static Decision Decide(RecordFacts record, RequestFacts request, ReadOnlySpan<StatementInForce> statements)
    {
        // Its own records a hospital holds in plaintext: those stay under the same rules as before.
        if (request.IsSuspended && !string.Equals(record.Custodian, request.Org, StringComparison.Ordinal))
            return Suspended;
        var signed = new Tally();
        var attested = new Tally();
        var never = new Tally();
        var nearMisses = Dimensions.None;
        foreach (var statement in statements)
        {
            var (provision, near) = Match(statement, record, request);
            if (provision >= 0 && statement is { AttestedBy: null, Grant: { Effect: Effect.Deny, EmergencyNever: true } })
                never.Add(statement, provision);
            if (provision >= 0)
                (statement.AttestedBy is null ? ref signed : ref attested).Add(statement, provision);
            else if (statement.Grant.Effect is Effect.Permit)
                nearMisses |= near;
        }
        if (IsEmergency(request))
            return never.Decide(DecisionReason.Emergency, DecisionReason.EmergencyNever, request.Time) ?? Emergency(request.Time, request.EmergencyUntil!.Value);
        // No use is spent on what the default permits.
        if (signed.IsCounted && Default(record, request, nearMisses) is { Permitted: true } own)
            return own;
        return signed.Decide(DecisionReason.SignedPermit, DecisionReason.SignedDeny, request.Time)
            ?? attested.Decide(DecisionReason.AttestedPermit, DecisionReason.AttestedDeny, request.Time)
            ?? Default(record, request, nearMisses);
    }

    /// <summary>
    /// True for a request of a hospital whose emergency session stands: of all statements only a signed deny with
    /// <c>emergency: never</c> then makes a difference.
    /// </summary>
    /// <param name="request">The request.</param>
    public static bool IsEmergency(RequestFacts request) =>
        request is { IsHospital: true, Purpose: EmergencyTreatment, EmergencyUntil: { } until } && request.Time < until;

    /// <summary>
    /// The decision about a record of a patient who erased what is shared: no statement and no emergency counts any more. What a hospital
    /// must keep of its own, its own staff may read for treatment.
    /// </summary>
    /// <param name="record">The record.</param>
    /// <param name="request">The request.</param>
    public static Decision DecideErased(RecordFacts record, RequestFacts request) =>
        Default(record, request, Dimensions.None) is { Permitted: true } own
            ? own
            : new Decision(false, DecisionReason.Erased, null, -1, null, Dimensions.None);

    /// <summary>A decision that denies because a stored statement could not be read.</summary>
    public static Decision Unreadable { get; } = new(false, DecisionReason.Unreadable, null, -1, null, Dimensions.None);

    private static Decision Suspended { get; } = new(false, DecisionReason.Suspended, null, -1, null, Dimensions.None);

    private static Decision Default(RecordFacts record, RequestFacts request, Dimensions nearMisses) =>
        request is { IsHospital: true, Purpose: Treatment }
            && string.Equals(record.Custodian, request.Org, StringComparison.Ordinal)
            ? new Decision(true, DecisionReason.OwnRecord, null, -1, Latest(request.Time), Dimensions.None)
            : new Decision(false, DecisionReason.DefaultDeny, null, -1, null, nearMisses);

    /// <summary>Index of the first matching provision, or −1 and the dimensions that alone kept one from matching.</summary>
    private static (int Provision, Dimensions NearMisses) Match(
        StatementInForce statement, RecordFacts record, RequestFacts request)
    {
        var grant = statement.Grant;
        if (grant.Scope.IsDefault || !Reaches(statement, record, request))
            return (-1, Dimensions.None);
        var outside = NotInForce(statement, request.Time);
        if (outside is not Dimensions.None && !BitOperations.IsPow2((int)outside))
            return (-1, Dimensions.None);
        var nearMisses = Dimensions.None;
        for (var i = 0; i < grant.Scope.Length; i++)
        {
            var misses = ProvisionMatcher.Misses(grant.Scope[i], record, request, grant.Effect is Effect.Permit, outside);
            if (misses is Dimensions.None)
                return (i, Dimensions.None);
            if (BitOperations.IsPow2((int)misses))
                nearMisses |= misses;
        }
        return (-1, nearMisses);
    }

    private static Decision Emergency(DateTimeOffset time, DateTimeOffset until) =>
        new(true, DecisionReason.Emergency, null, -1, until < Latest(time) ? until : Latest(time), Dimensions.None);

    private static Dimensions NotInForce(StatementInForce statement, DateTimeOffset time)
    {
        var misses = statement.Grant.Period.Contains(time) ? Dimensions.None : Dimensions.Period;
        if (statement.EffectiveFrom is { } from && time < from)
            misses |= Dimensions.Waiting;
        if (statement.Grant.Uses is not null && !statement.HasUse)
            misses |= Dimensions.Uses;
        return misses;
    }

    // What a hospital vouches for reaches its own records only, and never lets that hospital itself read.
    private static bool Reaches(StatementInForce statement, RecordFacts record, RequestFacts request) =>
        statement.AttestedBy is not { } attester
        || (string.Equals(attester, record.Custodian, StringComparison.Ordinal)
            && (statement.Grant.Effect is Effect.Deny || !string.Equals(attester, request.Org, StringComparison.Ordinal)));

    // Total, even for a time at the end of the calendar.
    private static DateTimeOffset Latest(DateTimeOffset time) =>
        time > DateTimeOffset.MaxValue - MaxValidity ? DateTimeOffset.MaxValue : time + MaxValidity;

    /// <summary>The matching statements of one kind, reduced so that their order does not matter.</summary>
    private struct Tally
    {
        private StatementInForce? permit, deny;
        private int permitProvision, denyProvision;

        /// <summary>True where a counted permit would decide.</summary>
        public readonly bool IsCounted => deny is null && permit?.Grant.Uses is not null;

        public void Add(StatementInForce statement, int provision)
        {
            if (statement.Grant.Effect is not Effect.Permit) // an effect that nobody knows permits nothing
            {
                if (deny is null || Precedes(statement, deny))
                    (deny, denyProvision) = (statement, provision);
            }
            else if (permit is null || Precedes(statement, permit))
            {
                (permit, permitProvision) = (statement, provision);
            }
        }

        public readonly Decision? Decide(DecisionReason permitted, DecisionReason denied, DateTimeOffset time)
        {
            if (deny is not null)
                return new Decision(false, denied, deny.Id, denyProvision, null, Dimensions.None);
            if (permit is null)
                return null;
            var latest = Latest(time);
            var notAfter = permit.Grant.Period.End is { } end && end < latest ? end : latest;
            return new Decision(true, permitted, permit.Id, permitProvision, notAfter, Dimensions.None);
        }

        // One that is not counted decides before one that is: no use is spent without need. Then the one that lasts longest;
        // among equals the lowest id.
        private static bool Precedes(StatementInForce a, StatementInForce b)
        {
            if (a.Grant.Uses is null != b.Grant.Uses is null)
                return a.Grant.Uses is null;
            var (first, second) = (a.Grant.Period.End ?? DateTimeOffset.MaxValue, b.Grant.Period.End ?? DateTimeOffset.MaxValue);
            return first != second ? first > second : string.CompareOrdinal(a.Id, b.Id) < 0;
        }
    }
}
