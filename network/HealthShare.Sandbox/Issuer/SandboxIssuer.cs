using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.Sandbox.Issuer;

/// <summary>
/// The sandbox's stand-in for the hospitals' OpenID provider, on the loopback interface: a discovery document, a key set, and tokens for
/// programs by their client credentials (RFC 6749 section 4.4, RFC 9068). Its keys are new at each start.
/// </summary>
internal sealed class SandboxIssuer : IAsyncDisposable
{
    private const string ClientId = "sandbox-program", KeyId = "sandbox-1", FileName = "issuer.json";
    private const int LifeSeconds = 600;
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly string secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
    private readonly HashSet<string> audiences;
    private readonly WebApplication app;

    private SandboxIssuer(int port, IEnumerable<string> audiences)
    {
        this.audiences = audiences.ToHashSet(StringComparer.Ordinal);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services.AddRoutingCore();
        app = builder.Build();
        app.MapGet("/.well-known/openid-configuration", (HttpContext http) => WriteAsync(http, 200, Discovery()));
        app.MapGet("/keys", (HttpContext http) => WriteAsync(http, 200, KeySet()));
        app.MapPost("/token", TokenAsync);
    }

    /// <summary>The issuer's name and address.</summary>
    public string Issuer { get; private set; } = "";

    /// <summary>Starts it and writes <c>issuer.json</c>, which says how a program gets a token.</summary>
    public static async Task<SandboxIssuer> StartAsync(int port, IReadOnlyList<string> audiences, DirectoryInfo state, CancellationToken ct)
    {
        var issuer = new SandboxIssuer(port, audiences);
        await issuer.app.StartAsync(ct);
        issuer.Issuer = $"http://localhost:{new Uri(issuer.app.Urls.Single()).Port}";
        SignInFile.WriteOwnOnly(Path.Combine(state.FullName, FileName), new JsonObject
        {
            ["issuer"] = issuer.Issuer, ["tokenEndpoint"] = $"{issuer.Issuer}/token", ["clientId"] = ClientId, ["clientSecret"] = issuer.secret,
            ["audiences"] = new JsonArray([.. audiences.Select(audience => JsonValue.Create(audience))]),
        }.ToString());
        return issuer;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        key.Dispose();
    }

    private JsonObject Discovery() => new()
    {
        ["issuer"] = Issuer, ["jwks_uri"] = $"{Issuer}/keys", ["token_endpoint"] = $"{Issuer}/token",
        ["grant_types_supported"] = new JsonArray("client_credentials"), ["token_endpoint_auth_methods_supported"] = new JsonArray("client_secret_basic"),
        ["response_types_supported"] = new JsonArray(), ["subject_types_supported"] = new JsonArray("public"),
        ["id_token_signing_alg_values_supported"] = new JsonArray("ES256"), ["scopes_supported"] = new JsonArray("system/*.cruds"),
    };

    private JsonObject KeySet()
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return new JsonObject
        {
            ["keys"] = new JsonArray(new JsonObject
            {
                ["kty"] = "EC", ["crv"] = "P-256", ["use"] = "sig", ["alg"] = "ES256", ["kid"] = KeyId,
                ["x"] = Base64Url.EncodeToString(point.X), ["y"] = Base64Url.EncodeToString(point.Y),
            }),
        };
    }

    private async Task TokenAsync(HttpContext http)
    {
        if (!IsClient(http.Request.Headers.Authorization))
        {
            http.Response.Headers.WWWAuthenticate = "Basic realm=\"sandbox\"";
            await WriteAsync(http, 401, new JsonObject { ["error"] = "invalid_client" });
            return;
        }
        var form = http.Request.HasFormContentType ? await http.Request.ReadFormAsync(http.RequestAborted) : null;
        var (scope, audience) = (form?["scope"].ToString() ?? "", form?["resource"].ToString() ?? "");
        var error = form?["grant_type"].ToString() != "client_credentials" ? "unsupported_grant_type"
            : !audiences.Contains(audience) ? "invalid_target"
            : scope.Length is 0 or > 500 || scope.Split(' ').Any(word => !word.StartsWith("system/", StringComparison.Ordinal)) ? "invalid_scope" : null;
        await (error is null
            ? WriteAsync(http, 200, new JsonObject
            {
                ["access_token"] = TokenFor(scope, audience), ["token_type"] = "Bearer", ["expires_in"] = LifeSeconds, ["scope"] = scope,
            })
            : WriteAsync(http, 400, new JsonObject { ["error"] = error }));
    }

    private string TokenFor(string scope, string audience)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var header = new JsonObject { ["alg"] = "ES256", ["typ"] = "at+jwt", ["kid"] = KeyId };
        var claims = new JsonObject
        {
            ["iss"] = Issuer, ["aud"] = audience, ["sub"] = ClientId, ["client_id"] = ClientId, ["scope"] = scope, ["iat"] = now,
            ["exp"] = now + LifeSeconds, ["jti"] = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)),
        };
        var signed = $"{Encode(header)}.{Encode(claims)}";
        return $"{signed}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}";
    }

    private bool IsClient(string? header)
    {
        var expected = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{ClientId}:{secret}"));
        return AuthenticationHeaderValue.TryParse(header, out var given) && given is { Scheme: "Basic", Parameter: { } credentials }
            && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(expected), Encoding.UTF8.GetBytes(credentials));
    }

    private static string Encode(JsonObject json) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(json));

    private static Task WriteAsync(HttpContext http, int status, JsonObject json)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        http.Response.Headers.CacheControl = "no-store";
        return http.Response.WriteAsync(json.ToJsonString(), http.RequestAborted);
    }
}
