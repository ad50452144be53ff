using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using HealthShare.Node.Consents.Fhir;
using HealthShare.Policy.Statements;

namespace HealthShare.UnitTests.Node.Consents.Fhir;

/// <summary>FHIR Consents in this consortium's names, to be varied and broken.</summary>
internal static class FhirConsents
{
    public const string Treatment = """[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"TREAT"}]""";
    public const string Research = """[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"HRESCH"}]""";
    public const string Normal = """{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"N"}""";
    public const string Restricted = """{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}""";
    public const string TokenA = "bGFib3JhdG9yeS10b2tlbg";
    public const string TokenB = "aGl2LWxhYmVsLXRva2VuMQ";
    public const string RecordId = "rc-gezdgnbvgy3tqojqgezdgnbvgy";

    public static readonly DateTimeOffset Signed = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    public static JsonObject R4(string provision) => JsonNode.Parse($$"""
        { "resourceType": "Consent", "id": "c1", "status": "active",
          "scope": {"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},
          "category": [{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],
          "patient": {"identifier":{"system":"urn:healthshare:patient","value":"pt-gezdgnbvgy3tqojqgezdgnbvgy"} },
          "dateTime": "2026-01-01", "policy": [{"uri":"http://example.org/policy"}], "provision": {{provision}} }
        """)!.AsObject();

    public static JsonObject R5(string decision, string? provisions) => JsonNode.Parse($$"""
        { "resourceType": "Consent", "status": "active",
          "subject": {"reference":"Patient/p1"}, "date": "2026-01-01", "decision": "{{decision}}"
          {{(provisions is null ? "" : ", \"provision\": " + provisions)}} }
        """)!.AsObject();

    public static string Label(string code) => $$"""{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"{{code}}"}""";

    public static string Recipient(string system, string value) => Actor("IRCP", system, value);

    public static string Actor(string role, string system, string value) => $$"""
        {"role":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ParticipationType","code":"{{role}}"}]},
         "reference":{"identifier":{"system":"urn:healthshare:{{system}}","value":"{{value}}"} } }
        """;

    public static string Data(string meaning, string system, string value) =>
        $$"""{"meaning":"{{meaning}}","reference":{"identifier":{"system":"urn:healthshare:{{system}}","value":"{{value}}"} } }""";

    public static ImmutableArray<GrantBody> Map(this JsonNode consent, ConsentNames? names = null) =>
        FhirConsentMapper.Map(Read(consent), names ?? new ChannelNames(new byte[32]), Signed);

    public static FhirConsent Read(this JsonNode consent) => FhirConsentReader.Read(Encoding.UTF8.GetBytes(consent.ToJsonString()));

    public static FhirRefusedException Refused(this JsonNode consent, string path, ConsentNames? names = null)
    {
        var refusal = Assert.Throws<FhirRefusedException>(() => consent.Map(names));
        Assert.Equal(path, refusal.Path);
        return refusal;
    }
}
