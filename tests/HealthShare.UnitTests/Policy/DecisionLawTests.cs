using FsCheck;
using FsCheck.Fluent;
using HealthShare.Policy.Decisions;
using HealthShare.Policy.Statements;

namespace HealthShare.UnitTests.Policy;

/// <summary>The laws of the kernel, over cases that nobody thought of.</summary>
public sealed class DecisionLawTests
{
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(400);

    [Fact]
    public void Any_order_gives_the_same_decision() => Holds(c =>
        c with { Statements = [.. c.Statements.Reverse()] } is var reversed && reversed.Decide() == c.Decide()
        && c with { Statements = [.. c.Statements.Skip(1), .. c.Statements.Take(1)] } is var rotated && rotated.Decide() == c.Decide());

    [Fact]
    public void Adding_a_deny_never_makes_a_permit() => Check.One(Many, Prop.ForAll(
        DecisionCases.Cases.ToArbitrary(), DecisionCases.Grants.ToArbitrary(), (c, grant) =>
        {
            var more = c with { Statements = c.Statements.Add(new StatementInForce("st-x", grant with { Effect = Effect.Deny })) };
            return c.Decide().Permitted || !more.Decide().Permitted;
        }));

    [Fact]
    public void Removing_a_permit_never_makes_a_permit() => Holds(c =>
        c.Decide().Permitted || c.Statements.Where(statement => statement.Grant.Effect is Effect.Permit)
            .All(permit => !(c with { Statements = c.Statements.Remove(permit) }).Decide().Permitted));

    [Fact]
    public void A_permit_stands_on_a_matching_statement_in_force_or_on_the_own_record() => Holds(c =>
    {
        var decision = c.Decide();
        if (!decision.Permitted)
            return decision.NotAfter is null;
        if (decision.Reason is DecisionReason.OwnRecord)
            return c.Record.Custodian == c.Request.Org && c.Request is { Purpose: "TREAT", IsHospital: true };
        if (decision.Reason is DecisionReason.Emergency)
        {
            return c.Request is { Purpose: "ETREAT", IsHospital: true } && decision.NotAfter <= c.Request.EmergencyUntil
                && decision.NotAfter > c.Request.Time && decision.NotAfter <= c.Request.Time + DecisionKernel.MaxValidity;
        }
        var deciding = c.Statements.Single(statement => statement.Id == decision.StatementId);
        return deciding.Grant.Effect is Effect.Permit && !(c.Request.Time < deciding.EffectiveFrom)
            && (deciding.Grant.Uses is null || deciding.HasUse) && deciding.Grant.Period.Contains(c.Request.Time)
            && decision.Provision < deciding.Grant.Scope.Length && decision.NotAfter > c.Request.Time
            && decision.NotAfter <= c.Request.Time + DecisionKernel.MaxValidity;
    });

    [Fact]
    public void Nothing_expired_permits() => Holds(c =>
    {
        var expired = c.Statements.Select(statement => statement with
        {
            Grant = statement.Grant with { Period = new Period(c.Request.Time.AddDays(-9), c.Request.Time) },
        });
        return !(c with { Statements = [.. expired] }).Decide().Permitted || c.Decide().Reason is DecisionReason.OwnRecord or DecisionReason.Emergency
            || (c.Request.Purpose == "ETREAT" && c.Request.EmergencyUntil > c.Request.Time)
            || (c.Record.Custodian == c.Request.Org && c.Request.Purpose == "TREAT");
    });

    [Fact]
    public void Nothing_that_waits_and_nothing_used_up_permits() => Holds(c =>
    {
        var waiting = c with { Statements = [.. c.Statements.Select(statement => statement with { EffectiveFrom = c.Request.Time.AddSeconds(1) })] };
        var spent = c with { Statements = [.. c.Statements.Select(statement => statement with { Grant = statement.Grant with { Uses = 1 }, HasUse = false })] };
        return new[] { waiting.Decide(), spent.Decide() }.All(decision => !decision.Permitted || decision.Reason is DecisionReason.OwnRecord or DecisionReason.Emergency);
    });

    [Fact]
    public void A_use_is_spent_only_where_nothing_else_permits() => Holds(any =>
    {
        // What hospitals attest counts only where nothing signed matches.
        var c = any with { Statements = [.. any.Statements.Where(statement => statement.AttestedBy is null)] };
        var decision = c.Decide();
        return !decision.Permitted || c.Statements.All(statement => statement.Id != decision.StatementId || statement.Grant.Uses is null)
            || !(c with { Statements = [.. c.Statements.Where(statement => statement.Grant.Uses is null)] }).Decide().Permitted;
    });

    [Fact]
    public void A_carried_deny_denies_at_least_what_it_denied() => Check.One(Many, Prop.ForAll(
        DecisionCases.Cases.ToArbitrary(), DecisionCases.Grants.ToArbitrary(), (c, grant) =>
        {
            // What keeps emergencies out takes a signature for that very id, and is not carried.
            var deny = grant with { Effect = Effect.Deny, EmergencyNever = true };
            var carried = CarriedDeny.Widen(deny);
            return !carried.EmergencyNever && (!Denies(deny with { EmergencyNever = false }) || Denies(carried));

            bool Denies(GrantBody body) => (c with { Statements = [new StatementInForce("st-x", body)] }).Decide().Reason
                is DecisionReason.SignedDeny;
        }));

    [Fact]
    public void Whoever_erased_is_read_by_nobody_but_a_hospitals_own_staff_for_treatment() => Holds(c =>
        DecisionKernel.DecideErased(c.Record, c.Request) is { Permitted: false, Reason: DecisionReason.Erased }
        || (c.Record.Custodian == c.Request.Org && c.Request is { Purpose: "TREAT", IsHospital: true }));

    [Fact]
    public void A_statement_about_another_reader_changes_nothing() => Check.One(Many, Prop.ForAll(
        DecisionCases.Cases.ToArbitrary(), DecisionCases.Grants.ToArbitrary(), (c, grant) =>
        {
            var elsewhere = grant with { Scope = [.. grant.Scope.Select(p => p with { Who = [new WhoOrg("WestMSP")] })] };
            var more = c with { Statements = c.Statements.Add(new StatementInForce("st-x", elsewhere)) };
            return more.Decide() with { NearMisses = 0 } == c.Decide() with { NearMisses = 0 };
        }));

    [Fact]
    public void A_labelled_record_is_permitted_only_by_a_provision_that_names_every_label() => Holds(c =>
    {
        var decision = c.Decide();
        if (decision is not { Permitted: true, StatementId: { } id })
            return true;
        var provision = c.Statements.Single(statement => statement.Id == id).Grant.Scope[decision.Provision];
        return c.Record.Labels.All(label => !provision.Labels.IsDefault && provision.Labels.Contains(label));
    });

    [Fact]
    public void Cases_reach_every_reason()
    {
        // Laws over cases that never permit anything would hold for nothing. Two are decided before any statement is looked at.
        var expected = Enum.GetValues<DecisionReason>().Except([DecisionReason.Unreadable, DecisionReason.Erased]).ToList();
        var reasons = new HashSet<DecisionReason>();
        for (var tries = 0; tries < 20 && reasons.Count < expected.Count; tries++) // a rare one may be missed by chance
            reasons.UnionWith(DecisionCases.Cases.Sample(10_000, 30).Select(c => c.Decide().Reason));
        Assert.Equal(expected, reasons.Order());
    }

    [Fact]
    public void The_kernel_never_throws_on_any_input() => Check.One(Many, Prop.ForAll(
        DecisionCases.Cases.ToArbitrary(), DecisionCases.AnyTimes.Two().ToArbitrary(), ArbMap.Default.ArbFor<NonNull<string>>(), (c, times, any) =>
        {
            var (earlier, later) = times;
            var text = any.Get;
            var deep = Enumerable.Range(0, 64).Aggregate(new Provision { Who = [], Category = [text], Labels = [] }, (inner, _) => new Provision { Except = [inner] });
            DecisionCase[] odd =
            [
                c with { Record = c.Record with { Categories = default, Labels = default, Author = text, Confidentiality = text, Date = earlier } },
                c with { Record = c.Record with { Id = text, Custodian = text, Categories = [text, ""], Encounter = text } },
                c with { Request = c.Request with { Org = text, Role = text, Purpose = text, Time = later, EmergencyUntil = earlier } },
                c with { Statements = [.. c.Statements.Select(s => s with { Id = text, EffectiveFrom = later, Grant = s.Grant with { Effect = (Effect)9 } })] },
                c with { Statements = [.. c.Statements.Select(s => s with { Grant = s.Grant with { Scope = default, Period = new Period(later, earlier) } })] },
                c with { Statements = [.. c.Statements.Select(s => s with { Grant = s.Grant with { Scope = [deep, new Provision()] } })] },
            ];
            // A permit of what nobody signed would be as bad as an exception.
            return odd.All(each => each.Decide() is { Permitted: false } or { Reason: DecisionReason.OwnRecord or DecisionReason.Emergency }
                || each.Statements.Any(s => s.Grant.Effect is Effect.Permit));
        }));

    private static void Holds(Func<DecisionCase, bool> law) => Check.One(Many, Prop.ForAll(DecisionCases.Cases.ToArbitrary(), law));
}
