using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using HealthShare.Node.Consents.Fhir;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.UnitTests.Policy;

namespace HealthShare.UnitTests.Node.Consents.Fhir;

/// <summary>Statement to FHIR to statement: what comes back is the same statement.</summary>
public sealed class FhirRoundTripTests
{
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(200);
    private static readonly byte[] Key = new byte[32];
    private static readonly StatementHeader Header = new(SampleStatements.Id, SampleStatements.Patient, SampleStatements.Now);

    [Fact]
    public void Any_grant_comes_back_from_R4_as_it_was() =>
        Check.One(Many, Prop.ForAll(DecisionCases.Grants.ToArbitrary(), grant => ComesBack(grant, FhirVersion.R4)));

    [Fact]
    public void Any_grant_comes_back_from_R5_as_it_was_unless_a_nested_part_has_no_limits_which_R5_cannot_write() =>
        Check.One(Many, Prop.ForAll(DecisionCases.Grants.ToArbitrary(), grant => HasEmptyPart(grant)
            ? ComesBackOrIsRefused(grant)
            : ComesBack(grant, FhirVersion.R5)));

    [Fact]
    public void A_grant_that_replaced_another_names_it_and_comes_back_as_it_was()
    {
        var replaced = LedgerId.New(IdKind.Statement);
        foreach (var version in Enum.GetValues<FhirVersion>())
        {
            foreach (var effect in Enum.GetValues<Effect>())
            {
                var grant = Sample(effect) with { Replaces = replaced };
                var json = GrantToFhir.Write(grant, Header, version, new ChannelNames());
                var extension = Assert.Single(json["extension"]!.AsArray())!;
                Assert.Equal((FhirSystems.Replaces, $"Consent/{replaced}"), ((string?)extension["url"], (string?)extension["valueReference"]!["reference"]));
                Assert.True(FhirConsentMapper.AreSame(grant, Assert.Single(json.Map(new ChannelNames()))));
            }
        }
    }

    [Theory]
    [InlineData("""{ "url": "urn:healthshare:fhir:replaces" }""", "Consent.extension[0].valueReference")]
    [InlineData("""{ "url": "urn:healthshare:fhir:replaces", "valueReference": { "reference": "Consent/17" } }""", "Consent.extension[0].valueReference")]
    [InlineData("""{ "url": "urn:healthshare:fhir:replaces", "valueReference": { "reference": "Patient/st-gezdgnbvgy3tqojqgezdgnbvgy" } }""", "Consent.extension[0].valueReference")]
    [InlineData("""{ "url": "urn:healthshare:fhir:replaces", "valueReference": { "reference": "Consent/st-gezdgnbvgy3tqojqgezdgnbvgy" }, "valueCode": "x" }""", "Consent.extension[0].valueCode")]
    [InlineData("""{ "url": "http://example.org/other", "valueReference": 17 }, 3, { "url": 5 }""", null)] // others' say nothing here
    public void An_extension_that_names_what_is_replaced_is_read_strictly(string extensions, string? refusedAt)
    {
        var json = GrantToFhir.Write(Sample(Effect.Permit), Header, FhirVersion.R4, new ChannelNames());
        json["extension"] = JsonNode.Parse($"[{extensions}]");
        if (refusedAt is null)
            Assert.Null(Assert.Single(json.Map(new ChannelNames())).Replaces);
        else
            Assert.Equal(refusedAt, Assert.Throws<FhirRefusedException>(() => json.Map(new ChannelNames())).Path);
    }

    [Fact]
    public void Only_one_consent_is_replaced_and_by_one_statement()
    {
        var one = $$"""{ "url": "{{FhirSystems.Replaces}}", "valueReference": { "reference": "Consent/{{SampleStatements.Id}}" } }""";
        var twice = GrantToFhir.Write(Sample(Effect.Permit), Header, FhirVersion.R4, new ChannelNames());
        twice["extension"] = JsonNode.Parse($"[{one}, {one}]");
        Assert.Equal("Consent.extension[1]", Assert.Throws<FhirRefusedException>(() => twice.Map(new ChannelNames())).Path);
        // Read by the published meaning, a deny with a permitted part is two statements.
        var split = GrantToFhir.Write(Sample(Effect.Deny), Header, FhirVersion.R4, new ChannelNames());
        split.Remove("modifierExtension");
        split["extension"] = JsonNode.Parse($"[{one}]");
        Assert.Equal("Consent.extension[0].valueReference", Assert.Throws<FhirRefusedException>(() => split.Map(new ChannelNames())).Path);
    }

    [Fact]
    public void With_the_label_key_codes_are_written_as_codes_and_come_back_as_tokens()
    {
        var names = new ChannelNames(Key, ["laboratory"], ["HIV"]);
        var grant = new GrantBody(Effect.Permit, [new Provision
        {
            Category = [Token.Compute(Key, TokenDimension.Category, "laboratory")], Labels = [Token.Compute(Key, TokenDimension.Label, "HIV")],
        }], new Period(SampleStatements.Now));
        var json = GrantToFhir.Write(grant, Header, FhirVersion.R4, names);
        Assert.Equal("laboratory", (string?)json["provision"]!["class"]![0]!["code"]);
        Assert.Equal("HIV", (string?)json["provision"]!["securityLabel"]![0]!["code"]);
        Assert.True(FhirConsentMapper.AreSame(grant, Assert.Single(json.Map(names))));
    }

    [Fact]
    public void A_permit_with_an_exception_is_a_plain_consent_that_needs_no_extension()
    {
        var json = GrantToFhir.Write(Sample(Effect.Permit), Header, FhirVersion.R4, new ChannelNames());
        Assert.False(json.ContainsKey("modifierExtension"));
        Assert.Equal("permit", (string?)json["provision"]!["type"]);
        Assert.Equal("deny", (string?)json["provision"]!["provision"]![0]!["type"]);
        Assert.Equal("2026-03-31T07:59:59Z", (string?)json["provision"]!["period"]!["end"]);
    }

    [Fact]
    public void What_others_would_read_differently_says_so_by_a_modifier_extension()
    {
        // A plain deny with a permitted part is two statements, so this one has to say that it is only the deny.
        var deny = GrantToFhir.Write(Sample(Effect.Deny), Header, FhirVersion.R4, new ChannelNames());
        Assert.Equal(FhirSystems.SignedStatement, (string?)deny["modifierExtension"]![0]!["url"]);
        var never = GrantToFhir.Write(Sample(Effect.Permit) with { EmergencyNever = true }, Header, FhirVersion.R4, new ChannelNames());
        Assert.Equal(FhirSystems.Emergency, (string?)never["modifierExtension"]![0]!["url"]);
        Assert.True(never.Map(new ChannelNames())[0].EmergencyNever);
        var r5 = GrantToFhir.Write(Sample(Effect.Permit), Header, FhirVersion.R5, new ChannelNames());
        Assert.Equal(("permit", "deny"), ((string?)r5["modifierExtension"]![0]!["valueCode"], (string?)r5["decision"]));
    }

    [Fact]
    public void A_denied_label_without_what_lies_under_it_comes_back_without_it()
    {
        var names = new ChannelNames(Key, labels: ["ETH"]);
        var grant = new GrantBody(Effect.Deny, [new Provision { Labels = [Token.Compute(Key, TokenDimension.Label, "ETH")] }], new Period(SampleStatements.Now));
        Assert.True(FhirConsentMapper.AreSame(grant, Assert.Single(GrantToFhir.Write(grant, Header, FhirVersion.R4, names).Map(names))));
    }

    [Theory]
    [InlineData("""{"type":"permit","purpose":$,"period":{"start":"2026"},"provision":[{"type":"permit","purpose":$}]}""", "Consent.provision.provision[0]")]
    [InlineData("""{"type":"deny","purpose":$,"provision":[{"type":"permit","purpose":$}]}""", "Consent.provision")]
    [InlineData("""{"type":"permit","provision":[{"type":"deny","purpose":$,"period":{"start":"2026"}}]}""", "Consent.provision.provision[0]")]
    public void The_image_of_a_signed_statement_is_read_strictly(string provision, string path)
    {
        var consent = FhirConsents.R4(provision.Replace("$", FhirConsents.Treatment, StringComparison.Ordinal));
        consent["modifierExtension"] = new JsonArray(new JsonObject { ["url"] = FhirSystems.SignedStatement, ["valueCode"] = "permit" });
        consent.Refused(path);
    }

    [Fact]
    public void Documents_cut_and_changed_at_random_are_read_or_refused_and_nothing_else()
    {
        var text = GrantToFhir.Write(Sample(Effect.Deny), Header, FhirVersion.R4, new ChannelNames()).ToJsonString();
        var change = from at in Gen.Choose(0, text.Length - 1)
                     from length in Gen.Choose(0, 40)
                     from put in Gen.Elements("", "\"", "{", "}", "[]", "null", "1", "\\ud800", "deny", "permit", "#")
                     select text[..at] + put + text[Math.Min(text.Length, at + length)..];
        Check.One(Many, Prop.ForAll(change.ToArbitrary(), broken =>
        {
            try { FhirConsentMapper.Map(FhirConsentReader.Read(Encoding.UTF8.GetBytes(broken)), new ChannelNames(), SampleStatements.Now); }
            catch (FhirRefusedException) { return true; }
            return true;
        }));
    }

    private static GrantBody Sample(Effect effect) => new(effect, [new Provision
    {
        Who = [new WhoOrg("SouthMSP", Role: "physician")], Purpose = ["TREAT"], Category = [SampleStatements.TokenA],
        Except = [new Provision { Confidentiality = ["R"] }],
    }], new Period(SampleStatements.Now, SampleStatements.Now.AddDays(30)));

    private static bool ComesBack(GrantBody grant, FhirVersion version)
    {
        var json = GrantToFhir.Write(grant, Header, version, new ChannelNames());
        return json.Read().Version == version && json.Map(new ChannelNames()) is [var same] && FhirConsentMapper.AreSame(same, grant);
    }

    private static bool ComesBackOrIsRefused(GrantBody grant)
    {
        try { return ComesBack(grant, FhirVersion.R5); }
        catch (FhirRefusedException e) { return e.Path == "statement.body"; }
    }

    private static bool HasEmptyPart(GrantBody grant) => (grant.Scope.Length > 1 && grant.Scope.Any(IsEmpty)) || grant.Scope.Any(HasEmptyException);

    private static bool HasEmptyException(Provision provision) =>
        !provision.Except.IsDefault && provision.Except.Any(nested => IsEmpty(nested) || HasEmptyException(nested));

    private static bool IsEmpty(Provision provision) => provision with { Except = default } == new Provision() && provision.Except.IsDefault;
}
