using System.Text.Json;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Json;

namespace HealthShare.Policy.WebAuthn;

/// <summary>The members of clientDataJSON that matter here (WebAuthn level 3, section 5.8.1).</summary>
internal sealed record ClientData(string Type, byte[] Challenge, string Origin, bool CrossOrigin)
{
    private const int MaxBytes = 4096;
    private const int MaxChallengeBytes = 128;

    /// <summary>Reads client data. Browsers add members, so unknown ones are accepted; a name twice is not.</summary>
    public static ClientData Read(ReadOnlyMemory<byte> json)
    {
        if (json.Length > MaxBytes)
            throw Malformed($"has more than {MaxBytes} bytes");
        try
        {
            using var document = CanonicalJson.Parse(json);
            var root = document.RootElement;
            if (root.ValueKind is not JsonValueKind.Object)
                throw Malformed("is not an object");
            RefuseDuplicates(root);
            return StrictBase64Url.TryDecode(Text(root, "challenge"), MaxChallengeBytes, out var challenge)
                ? new ClientData(Text(root, "type"), challenge, Text(root, "origin"), Flag(root, "crossOrigin"))
                : throw Malformed("has no challenge in base64url");
        }
        catch (PolicyException e) when (e.Code.StartsWith("json.", StringComparison.Ordinal))
        {
            throw new PolicyException("assertion.client_data_malformed", "The client data is not JSON.", e);
        }
        catch (InvalidOperationException e)
        {
            throw new PolicyException("assertion.client_data_malformed", "The client data holds half of a surrogate pair.", e);
        }
    }

    private static void RefuseDuplicates(JsonElement root)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in root.EnumerateObject())
        {
            if (!names.Add(member.Name))
                throw Malformed("has a name twice");
        }
    }

    private static string Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String
            ? value.GetString()!
            : throw Malformed($"has no text {name}");

    private static bool Flag(JsonElement root, string name)
    {
        if (!root.TryGetProperty(name, out var value))
            return false;
        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw Malformed($"has a {name} that is neither true nor false"),
        };
    }

    private static PolicyException Malformed(string what) =>
        new("assertion.client_data_malformed", $"The client data {what}.");
}
