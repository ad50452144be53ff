using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using HealthShare.Policy.Decisions;

namespace HealthShare.UnitTests.Node.Consents.Fhir;

/// <summary>
/// What a FHIR consent says, worked out on its rules directly and without statements, against what the kernel decides under
/// the statements that it was mapped to.
/// </summary>
public sealed class FhirMeaningTests
{
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(200);
    private static readonly string[] Purposes = ["TREAT", "HRESCH", "HPAYMT"];
    private static readonly string[] Orgs = ["NorthMSP", "SouthMSP"];
    private static readonly string[] Levels = ["N", "R"];

    [Theory]
    [InlineData("permit")]
    [InlineData("deny")]
    public void In_R4_the_innermost_rule_that_matches_decides(string effect) => Check.One(Many, Prop.ForAll(
        Rules(3).ToArbitrary(), Requests.ToArbitrary(), (rule, asked) => Decides(FhirConsents.R4(rule.Json(effect, isR4: true).ToJsonString()), effect, rule, asked)));

    [Theory]
    [InlineData("permit")]
    [InlineData("deny")]
    public void In_R5_the_innermost_provision_that_matches_decides(string effect) => Check.One(Many, Prop.ForAll(
        Rules(3).ToArbitrary(), Requests.ToArbitrary(), (rule, asked) =>
        {
            var root = new Rule([], [], [], rule.Nested);
            var nested = root.Json(effect, isR4: false)["provision"]?.ToJsonString();
            return Decides(FhirConsents.R5(effect, nested), effect, root, asked);
        }));

    [Fact]
    public void Adding_a_denied_part_never_permits_more() => Check.One(Many, Prop.ForAll(
        Rules(2).ToArbitrary(), Rules(0).ToArbitrary(), Requests.ToArbitrary(), (rule, denied, asked) =>
        {
            var json = rule.Json("permit", isR4: true);
            var before = Permitted(FhirConsents.R4(json.ToJsonString()), asked);
            var parts = json["provision"] as JsonArray ?? [];
            parts.Add(denied.Json("deny", isR4: true));
            json["provision"] = parts.DeepClone();
            return before || !Permitted(FhirConsents.R4(json.ToJsonString()), asked);
        }));

    [Fact]
    public void Adding_a_permitted_part_never_permits_what_the_outer_one_denies() => Check.One(Many, Prop.ForAll(
        Rules(2).ToArbitrary(), Rules(0).ToArbitrary(), Requests.ToArbitrary(), (rule, permitted, asked) =>
        {
            var json = rule.Json("permit", isR4: true);
            var parts = json["provision"] as JsonArray ?? [];
            parts.Add(permitted.Json("permit", isR4: true));
            json["provision"] = parts.DeepClone();
            return !rule.Nested.Any(nested => nested.Covers(asked)) || !Permitted(FhirConsents.R4(json.ToJsonString()), asked);
        }));

    private static bool Decides(JsonObject consent, string effect, Rule rule, Asked asked)
    {
        var permitted = effect == "permit" ? rule.Covers(asked) : rule.Matches(asked) && rule.Nested.Any(nested => nested.Covers(asked));
        return Permitted(consent, asked) == permitted;
    }

    private static bool Permitted(JsonObject consent, Asked asked)
    {
        var statements = consent.Map().Select((grant, i) => new StatementInForce($"st-{i}", grant)).ToArray();
        var record = new RecordFacts(FhirConsents.RecordId, "WestMSP", [], [], null, null, asked.Level, FhirConsents.Signed);
        return DecisionKernel.Decide(record, new RequestFacts(asked.Org, true, "physician", "s1", asked.Purpose, FhirConsents.Signed), statements).Permitted;
    }

    private static Gen<Asked> Requests =>
        from purpose in Gen.Elements(Purposes)
        from org in Gen.Elements(Orgs)
        from level in Gen.Elements(Levels)
        select new Asked(purpose, org, level);

    // A rule always says something: one that says nothing leaves nothing of the rule around it, and is refused.
    private static Gen<Rule> Rules(int depth) =>
        from purposes in Gen.SubListOf(Purposes)
        from orgs in Gen.SubListOf(Orgs)
        from levels in Gen.SubListOf(Levels)
        from nested in depth == 0 ? Gen.Constant(Array.Empty<Rule>()) : Rules(depth - 1).ListOf().Select(rules => rules.Take(3).ToArray())
        select new Rule(purposes.Count + orgs.Count + levels.Count == 0 ? ["TREAT"] : [.. purposes], [.. orgs], [.. levels], nested);

    private sealed record Asked(string Purpose, string Org, string Level);

    /// <summary>A rule and its exceptions; an empty list matches everything.</summary>
    private sealed record Rule(string[] Purpose, string[] Org, string[] Level, Rule[] Nested)
    {
        public bool Matches(Asked asked) => Has(Purpose, asked.Purpose) && Has(Org, asked.Org) && Has(Level, asked.Level);

        public bool Covers(Asked asked) => Matches(asked) && !Nested.Any(nested => nested.Covers(asked));

        public JsonObject Json(string effect, bool isR4)
        {
            var json = new JsonObject();
            if (isR4)
                json["type"] = effect;
            Add(json, "purpose", Purpose, code => $$"""{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"{{code}}"}""");
            Add(json, "actor", Org, org => FhirConsents.Recipient("member", org));
            Add(json, "securityLabel", Level, code => $$"""{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"{{code}}"}""");
            if (Nested.Length > 0)
                json["provision"] = new JsonArray([.. Nested.Select(nested => nested.Json(effect == "permit" ? "deny" : "permit", isR4))]);
            return json;
        }

        private static bool Has(string[] entries, string value) => entries.Length == 0 || entries.Contains(value);

        private static void Add(JsonObject json, string name, string[] entries, Func<string, string> write)
        {
            if (entries.Length > 0)
                json[name] = new JsonArray([.. entries.Select(entry => JsonNode.Parse(write(entry)))]);
        }
    }
}
