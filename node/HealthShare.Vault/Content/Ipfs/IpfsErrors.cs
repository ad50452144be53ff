using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace HealthShare.Vault.Content.Ipfs;

/// <summary>Turns what is not an answer into an <see cref="IpfsException"/>.</summary>
internal static class IpfsErrors
{
    private const int MaxBody = 64 * 1024;
    private const int MaxReason = 400;

    public static async Task<IpfsException> ReadAsync(string call, HttpStatusCode status, IpfsAnswer answer)
    {
        string? said = null;
        try
        {
            var body = await answer.ReadAllAsync(MaxBody);
            said = JsonSerializer.Deserialize(body.Span, IpfsErrorJson.Default.IpfsError)?.Message;
        }
        catch (Exception e) when (e is JsonException or IpfsException)
        {
            // The status alone has to say it.
        }
        var reason = said is { Length: > 0 } ? Tidy(said) : $"HTTP status {(int)status} without a daemon's message.";
        return new(call, Of(status, said is not null), reason, status);
    }

    /// <summary>Shortens foreign text and takes control characters out, so that it can stand in a log.</summary>
    public static string Tidy(string text)
    {
        var tidy = new StringBuilder(Math.Min(text.Length, MaxReason) + 1);
        foreach (var letter in text.AsSpan(0, Math.Min(text.Length, MaxReason)))
            tidy.Append(char.IsControl(letter) || char.IsSurrogate(letter) ? ' ' : letter);
        return text.Length > MaxReason ? tidy.Append('…').ToString() : tidy.ToString();
    }

    private static IpfsFailure Of(HttpStatusCode status, bool daemonSpoke) => status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => IpfsFailure.Denied,
        HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests => IpfsFailure.Busy,
        HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout when !daemonSpoke => IpfsFailure.Busy,
        _ => daemonSpoke ? IpfsFailure.Refused : IpfsFailure.BadAnswer,
    };
}

/// <summary>Kubo's <c>{Message,Code,Type}</c> and Cluster's <c>{code,message}</c>.</summary>
internal sealed record IpfsError(string? Message);

[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true, MaxDepth = 8)]
[JsonSerializable(typeof(IpfsError))]
internal sealed partial class IpfsErrorJson : JsonSerializerContext;
