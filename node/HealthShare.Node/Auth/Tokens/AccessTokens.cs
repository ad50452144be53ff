using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using HealthShare.Policy.Ids;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Auth.Tokens;

/// <summary>
/// Checks access tokens of the hospital's provider (JWT profile for access tokens, RFC 9068) and turns one into a caller. RS256 and ES256
/// only; the header chooses among the provider's keys by <c>kid</c>, and nothing else of it is believed.
/// </summary>
internal sealed class AccessTokens(IProviderKeys keys, IOptions<TokensOptions> options, TimeProvider clock)
{
    private const int LongestToken = 8192, MostAudiences = 20, LongestName = 100;

    /// <summary>True where a provider is set.</summary>
    public bool IsOn => options.Value.Issuer is not null;

    /// <summary>True for what has the form of a JWT, which no opaque token of this node has.</summary>
    public static bool IsJwt(string token) => token.Count(c => c == '.') == 2;

    /// <summary>The caller of a token; null with the reason, which names no content of the token.</summary>
    public async Task<(Caller? Caller, string Reason)> ReadAsync(string token, CancellationToken ct)
    {
        try
        {
            using var claims = await VerifyAsync(token, ct);
            return (CallerOf(claims.RootElement), "");
        }
        catch (TokenRefusedException e)
        {
            return (null, e.Message);
        }
        catch (InvalidOperationException)
        {
            return (null, "The token holds text that is none."); // half of a surrogate pair
        }
    }

    /// <summary>Checks a token.</summary>
    /// <returns>Its claims.</returns>
    /// <exception cref="TokenRefusedException">Something is not as it must be.</exception>
    internal async Task<JsonDocument> VerifyAsync(string token, CancellationToken ct)
    {
        if (token.Length > LongestToken)
            throw new TokenRefusedException("The token is too long.");
        if (token.Split('.') is not [var head, var body, var sealing])
            throw new TokenRefusedException("The token has not three parts.");
        string algorithm, keyId;
        using (var header = Read(head, "header"))
            (algorithm, keyId) = HeaderOf(header.RootElement);
        if (!StrictBase64Url.TryDecode(sealing, LongestToken, out var signature))
            throw new TokenRefusedException("The signature is not base64url.");
        var key = await keys.FindAsync(keyId, ct) ?? throw new TokenRefusedException("The key is not one of the provider's.");
        if (key.Algorithm != algorithm)
            throw new TokenRefusedException("The key is for another algorithm.");
        if (!key.Verify(Encoding.ASCII.GetBytes($"{head}.{body}"), signature))
            throw new TokenRefusedException("The signature does not verify.");
        var claims = Read(body, "claims");
        try
        {
            CheckClaims(claims.RootElement);
            return claims;
        }
        catch
        {
            claims.Dispose();
            throw;
        }
    }

    private static (string Algorithm, string KeyId) HeaderOf(JsonElement header)
    {
        if (Text(header, "alg") is not ("RS256" or "ES256") and var other)
            throw new TokenRefusedException(other is null ? "The token names no algorithm." : "The algorithm is not accepted.");
        if (header.TryGetProperty("crit", out _))
            throw new TokenRefusedException("The header asks for an extension.");
        var type = Text(header, "typ");
        if (!string.Equals(type, "at+jwt", StringComparison.OrdinalIgnoreCase) && !string.Equals(type, "application/at+jwt", StringComparison.OrdinalIgnoreCase))
            throw new TokenRefusedException("The token is no access token.");
        return (Text(header, "alg")!, Text(header, "kid") is { Length: >= 1 and <= 200 } id ? id : throw new TokenRefusedException("The token names no key."));
    }

    private void CheckClaims(JsonElement claims)
    {
        var (settings, now) = (options.Value, clock.GetUtcNow());
        if (Text(claims, "iss") != settings.Issuer)
            throw new TokenRefusedException("The issuer is another one.");
        if (!HasAudience(claims, settings.Audience!))
            throw new TokenRefusedException("The token is for somebody else.");
        var expires = Time(claims, "exp") ?? throw new TokenRefusedException("The token has no end.");
        var issued = Time(claims, "iat") ?? throw new TokenRefusedException("The token does not say when it was issued.");
        if (now - settings.ClockSkew >= expires)
            throw new TokenRefusedException("The token is over.");
        if (now + settings.ClockSkew < issued || (Time(claims, "nbf") is { } from && now + settings.ClockSkew < from))
            throw new TokenRefusedException("The token does not count yet.");
        if (expires - issued > settings.LongestLife)
            throw new TokenRefusedException("The token lives too long.");
        if (Text(claims, "sub") is not { Length: > 0 } || NameOf(claims) is null)
            throw new TokenRefusedException("The token names no subject or no client.");
    }

    private Caller CallerOf(JsonElement claims)
    {
        if (SmartScopes.Read(Text(claims, "scope") ?? "") is not var (level, permissions))
            throw new TokenRefusedException("The scopes give nothing here, or mix levels.");
        var name = $"client {NameOf(claims)}";
        switch (level)
        {
            case "system":
                return new Caller(name, Role.System, null, null) { Only = permissions };
            case "patient":
                return Text(claims, "patient") is { } patient && LedgerId.IsValid(IdKind.Patient, patient)
                    ? new Caller(name, Role.Patient, null, patient) { Only = permissions }
                    : throw new TokenRefusedException("The token names no patient of the channel.");
            default:
                if (RoleCode.Find(Text(claims, options.Value.RoleClaim)) is not { } role || !Permissions.IsStaff(role))
                    throw new TokenRefusedException("The token names no role of staff.");
                var staff = Text(claims, options.Value.StaffClaim);
                return staff is { Length: >= 1 and <= 64 } && staff.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
                    ? new Caller(name, role, staff, null) { Only = permissions }
                    : throw new TokenRefusedException("The token names no member of staff.");
        }
    }

    private static string? NameOf(JsonElement claims) => Text(claims, "client_id") is { Length: >= 1 and <= LongestName } name
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':' or '/') ? name : null;

    private static bool HasAudience(JsonElement claims, string audience) => claims.TryGetProperty("aud", out var value) && value.ValueKind switch
    {
        JsonValueKind.String => value.GetString() == audience,
        JsonValueKind.Array => value.GetArrayLength() <= MostAudiences
            && value.EnumerateArray().Any(one => one.ValueKind is JsonValueKind.String && one.GetString() == audience),
        _ => false,
    };

    // NumericDate: seconds, of which a fraction is cut off.
    private static DateTimeOffset? Time(JsonElement claims, string name) => !claims.TryGetProperty(name, out var value) ? null
        : value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is >= 0 and < 253_402_300_800
            ? DateTimeOffset.FromUnixTimeSeconds((long)seconds)
            : throw new TokenRefusedException($"{name} is no time.");

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static JsonDocument Read(string part, string what)
    {
        if (!StrictBase64Url.TryDecode(part, LongestToken, out var bytes))
            throw new TokenRefusedException($"The {what} is not base64url.");
        if (!Utf8.IsValid(bytes))
            throw new TokenRefusedException($"The {what} is not UTF-8.");
        try
        {
            var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 16 });
            if (document.RootElement.ValueKind is JsonValueKind.Object)
                return document;
            document.Dispose();
            throw new TokenRefusedException($"The {what} is no object.");
        }
        catch (JsonException e)
        {
            throw new TokenRefusedException($"The {what} is not JSON, or has a name twice.", e);
        }
    }
}

/// <summary>A token is not accepted; the message says why and nothing of what it holds.</summary>
internal sealed class TokenRefusedException(string message, Exception? inner = null) : Exception(message, inner);
