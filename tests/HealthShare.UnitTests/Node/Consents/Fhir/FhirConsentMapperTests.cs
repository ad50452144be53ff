using System.Text.Json.Nodes;
using HealthShare.Node.Consents.Fhir;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using static HealthShare.UnitTests.Node.Consents.Fhir.FhirConsents;

namespace HealthShare.UnitTests.Node.Consents.Fhir;

public sealed class FhirConsentMapperTests
{
    private static readonly byte[] Key = new byte[32];

    [Fact]
    public void A_permit_with_a_denied_part_is_one_statement_with_an_exception()
    {
        var grant = Assert.Single(R4($$"""{"type":"permit","purpose":{{Treatment}},"provision":[{"type":"deny","securityLabel":[{{Restricted}}]}]}""").Map());
        Assert.Equal((Effect.Permit, false), (grant.Effect, grant.EmergencyNever));
        var provision = Assert.Single(grant.Scope);
        Assert.Equal(["TREAT"], provision.Purpose.ToArray());
        Assert.Equal(["R"], Assert.Single(provision.Except).Confidentiality.ToArray());
        Assert.True(Assert.Single(provision.Except).Purpose.IsDefault);
    }

    [Fact]
    public void A_deny_with_a_permitted_part_is_a_deny_with_an_exception_and_a_permit()
    {
        var grants = R4($$"""{"type":"deny","provision":[{"type":"permit","purpose":{{Treatment}},"actor":[{{Recipient("role", "SouthMSP/physician")}}]}]}""").Map();
        Assert.Equal([Effect.Deny, Effect.Permit], grants.Select(grant => grant.Effect));
        Assert.Equal(["TREAT"], Assert.Single(Assert.Single(grants[0].Scope).Except).Purpose.ToArray());
        Assert.Equal(["TREAT"], Assert.Single(grants[1].Scope).Purpose.ToArray());
        Assert.Equal([new WhoOrg("SouthMSP", Role: "physician")], grants[1].Scope[0].Who.ToArray());
    }

    [Fact]
    public void A_nested_permit_takes_over_what_it_does_not_say_and_is_bound_by_what_is_denied_beside_it()
    {
        var grant = Assert.Single(R4($$"""
            {"type":"permit","purpose":{{Treatment}},"securityLabel":[{{Normal}}],"provision":[
              {"type":"permit","securityLabel":[{{Label("PSY")}}],"actor":[{{Recipient("staff", "EastMSP/s1")}}]},
              {"type":"deny","data":[{{Data("instance", "record", RecordId)}}]}]}
            """).Map());
        Assert.Equal(2, grant.Scope.Length);
        Assert.Equal(["TREAT"], grant.Scope[1].Purpose.ToArray());
        Assert.True(grant.Scope[1].Confidentiality.IsDefault);
        Assert.Equal([Token.Compute(Key, TokenDimension.Label, "PSY")], grant.Scope[1].Labels.ToArray());
        Assert.All(grant.Scope, provision => Assert.Equal([RecordId], Assert.Single(provision.Except).Records.ToArray()));
    }

    [Fact]
    public void A_denied_label_takes_along_what_lies_under_it_and_a_permitted_one_does_not()
    {
        var (eth, alcohol, opioid) = (LabelToken("ETH"), LabelToken("ETHUD"), LabelToken("OPIOIDUD"));
        Assert.Equal([eth, alcohol, opioid], R4($$"""{"type":"deny","securityLabel":[{{Label("ETH")}}]}""").Map()[0].Scope[0].Labels.ToArray());
        Assert.Equal([eth], R4($$"""{"type":"permit","securityLabel":[{{Label("ETH")}}]}""").Map()[0].Scope[0].Labels.ToArray());
        Assert.Equal([eth, alcohol, opioid], R4($$"""{"type":"permit","provision":[{"type":"deny","securityLabel":[{{Label("ETH")}}]}]}""")
            .Map()[0].Scope[0].Except[0].Labels.ToArray());
    }

    [Fact]
    public void Labels_of_both_kinds_must_all_be_permitted_and_may_any_be_denied()
    {
        var both = $"[{Restricted},{Label("HIV")}]";
        var permit = Assert.Single(R4($$"""{"type":"permit","securityLabel":{{both}}}""").Map()[0].Scope);
        Assert.Equal((1, 1), (permit.Confidentiality.Length, permit.Labels.Length));
        var deny = R4($$"""{"type":"deny","securityLabel":{{both}}}""").Map()[0].Scope;
        Assert.Equal(2, deny.Length);
        Assert.True(deny[0].Labels.IsDefault && deny[1].Confidentiality.IsDefault);
    }

    [Fact]
    public void Data_named_in_several_ways_is_reached_by_any_of_them()
    {
        var scope = R4($$"""
            {"type":"permit","data":[{{Data("instance", "record", RecordId)}},{{Data("authoredby", "author-token", TokenA)}},
              {{Data("related", "encounter-token", TokenB)}},{{Data("instance", "record", RecordId)}}]}
            """).Map()[0].Scope;
        Assert.Equal([RecordId, RecordId], scope[0].Records.ToArray());
        Assert.Equal([TokenA], scope[1].Authors.ToArray());
        Assert.Equal([TokenB], scope[2].Encounters.ToArray());
        Assert.Equal(3, scope.Length);
    }

    [Fact]
    public void Recipients_and_custodians_are_two_dimensions()
    {
        var provision = R4($$"""{"type":"permit","actor":[{{Recipient("readers", "any-hospital")}},{{Actor("CST", "member", "NorthMSP")}},{{Recipient("member", "EastMSP")}}]}""")
            .Map()[0].Scope[0];
        Assert.Equal([WhoAnyHospital.Instance, new WhoOrg("EastMSP")], provision.Who.ToArray());
        Assert.Equal(["NorthMSP"], provision.Custodians.ToArray());
    }

    [Theory]
    [InlineData("""{"start":"2026-02-01","end":"2026-02-28"}""", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z")]
    [InlineData("""{"end":"2026"}""", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")]
    [InlineData("""{"start":"2026-02","end":"2026-02"}""", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z")]
    [InlineData("""{"start":"2026-02-01T01:00:00.250+01:00","end":"2026-02-01T07:59:59Z"}""", "2026-02-01T00:00:00Z", "2026-02-01T08:00:00Z")]
    [InlineData("""{"start":"2026-02-01","end":"9999-12-31"}""", "2026-02-01T00:00:00Z", null)]
    public void A_period_includes_all_of_its_last_day_month_or_second(string period, string start, string? end)
    {
        var mapped = R4($$"""{"type":"permit","period":{{period}}}""").Map()[0].Period;
        Assert.Equal((start, end), (LedgerTime.Format(mapped.Start), mapped.End is { } last ? LedgerTime.Format(last) : null));
    }

    [Fact]
    public void A_consent_starts_with_its_period_else_with_its_date_else_when_it_is_signed()
    {
        var consent = R4("""{"type":"permit"}""");
        Assert.Equal(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), consent.Map()[0].Period.Start);
        consent.Remove("dateTime");
        Assert.Equal(Signed, consent.Map()[0].Period.Start);
    }

    [Fact]
    public void A_part_that_is_denied_for_a_time_takes_a_statement_per_stretch()
    {
        var grants = R4($$"""
            {"type":"permit","period":{"start":"2026-01-01","end":"2026-12-31"},
             "provision":[{"type":"deny","purpose":{{Research}},"period":{"start":"2026-05-01","end":"2026-05-31"} }]}
            """).Map();
        Assert.Equal(["2026-01-01", "2026-05-01", "2026-06-01"], grants.Select(grant => LedgerTime.Format(grant.Period.Start)[..10]));
        Assert.Equal(["2026-05-01", "2026-06-01", "2027-01-01"], grants.Select(grant => LedgerTime.Format(grant.Period.End!.Value)[..10]));
        Assert.Equal([false, true, false], grants.Select(grant => !grant.Scope[0].Except.IsDefault));
    }

    [Fact]
    public void A_permitted_part_that_ends_leaves_the_deny_in_one_piece_where_it_is_the_same()
    {
        var grants = R4($$"""
            {"type":"deny","period":{"start":"2026-01-01"},"provision":[
              {"type":"permit","purpose":{{Treatment}},"period":{"end":"2026-05-31"} },
              {"type":"permit","purpose":{{Research}},"period":{"start":"2020-01-01","end":"2021-01-01"} }]}
            """).Map();
        Assert.Equal([(Effect.Deny, "2026-01-01"), (Effect.Permit, "2026-01-01"), (Effect.Deny, "2026-06-01")],
            grants.Select(grant => (grant.Effect, LedgerTime.Format(grant.Period.Start)[..10])));
    }

    [Theory]
    [InlineData("OPTIN", """{"provision":[{"type":"deny","purpose":$}]}""", "permit !1")]
    [InlineData("OPTOUT", """{"provision":[{"type":"permit","purpose":$}]}""", "deny !1, permit TREAT")]
    [InlineData("OPTIN", """{"type":"deny","purpose":$}""", "permit !1")]
    [InlineData("OPTOUT", """{"type":"permit","purpose":$}""", "deny !1, permit TREAT")]
    [InlineData("OPTIN", """{"type":"permit","purpose":$}""", "permit TREAT")]
    [InlineData("OPTIN", null, "permit")]
    [InlineData("OPTOUT", null, "deny")]
    public void A_policy_rule_is_the_base_that_a_provision_is_an_exception_to(string rule, string? provision, string expected)
    {
        var consent = R4(provision?.Replace("$", Treatment, StringComparison.Ordinal) ?? "null");
        if (provision is null)
            consent.Remove("provision");
        consent["policyRule"] = JsonNode.Parse($$"""{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"{{rule}}"}]}""");
        Assert.Equal(expected, Shape(consent.Map()));
    }

    [Theory]
    [InlineData("Policy-basic-normal", "permit TREAT")]
    [InlineData("Policy-all-normal", "permit")]
    [InlineData("Policy-deny", "deny")]
    [InlineData("Policy-break-glass-only", "deny !1, permit BTG")]
    public void A_consent_without_a_provision_means_the_overarching_policy_that_it_names(string policy, string expected)
    {
        var uri = $"https://profiles.ihe.net/ITI/PCF/{policy}";
        var r4 = R4("null");
        r4.Remove("provision");
        r4["policy"]![0]!["uri"] = uri;
        Assert.Equal(expected, Shape(r4.Map()));
        var r5 = R5("permit", null);
        r5.Remove("decision");
        r5["policyBasis"] = new JsonObject { ["url"] = uri };
        Assert.Equal(expected, Shape(r5.Map()));
    }

    [Theory]
    [InlineData("permit", null, "permit")]
    [InlineData("deny", null, "deny")]
    [InlineData("permit", """[{"purpose":$}]""", "permit !1")]
    [InlineData("deny", """[{"purpose":$,"provision":[{"securityLabel":[#]}]}]""", "deny !1, permit TREAT !1")]
    public void R5_alternates_against_its_decision(string decision, string? provision, string expected) => Assert.Equal(expected, Shape(
        R5(decision, provision?.Replace("$", Treatment, StringComparison.Ordinal).Replace("#", Restricted, StringComparison.Ordinal)).Map()));

    [Theory]
    [InlineData("""{"type":"permit","purpose":[{"system":"http://example.org/p","code":"FooBar"}]}""", "Consent.provision.purpose[0]")]
    [InlineData("""{"type":"permit","purpose":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"FOO"}]}""", "Consent.provision.purpose[0]")]
    [InlineData("""{"type":"permit","securityLabel":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"X"}]}""", "Consent.provision.securityLabel[0]")]
    [InlineData("""{"type":"permit","securityLabel":[{"system":"http://example.org/l","code":"X"}]}""", "Consent.provision.securityLabel[0]")]
    [InlineData("""{"type":"permit","class":[{"system":"http://hl7.org/fhir/resource-types","code":"Patient"}]}""", "Consent.provision.class[0]")]
    [InlineData("""{"type":"permit","data":[{"meaning":"instance","reference":{"reference":"Observation/o"}}]}""", "Consent.provision.data[0].reference")]
    [InlineData("""{"type":"deny","provision":[{"type":"permit"}]}""", "Consent.provision.provision[0]")]
    [InlineData("""{"type":"permit","provision":[{"type":"deny","period":{"start":"2026"}}]}""", "Consent.provision.provision[0]")]
    [InlineData("""{"type":"permit","period":{"end":"2025-12-31"}}""", "Consent.provision")]
    public void What_statements_cannot_say_is_refused_by_its_path(string provision, string path) => R4(provision).Refused(path);

    [Fact]
    public void Exceptions_deeper_than_four_and_classes_beside_codes_are_refused()
    {
        var provision = $$"""{"type":"deny","purpose":{{Treatment}}}""";
        foreach (var type in new[] { "permit", "deny", "permit", "deny", "permit" })
            provision = $$"""{"type":"{{type}}","purpose":{{Treatment}},"provision":[{{provision}}]}""";
        R4(provision).Refused("Consent.provision.provision[0].provision[0].provision[0].provision[0].provision[0]");
        var coding = $$"""{"system":"urn:healthshare:category-token","code":"{{TokenA}}"}""";
        R4($$"""{"type":"permit","class":[{{coding}}],"code":[{"coding":[{{coding}}]}]}""").Refused("Consent.provision.code[0].coding[0]");
    }

    [Fact]
    public void Without_the_label_key_only_tokens_are_understood()
    {
        R4($$"""{"type":"permit","securityLabel":[{{Label("HIV")}}]}""").Refused("Consent.provision.securityLabel[0]", new ChannelNames());
        var token = $$"""{"type":"permit","securityLabel":[{"system":"urn:healthshare:label-token","code":"{{TokenA}}"}]}""";
        Assert.Equal([TokenA], R4(token).Map(new ChannelNames())[0].Scope[0].Labels.ToArray());
    }

    [Fact]
    public void What_is_too_large_for_a_statement_is_refused()
    {
        var actors = string.Join(',', Enumerable.Range(0, 300).Select(i => Recipient("staff", $"SouthMSP/s{i}")));
        R4($$"""{"type":"permit","actor":[{{actors}}]}""").Refused("Consent.provision");
    }

    [Fact]
    public void A_short_consent_that_would_grow_beyond_bounds_is_refused_before_it_does()
    {
        // Each permit beside another is bound by every deny beside them, at each of three levels: 300 x 300 x 100 provisions.
        var inner = string.Join(',', Enumerable.Repeat($$"""{"type":"deny","purpose":{{Research}}}""", 100)
            .Concat(Enumerable.Repeat($$"""{"type":"permit","purpose":{{Treatment}}}""", 300)));
        var middle = $$"""{"type":"deny","purpose":{{Treatment}},"provision":[{"type":"permit","purpose":{{Treatment}},"provision":[{{inner}}]}]}""";
        var outer = string.Join(',', Enumerable.Repeat($$"""{"type":"permit","purpose":{{Treatment}}}""", 300).Append(middle));
        R4($$"""{"type":"permit","purpose":{{Treatment}},"provision":[{{outer}}]}""").Refused("Consent.provision");
        var times = string.Join(',', Enumerable.Range(1, 200).Select(i =>
            $$"""{"type":"deny","purpose":{{Research}},"period":{"start":"2026-01-01T{{i / 60:00}}:{{i % 60:00}}:00Z","end":"2026-02-01T{{i / 60:00}}:{{i % 60:00}}:00Z"} }"""));
        R4($$"""{"type":"permit","provision":[{{times}}]}""").Refused("Consent.provision");
    }

    private static string LabelToken(string code) => Token.Compute(Key, TokenDimension.Label, code);

    // Effect, purposes and number of exceptions of the first provision of each statement.
    private static string Shape(IEnumerable<GrantBody> grants) => string.Join(", ", grants.Select(grant =>
        (grant.Effect is Effect.Permit ? "permit" : "deny") + Words(grant.Scope[0])));

    private static string Words(Provision provision) => (provision.Purpose.IsDefault ? "" : $" {string.Join(' ', provision.Purpose)}")
        + (provision.Except.IsDefault ? "" : $" !{provision.Except.Length}");
}
