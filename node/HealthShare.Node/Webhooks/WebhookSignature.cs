using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace HealthShare.Node.Webhooks;

/// <summary>Signatures as the Standard Webhooks convention has them, so that receivers verify with a library they have.</summary>
internal static class WebhookSignature
{
    /// <summary>What a secret begins with where people see it.</summary>
    public const string SecretPrefix = "whsec_";

    /// <summary>The header <c>webhook-signature</c>: HMAC-SHA256 over id, time and body.</summary>
    public static string Of(ReadOnlySpan<byte> secret, string id, long timestamp, string body) =>
        "v1," + Convert.ToBase64String(HMACSHA256.HashData(secret,
            Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}.{body}"))));
}
