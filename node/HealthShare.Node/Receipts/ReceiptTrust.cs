using System.Text.Json;
using System.Text.Json.Serialization;

namespace HealthShare.Node.Receipts;

/// <summary>What a verification rests on: what the members published once, and not what a receipt says of itself.</summary>
/// <param name="Genesis">SHA-256 of the channel's genesis block, hex; null where nothing is pinned.</param>
/// <param name="Hospitals">MSP ids of the hospitals, more than half of whose peers must endorse; null where that is not known.</param>
internal sealed record ReceiptTrust(string? Genesis = null, IReadOnlyList<string>? Hospitals = null)
{
    /// <summary>Reads a trust file.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static ReceiptTrust Read(byte[] json)
    {
        const string form = "A trust file has genesis, 64 hexadecimal digits, and hospitals, a list of MSP ids, and nothing else.";
        try
        {
            return JsonSerializer.Deserialize(json, ReceiptTrustJson.Default.ReceiptTrust) is { } trust && IsRight(trust)
                ? trust
                : throw new JsonException(form);
        }
        catch (JsonException e)
        {
            throw new JsonException(form, e); // the reader's own words name types of the program
        }
    }

    /// <summary>True for 64 hexadecimal digits.</summary>
    public static bool IsHash(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigit);

    /// <summary>True for a list of MSP ids, each once.</summary>
    public static bool AreMembers(IReadOnlyList<string> mspIds) => mspIds.Count > 0 && mspIds.Distinct().Count() == mspIds.Count
        && mspIds.All(static mspId => mspId.Length is > 0 and <= 64 && mspId.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_'));

    private static bool IsRight(ReceiptTrust trust) =>
        trust.Genesis is { } hash && IsHash(hash) && (trust.Hospitals is null || AreMembers(trust.Hospitals));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ReceiptTrust))]
internal sealed partial class ReceiptTrustJson : JsonSerializerContext;
