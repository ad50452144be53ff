using System.Text;
using System.Text.Json.Nodes;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Json;
using HealthShare.Policy.Statements;

namespace HealthShare.UnitTests.Policy;

/// <summary>A valid statement as JSON, to be broken member by member.</summary>
internal static class SampleStatements
{
    public const string Id = "st-gezdgnbvgy3tqojqgezdgnbvgy";
    public const string Patient = "pt-gezdgnbvgy3tqojqgezdgnbvgy";
    public const string Credential = "Y3JlZGVudGlhbC0wMQ";
    public const string TokenA = "bGFib3JhdG9yeS10b2tlbg";
    public const string TokenB = "aGl2LWxhYmVsLXRva2VuMQ";

    public static readonly DateTimeOffset Now = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    public static JsonObject Grant() => JsonNode.Parse($$"""
        { "v": 1, "type": "grant", "channel": "health", "id": "{{Id}}", "patient": "{{Patient}}",
          "signer": { "credential": "{{Credential}}" }, "issued": "2026-03-01T08:00:00Z",
          "body": { "effect": "permit", "period": { "start": "2026-03-01T08:00:00Z", "end": "2026-03-31T08:00:00Z" },
            "scope": [ { "who": [ { "org": "SouthMSP", "role": "physician" } ], "purpose": ["TREAT"], "category": ["{{TokenA}}"],
              "except": [ { "labels": ["{{TokenB}}"] } ] } ] } }
        """)!.AsObject();

    public static byte[] Canonical(this JsonNode json) => CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(json.ToJsonString()));

    public static Statement New(StatementBody body, string credential = Credential) => new(
        "health", LedgerId.New(IdKind.Statement), Patient, new StatementSigner(credential), Now, body);
}
