using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace HealthShare.Node.Hosting;

/// <summary>
/// Makes examples for the description from the types themselves: every member that there is, with a value as it looks in life. So no example
/// can fall behind what the interface takes and gives.
/// </summary>
internal sealed class Examples(JsonSerializerOptions options)
{
    private const int Deepest = 6;
    private const string Time = "2026-03-01T08:00:00Z", Base64 = "aGVhbHRoc2hhcmU";

    // Of members whose name says what they hold; what is not listed is told by its type.
    private static readonly FrozenDictionary<string, string> Values = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["patientId"] = "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa", ["surviving"] = "pt-bbbbbbbbbbbbbbbbbbbbbbbbbb", ["merged"] = "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa",
        ["into"] = "pt-bbbbbbbbbbbbbbbbbbbbbbbbbb", ["mergeId"] = "st-aaaaaaaaaaaaaaaaaaaaaaaaaa", ["statementId"] = "st-aaaaaaaaaaaaaaaaaaaaaaaaaa",
        ["attestationId"] = "st-aaaaaaaaaaaaaaaaaaaaaaaaaa", ["recordId"] = "rc-aaaaaaaaaaaaaaaaaaaaaaaaaa", ["recordIds"] = "rc-aaaaaaaaaaaaaaaaaaaaaaaaaa",
        ["records"] = "rc-aaaaaaaaaaaaaaaaaaaaaaaaaa", ["accessId"] = "ac-aaaaaaaaaaaaaaaaaaaaaaaaaa", ["emergencyId"] = "em-aaaaaaaaaaaaaaaaaaaaaaaaaa",
        ["releaseId"] = "rl-aaaaaaaaaaaaaaaaaaaaaaaaaa", ["delegateId"] = "dg-aaaaaaaaaaaaaaaaaaaaaaaaaa", ["delegate"] = "dg-aaaaaaaaaaaaaaaaaaaaaaaaaa",
        ["staffId"] = "sf-1f6c9b2e", ["staff"] = "sf-1f6c9b2e", ["mspId"] = "NorthMSP", ["member"] = "NorthMSP", ["members"] = "NorthMSP",
        ["requester"] = "SouthMSP", ["custodian"] = "NorthMSP", ["relayedBy"] = "NorthMSP", ["committedBy"] = "NorthMSP", ["addedBy"] = "NorthMSP",
        ["enrolledBy"] = "NorthMSP", ["saidBy"] = "NorthMSP", ["reviewer"] = "EastMSP", ["objectedBy"] = "EastMSP", ["purpose"] = "TREAT",
        ["role"] = "physician", ["channel"] = "health", ["credentialId"] = Base64, ["credential"] = Base64, ["publicKey"] = Base64, ["signature"] = Base64,
        ["statement"] = Base64, ["authenticatorData"] = Base64, ["clientDataJSON"] = Base64, ["rpId"] = "north.example", ["origins"] = "https://north.example",
        ["origin"] = "https://north.example", ["url"] = "https://system.north.example/hook", ["topics"] = "incident", ["secret"] = "whsec_aGVhbHRoc2hhcmU",
        ["link"] = "https://north.example/enrol#aGVhbHRoc2hhcmU", ["displayName"] = "Nora Brandt", ["name"] = "Nora Brandt", ["number"] = "4711",
        ["next"] = Base64, ["code"] = "permit.signed", ["kind"] = "consentAccepted", ["state"] = "registered", ["status"] = "active", ["reason"] = "permit.signed",
        ["effect"] = "permit", ["userAgent"] = "Firefox", ["language"] = "en", ["category"] = "laboratory", ["cid"] = "bafkreiaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ["transactionId"] = "6e0a4f0c2b", ["description"] = "the laboratory's system", ["event"] = "event: heartbeat",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>An example of a body that is no JSON.</summary>
    public static JsonNode? OfText(string contentType) => contentType switch
    {
        "text/event-stream" => "event: notification\nid: aGVhbHRoc2hhcmU\ndata: {\"kind\":\"consentRevoked\",\"at\":\"2026-03-01T08:00:00Z\"}\n\n",
        "application/x-ndjson" => "{\"done\":true,\"total\":3}\n",
        "application/fhir+json" => new JsonObject { ["resourceType"] = "Consent", ["status"] = "active" },
        _ when contentType.Contains("hl7", StringComparison.Ordinal) || contentType.StartsWith("text/", StringComparison.Ordinal) =>
            "MSH|^~\\&|LAB|NORTH|HEALTHSHARE|NORTH|20260301080000||ORU^R01|4711|P|2.5.1\r",
        _ => JsonValue.Create(Base64),
    };

    /// <summary>An example of a type.</summary>
    public JsonNode? Of(Type type) => Of(type, "", 0);

    private JsonNode? Of(Type type, string name, int depth)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        if (plain == typeof(object)) // where several forms are taken: the body of a grant
            return JsonNode.Parse($$$"""{"effect":"permit","scope":[{"purpose":["TREAT"]}],"period":{"start":"{{{Time}}}","end":"2026-04-01T08:00:00Z"}}""");
        if (plain == typeof(JsonElement) && depth == 0) // the browser's own form: options for a passkey
            return new JsonObject { ["challenge"] = Base64, ["timeout"] = 120_000, ["rpId"] = "north.example", ["userVerification"] = "required" };
        if (plain == typeof(JsonElement) || plain == typeof(JsonNode) || plain == typeof(JsonObject))
            return new JsonObject();
        if (plain.IsEnum)
            return JsonSerializer.SerializeToNode(Enum.GetValues(plain).GetValue(0), options.GetTypeInfo(plain));
        if (Scalar(plain, name) is { } scalar)
            return scalar;
        var info = options.GetTypeInfo(plain);
        return info.Kind switch
        {
            JsonTypeInfoKind.Enumerable => depth >= Deepest ? new JsonArray() : new JsonArray(Of(info.ElementType!, name, depth + 1)),
            JsonTypeInfoKind.Dictionary => new JsonObject { ["north"] = Of(info.ElementType!, name, depth + 1) },
            JsonTypeInfoKind.Object => Members(info, depth),
            _ => null,
        };
    }

    private JsonObject Members(JsonTypeInfo info, int depth)
    {
        var members = new JsonObject();
        foreach (var member in info.Properties.Where(member => member.Get is not null && (member.AssociatedParameter is not null || member.Set is not null)))
        {
            // What may be left out ends where a type holds itself.
            if (depth < Deepest && Of(member.PropertyType, member.Name, depth + 1) is { } value)
                members[member.Name] = value;
        }
        return members;
    }

    private static JsonNode? Scalar(Type type, string name) =>
        type == typeof(string) ? Values.GetValueOrDefault(name) ?? (name.EndsWith("At", StringComparison.Ordinal) ? Time : name.EndsWith("Id", StringComparison.Ordinal) || name == "id" ? "st-aaaaaaaaaaaaaaaaaaaaaaaaaa" : "text")
        : type == typeof(bool) ? JsonValue.Create(false)
        : type == typeof(DateTimeOffset) || type == typeof(DateTime) ? Time
        : type == typeof(DateOnly) ? "2026-03-01"
        : type == typeof(TimeSpan) ? "00:00:15"
        : type == typeof(Uri) ? "https://north.example"
        : type == typeof(byte[]) || type == typeof(ReadOnlyMemory<byte>) ? Base64
        : type == typeof(int) || type == typeof(long) || type == typeof(ulong) || type == typeof(uint) || type == typeof(short) ? JsonValue.Create(1)
        : type == typeof(double) || type == typeof(decimal) || type == typeof(float) ? JsonValue.Create(1.5)
        : null;
}
