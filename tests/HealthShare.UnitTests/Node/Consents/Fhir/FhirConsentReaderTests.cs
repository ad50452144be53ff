using System.Text;
using System.Text.Json.Nodes;
using HealthShare.Node.Consents.Fhir;

namespace HealthShare.UnitTests.Node.Consents.Fhir;

public sealed class FhirConsentReaderTests
{
    private const string Root = """{"type":"permit","purpose":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"TREAT"}]}""";

    [Theory]
    [InlineData("not json")]
    [InlineData("""{"resourceType":"Consent","status":"active","status":"active"}""")]
    [InlineData("""{"resourceType":"Consent","provision":{"type":"deny","type":"permit"}}""")]
    [InlineData("""{"resourceType":"Consent","status":"\ud800"}""")]
    [InlineData("""{"\ud800":1}""")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("")]
    public void What_is_no_document_is_refused(string text) =>
        Assert.StartsWith("Consent", Refusal(Encoding.UTF8.GetBytes(text)).Path, StringComparison.Ordinal);

    [Fact]
    public void Huge_deep_and_badly_encoded_documents_are_refused()
    {
        Assert.Equal("Consent", Refusal(new byte[FhirConsentReader.MaxBytes + 1]).Path);
        Assert.Equal("Consent", Refusal(Encoding.UTF8.GetBytes(new string('[', 10_000))).Path);
        Assert.Equal("Consent", Refusal([(byte)'"', 0xff, (byte)'"']).Path);
        var provision = """{"type":"deny","purpose":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"TREAT"}]}""";
        for (var i = 0; i < 20; i++)
            provision = $$"""{"type":"permit","provision":[{{provision}}]}""";
        Assert.StartsWith("Consent.provision.provision[0]", Refusal(FhirConsents.R4(provision)).Path, StringComparison.Ordinal);
        var many = string.Join(',', Enumerable.Repeat("""{"type":"deny","dataPeriod":{"start":"2026"}}""", FhirProvision.MaxProvisions));
        Assert.StartsWith("Consent.provision.provision[", Refusal(FhirConsents.R4($$"""{"type":"permit","provision":[{{many}}]}""")).Path, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("modifierExtension", """[{"url":"http://example.org/other","valueCode":"x"}]""", "Consent.modifierExtension[0]")]
    [InlineData("modifierExtension", """[{"url":"urn:healthshare:fhir:signed-statement","valueCode":"maybe"}]""", "Consent.modifierExtension[0]")]
    [InlineData("implicitRules", "\"http://example.org/rules\"", "Consent.implicitRules")]
    [InlineData("grantee", """[{"reference":"Organization/x"}]""", "Consent.grantee")]
    [InlineData("status", "\"maybe\"", "Consent.status")]
    [InlineData("status", "1", "Consent.status")]
    [InlineData("resourceType", "\"Patient\"", "Consent.resourceType")]
    [InlineData("scope", """{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"research"}]}""", "Consent.scope")]
    [InlineData("scope", """{"text":"privacy"}""", "Consent.scope.coding")]
    [InlineData("category", """[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"EMRGONLY"}]}]""", "Consent.category[0].coding[0]")]
    [InlineData("category", """[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentcategorycodes","code":"dnr"}]}]""", "Consent.category[0].coding[0]")]
    [InlineData("category", "[]", "Consent.category")]
    [InlineData("category", "{}", "Consent.category")]
    [InlineData("verification", """[{"verified":false}]""", "Consent.verification[0]")]
    [InlineData("patient", "{}", "Consent.patient")]
    [InlineData("patient", """{"display":"somebody"}""", "Consent.patient.reference")]
    [InlineData("patient", """{"reference":"#p"}""", "Consent.patient.reference")]
    [InlineData("patient", """{"reference":"urn:uuid:1"}""", "Consent.patient.reference")]
    [InlineData("dateTime", "\"yesterday\"", "Consent.dateTime")]
    [InlineData("policyRule", """{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"OPTINR"}]}""", "Consent.policyRule")]
    [InlineData("provision", "[]", "Consent")]
    [InlineData("provision", "1", "Consent.provision.type")]
    [InlineData("provision", "{}", "Consent.provision.type")]
    public void A_member_that_cannot_be_kept_is_refused_by_its_path(string name, string value, string path)
    {
        var consent = FhirConsents.R4(Root);
        consent[name] = JsonNode.Parse(value);
        Assert.StartsWith(path, Refusal(consent).Path, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("scope")]
    [InlineData("patient")]
    [InlineData("status")]
    [InlineData("resourceType")]
    [InlineData("provision")]
    public void A_member_that_is_needed_is_missed_by_its_path(string name)
    {
        var consent = FhirConsents.R4(Root);
        consent.Remove(name);
        Assert.Equal($"Consent.{name}", Refusal(consent).Path);
    }

    [Theory]
    [InlineData("""{"type":"perhaps"}""", "Consent.provision.type")]
    [InlineData("""{"type":"permit","provision":[{"purpose":[{"code":"TREAT"}]}]}""", "Consent.provision.provision[0].type")]
    [InlineData("""{"type":"permit","provision":[{"type":"deny","data":[{"meaning":"about","reference":{"reference":"A/b"}}]}]}""", "Consent.provision.provision[0].data[0].meaning")]
    [InlineData("""{"type":"permit","data":[{"meaning":"related","reference":{"reference":"CarePlan/c"}}]}""", "Consent.provision.data[0].meaning")]
    [InlineData("""{"type":"permit","data":[{"meaning":"instance","reference":{"reference":"#c"}}]}""", "Consent.provision.data[0].reference.reference")]
    [InlineData("""{"type":"permit","data":[{"meaning":"instance","modifierExtension":[]}]}""", "Consent.provision.data[0].modifierExtension")]
    [InlineData("""{"type":"permit","modifierExtension":[{"url":"x"}]}""", "Consent.provision.modifierExtension")]
    [InlineData("""{"type":"permit","actor":[{"reference":{"reference":"A/b"}}]}""", "Consent.provision.actor[0].role")]
    [InlineData("""{"type":"permit","actor":[{"role":{"coding":[{"code":"IRCP"}]},"reference":{"reference":"A/b"}}]}""", "Consent.provision.actor[0].role")]
    [InlineData("""{"type":"permit","actor":[]}""", "Consent.provision.actor")]
    [InlineData("""{"type":"permit","purpose":[{"system":"x"}]}""", "Consent.provision.purpose[0].code")]
    [InlineData("""{"type":"permit","purpose":[{"_code":{"extension":[]}}]}""", "Consent.provision.purpose[0].code")]
    [InlineData("""{"type":"permit","purpose":null}""", "Consent.provision.purpose")]
    [InlineData("""{"type":"permit","purpose":"TREAT"}""", "Consent.provision.purpose")]
    [InlineData("""{"type":"permit","_purpose":{"extension":[]}}""", "Consent.provision.purpose")]
    [InlineData("""{"type":"permit","Purpose":[]}""", "Consent.provision.Purpose")]
    [InlineData("""{"type":"permit","action":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentaction","code":"collect"}]}]}""", "Consent.provision.action[0]")]
    [InlineData("""{"type":"permit","period":{"start":"2026-02-02","end":"2026-02-01"}}""", "Consent.provision.period")]
    [InlineData("""{"type":"permit","period":{"start":"2026-02-30"}}""", "Consent.provision.period.start")]
    [InlineData("""{"type":"permit","period":{"start":"2026-02-02T10:00:00"}}""", "Consent.provision.period.start")]
    [InlineData("""{"type":"permit","period":{"id":"x"}}""", "Consent.provision.period")]
    [InlineData("""{"type":"permit","securityLabel":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":""}]}""", "Consent.provision.securityLabel[0].code")]
    [InlineData("""{"purpose":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"TREAT"}]}""", "Consent.provision.type")]
    public void A_provision_that_cannot_be_kept_is_refused_by_its_path(string provision, string path) =>
        Assert.Equal(path, Refusal(FhirConsents.R4(provision)).Path);

    [Fact]
    public void What_FHIR_lets_a_reader_ignore_is_ignored()
    {
        var consent = FhirConsents.R4("""
            {"type":"permit","id":"a","extension":[{"url":"x"}],"_type":{"extension":[{"url":"y"}]},
             "purpose":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"TREAT","display":"treatment","userSelected":true}]}
            """);
        foreach (var (name, value) in new[] { ("text", "{}"), ("meta", "{}"), ("contained", "[{\"resourceType\":\"Consent\",\"id\":\"p\"}]"), ("language", "\"en\""),
            ("identifier", "[{}]"), ("performer", "[{}]"), ("organization", "[{}]"), ("sourceAttachment", "{}"), ("verification", "[{\"verified\":true}]") })
            consent[name] = JsonNode.Parse(value);
        Assert.True(FhirConsentMapper.AreSame(FhirConsents.R4(Root).Map()[0], Assert.Single(consent.Map())));
    }

    [Fact]
    public void A_consent_that_is_not_active_says_so()
    {
        var consent = FhirConsents.R4(Root);
        consent["status"] = "inactive";
        var refusal = consent.Refused("Consent.status");
        Assert.True(refusal.NotInForce);
        consent["status"] = "half-active";
        Assert.False(consent.Refused("Consent.status").NotInForce);
    }

    [Fact]
    public void A_refusal_never_repeats_what_the_document_says()
    {
        var consent = FhirConsents.R4("""{"type":"Miller","Anna Miller":1}""");
        Assert.DoesNotContain("Miller", Refusal(consent).Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Miller", Refusal(FhirConsents.R4("""{"type":"permit","Anna Miller":1}""")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"data":[{"meaning":"instance","reference":{"reference":"http://example.org/fhir/Observation/o1/_history/3"}}],"type":"permit"}""", "Observation", "o1")]
    [InlineData("""{"data":[{"meaning":"instance","reference":{"reference":"Observation/o1"}}],"type":"permit"}""", "Observation", "o1")]
    public void A_literal_reference_is_its_type_and_id(string provision, string type, string id)
    {
        var reference = FhirConsents.R4(provision).Read().Root.Scope.Data[0].Reference;
        Assert.Equal((type, id), (reference.Type, reference.Id));
    }

    private static FhirRefusedException Refusal(JsonNode consent) => Refusal(Encoding.UTF8.GetBytes(consent.ToJsonString()));

    private static FhirRefusedException Refusal(byte[] document) => Assert.Throws<FhirRefusedException>(() => FhirConsentReader.Read(document));
}
