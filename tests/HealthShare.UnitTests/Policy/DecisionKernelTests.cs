using System.Collections.Immutable;
using HealthShare.Policy.Decisions;
using HealthShare.Policy.Statements;

namespace HealthShare.UnitTests.Policy;

public sealed class DecisionKernelTests
{
    private static readonly DateTimeOffset Now = SampleStatements.Now;
    private static readonly string Lab = DecisionCases.TokenOf("LAB"), Image = DecisionCases.TokenOf("IMG");
    private static readonly string Hiv = DecisionCases.TokenOf("HIV"), Psy = DecisionCases.TokenOf("PSY");

    private static readonly RecordFacts Glucose = new("rc-1", "NorthMSP", [Lab], [], "author", "encounter", "N", Now.AddDays(-3));
    private static readonly RecordFacts HivResult = Glucose with { Id = "rc-2", Labels = [Hiv] };
    private static readonly RequestFacts South = new("SouthMSP", true, "physician", "s-1", "TREAT", Now);

    private static readonly Provision LabForSouth = new()
    {
        Who = [new WhoOrg("SouthMSP", "physician")], Purpose = ["TREAT"], Category = [Lab], Except = [new() { Labels = [Hiv] }],
    };

    [Fact]
    public void The_story_grant_reaches_the_glucose_result_and_nothing_else()
    {
        var grant = Permit("st-1", LabForSouth);
        Assert.Equal(
            new Decision(true, DecisionReason.SignedPermit, "st-1", 0, Now.AddHours(24), Dimensions.None), Decide(Glucose, South, grant));
        Assert.False(Decide(HivResult, South, grant).Permitted);
        Assert.False(Decide(Glucose with { Categories = [Image] }, South, grant).Permitted);
        Assert.False(Decide(Glucose, South with { Role = "nurse" }, grant).Permitted);
        Assert.False(Decide(Glucose, South with { Org = "EastMSP" }, grant).Permitted);
        Assert.False(Decide(Glucose, South with { Purpose = "ETREAT" }, grant).Permitted);
        Assert.False(Decide(Glucose, South with { Time = Now.AddDays(30) }, grant).Permitted);
        Assert.False(Decide(Glucose, South with { Time = Now.AddSeconds(-1) }, grant).Permitted);
        Assert.True(Decide(Glucose, South with { Time = Now.AddDays(30).AddSeconds(-1) }, grant).Permitted);
    }

    [Fact]
    public void Nothing_said_denies_save_that_own_staff_read_own_records_for_treatment()
    {
        Assert.Equal(DecisionReason.DefaultDeny, Decide(Glucose, South).Reason);
        var own = South with { Org = "NorthMSP" };
        Assert.Equal(
            new Decision(true, DecisionReason.OwnRecord, null, -1, Now.AddHours(24), Dimensions.None), Decide(Glucose, own));
        Assert.False(Decide(Glucose, own with { Purpose = "HRESCH" }).Permitted);
        Assert.False(Decide(Glucose, own with { IsHospital = false }).Permitted);
        Assert.Equal(DecisionReason.SignedDeny, Decide(Glucose, own, Deny("st-1", new() { Category = [Lab] })).Reason);
        Assert.Equal(DecisionReason.OwnRecord, Decide(Glucose, own, Deny("st-1", new() { Category = [Image] })).Reason);
    }

    [Fact]
    public void A_deny_wins_over_every_permit()
    {
        var decision = Decide(Glucose, South, Permit("st-1", new()), Deny("st-2", new() { Who = [new WhoOrg("SouthMSP")] }));
        Assert.Equal((false, DecisionReason.SignedDeny, "st-2"), (decision.Permitted, decision.Reason, decision.StatementId));
    }

    [Fact]
    public void A_permit_reaches_a_labelled_record_only_if_it_names_every_label()
    {
        var both = Glucose with { Labels = [Hiv, Psy] };
        Assert.False(Decide(both, South, Permit("st-1", new())).Permitted);
        Assert.False(Decide(both, South, Permit("st-1", new() { Labels = [Hiv] })).Permitted);
        Assert.True(Decide(both, South, Permit("st-1", new() { Labels = [Psy, Hiv] })).Permitted);
        Assert.False(Decide(Glucose, South, Permit("st-1", new() { Labels = [Hiv] })).Permitted); // given dimensions must match
    }

    [Fact]
    public void A_deny_matches_a_record_that_has_any_of_its_labels()
    {
        var both = Glucose with { Labels = [Hiv, Psy] };
        var permit = Permit("st-1", new() { Labels = [Hiv, Psy] });
        Assert.False(Decide(both, South, permit, Deny("st-2", new() { Labels = [Hiv] })).Permitted);
        Assert.False(Decide(both, South, permit, Deny("st-2", new())).Permitted);
    }

    [Fact]
    public void An_exception_says_neither_permit_nor_deny()
    {
        var deny = Deny("st-1", new() { Who = [new WhoOrg("SouthMSP")], Except = [new() { Category = [Lab] }] });
        Assert.Equal(DecisionReason.DefaultDeny, Decide(Glucose, South, deny).Reason);
        Assert.True(Decide(Glucose, South, deny, Permit("st-2", new())).Permitted);
        Assert.Equal(DecisionReason.SignedDeny, Decide(Glucose with { Categories = [Image] }, South, deny).Reason);
    }

    [Fact]
    public void Labels_in_an_exception_follow_what_the_exception_does()
    {
        var both = Glucose with { Labels = [Hiv, Psy] };
        // Taken out of a permit: one label is enough.
        var permit = Permit("st-1", new() { Labels = [Hiv, Psy], Except = [new() { Labels = [Hiv] }] });
        Assert.False(Decide(both, South, permit).Permitted);
        Assert.True(Decide(Glucose with { Labels = [Psy] }, South, permit).Permitted);
        // Taken out of a deny: every label must be named, or the deny stands.
        var deny = Deny("st-1", new() { Except = [new() { Labels = [Hiv] }] });
        Assert.Equal(DecisionReason.SignedDeny, Decide(both, South, deny).Reason);
        Assert.Equal(DecisionReason.DefaultDeny, Decide(HivResult, South, deny).Reason);
    }

    [Fact]
    public void Exceptions_of_exceptions_alternate()
    {
        var permit = Permit("st-1", new()
        {
            Except = [new() { Who = [new WhoOrg("SouthMSP")], Except = [new() { Who = [new WhoOrg("SouthMSP", Staff: "s-1")] }] }],
        });
        Assert.True(Decide(Glucose, South, permit).Permitted);
        Assert.False(Decide(Glucose, South with { Staff = "s-2" }, permit).Permitted);
        Assert.True(Decide(Glucose, South with { Org = "EastMSP" }, permit).Permitted);
    }

    public static TheoryData<string, Dimensions> Dimensional => new()
    {
        { "who", Dimensions.Who }, { "purpose", Dimensions.Purpose }, { "category", Dimensions.Category },
        { "confidentiality", Dimensions.Confidentiality }, { "records", Dimensions.Records }, { "authors", Dimensions.Authors },
        { "encounters", Dimensions.Encounters }, { "custodians", Dimensions.Custodians }, { "dataPeriod", Dimensions.DataPeriod },
        { "period", Dimensions.Period }, { "labels", Dimensions.Labels }, { "except", Dimensions.Except },
    };

    [Theory]
    [MemberData(nameof(Dimensional))]
    public void Each_dimension_alone_keeps_a_permit_from_matching_and_is_named(string name, Dimensions dimension)
    {
        var full = new Provision
        {
            Who = [WhoAnyHospital.Instance], Purpose = ["TREAT"], Category = [Image, Lab], Confidentiality = ["N"], Records = ["rc-1"],
            Authors = ["author"], Encounters = ["encounter"], Custodians = ["NorthMSP"], DataPeriod = new(Now.AddDays(-3), Now),
        };
        Assert.True(Decide(Glucose, South, Permit("st-1", full)).Permitted);
        var (record, request, provision) = name switch
        {
            "who" => (Glucose, South with { IsHospital = false }, full),
            "purpose" => (Glucose, South with { Purpose = "HRESCH" }, full),
            "category" => (Glucose with { Categories = [Hiv] }, South, full),
            "confidentiality" => (Glucose with { Confidentiality = "R" }, South, full),
            "records" => (Glucose with { Id = "rc-2" }, South, full),
            "authors" => (Glucose with { Author = null }, South, full),
            "encounters" => (Glucose with { Encounter = "other" }, South, full),
            "custodians" => (Glucose with { Custodian = "EastMSP" }, South, full),
            "dataPeriod" => (Glucose with { Date = Now }, South, full),
            "period" => (Glucose, South with { Time = Now.AddDays(31) }, full),
            "labels" => (HivResult with { Id = "rc-1" }, South, full),
            _ => (Glucose, South, full with { Except = [new() { Purpose = ["TREAT"] }] }),
        };
        var decision = Decide(record, request, Permit("st-1", provision));
        Assert.Equal((DecisionReason.DefaultDeny, dimension), (decision.Reason, decision.NearMisses));
        Assert.Equal(["permit", $"near.{name}"], DecisionCodes.ChangesOf(decision));
    }

    [Fact]
    public void A_permit_lasts_until_its_end_or_for_a_day()
    {
        Assert.Equal(Now.AddHours(2), Decide(Glucose, South, Permit("st-1", new(), Now.AddHours(2))).NotAfter);
        var longer = Decide(Glucose, South, Permit("st-1", new(), Now.AddHours(2)), Permit("st-2", new(), Now.AddHours(3)));
        Assert.Equal(("st-2", Now.AddHours(3)), (longer.StatementId, longer.NotAfter));
        Assert.Equal("st-1", Decide(Glucose, South, Permit("st-2", new()), Permit("st-1", new())).StatementId);
    }

    [Fact]
    public void Attested_statements_speak_only_where_no_signed_one_does()
    {
        var attested = Permit("st-1", new()) with { AttestedBy = "NorthMSP" };
        Assert.Equal(DecisionReason.AttestedPermit, Decide(Glucose, South, attested).Reason);
        Assert.Equal(DecisionReason.SignedDeny, Decide(Glucose, South, attested, Deny("st-2", new())).Reason);
        var attestedDeny = Deny("st-3", new()) with { AttestedBy = "NorthMSP" };
        Assert.Equal(DecisionReason.AttestedDeny, Decide(Glucose, South, attested, attestedDeny).Reason);
        Assert.Equal(DecisionReason.SignedPermit, Decide(Glucose, South, attestedDeny, Permit("st-2", new())).Reason);
    }

    [Fact]
    public void An_attestation_reaches_only_the_attesters_records_and_never_lets_the_attester_read()
    {
        Assert.False(Decide(Glucose, South, Permit("st-1", new()) with { AttestedBy = "EastMSP" }).Permitted);
        Assert.False(Decide(Glucose with { Custodian = "SouthMSP" }, South with { Purpose = "HRESCH" },
            Permit("st-1", new()) with { AttestedBy = "SouthMSP" }).Permitted);
    }

    [Fact]
    public void The_kernel_is_total_at_the_edges()
    {
        var last = South with { Time = DateTimeOffset.MaxValue };
        Assert.Equal(DateTimeOffset.MaxValue, Decide(Glucose, last, Open("st-1")).NotAfter);
        Assert.False(Decide(Glucose with { Categories = default, Labels = default }, South, Permit("st-1", LabForSouth)).Permitted);
        var empty = new StatementInForce("st-1", new GrantBody(Effect.Permit, default, new Period(Now)));
        Assert.Equal(DecisionReason.DefaultDeny, Decide(Glucose, South, empty).Reason);
    }

    [Fact]
    public void Every_reason_has_its_own_code()
    {
        var codes = Enum.GetValues<DecisionReason>().Select(DecisionCodes.CodeOf).ToArray();
        Assert.Equal(codes.Length, codes.Distinct().Count());
        Assert.All(Enum.GetValues<DecisionReason>(), reason => Assert.Matches(
            DecisionCodes.CodeOf(reason).StartsWith("permit", StringComparison.Ordinal) ? "Permit|OwnRecord|Emergency$" : "Deny|Unreadable|EmergencyNever|Suspended|Erased", $"{reason}"));
    }

    [Fact]
    public void An_emergency_wins_over_denies_for_its_time_and_purpose_and_for_hospitals()
    {
        var until = Now.AddHours(4);
        var request = South with { Purpose = "ETREAT", EmergencyUntil = until };
        StatementInForce[] denies = [Deny("st-1", new Provision()), Deny("st-2", new Provision()) with { AttestedBy = Glucose.Custodian }];
        Assert.Equal(
            new Decision(true, DecisionReason.Emergency, null, -1, until, Dimensions.None), DecisionKernel.Decide(Glucose, request, denies));
        Assert.Equal(Now.AddHours(24), DecisionKernel.Decide(Glucose, request with { EmergencyUntil = Now.AddDays(9) }, denies).NotAfter);
        foreach (var none in (RequestFacts[])
            [request with { Time = until }, request with { Purpose = "TREAT" }, request with { IsHospital = false }, request with { EmergencyUntil = null }])
            Assert.Equal(DecisionReason.SignedDeny, DecisionKernel.Decide(Glucose, none, denies).Reason);
    }

    [Fact]
    public void A_signed_deny_that_matches_and_says_never_is_the_only_thing_that_stops_an_emergency()
    {
        var request = South with { Purpose = "ETREAT", EmergencyUntil = Now.AddHours(4) };
        var never = Deny("st-2", new Provision());
        never = never with { Grant = never.Grant with { EmergencyNever = true } };
        var decision = DecisionKernel.Decide(Glucose, request, [Open("st-1"), never]);
        Assert.Equal((false, DecisionReason.EmergencyNever, "st-2"), (decision.Permitted, decision.Reason, decision.StatementId));
        foreach (var other in (StatementInForce[])
        [
            never with { AttestedBy = Glucose.Custodian }, never with { Grant = never.Grant with { Effect = Effect.Permit } },
            never with { Grant = never.Grant with { Scope = [new Provision { Purpose = ["TREAT"] }] } },
            never with { Grant = never.Grant with { Period = new Period(Now.AddDays(-1), Now) } },
        ])
            Assert.Equal(DecisionReason.Emergency, DecisionKernel.Decide(Glucose, request, [other]).Reason);
    }

    private static StatementInForce Permit(string id, Provision scope, DateTimeOffset? end = null) =>
        new(id, new GrantBody(Effect.Permit, [scope], new Period(Now, end ?? Now.AddDays(30))));

    private static StatementInForce Open(string id) => new(id, new GrantBody(Effect.Permit, [new Provision()], new Period(Now)));

    private static StatementInForce Deny(string id, Provision scope) =>
        new(id, new GrantBody(Effect.Deny, [scope], new Period(Now)));

    private static Decision Decide(RecordFacts record, RequestFacts request, params ImmutableArray<StatementInForce> statements) =>
        DecisionKernel.Decide(record, request, statements.AsSpan());
}
