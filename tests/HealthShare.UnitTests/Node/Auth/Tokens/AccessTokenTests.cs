using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.Node.Auth;
using HealthShare.Node.Auth.Tokens;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace HealthShare.UnitTests.Node.Auth.Tokens;

public sealed class AccessTokenTests : IDisposable
{
    private const string Patient = "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa";
    private readonly ManualClock clock = new();
    private readonly TestProvider provider;
    private readonly TokensOptions options = new() { Issuer = TestProvider.Issuer, Audience = TestProvider.Audience };
    private readonly AccessTokens tokens;
    private readonly ProviderKeys keys;

    public AccessTokenTests()
    {
        provider = new TestProvider(clock);
        keys = new ProviderKeys(new HttpClient(provider), Options.Create(options), clock, NullLogger<ProviderKeys>.Instance);
        tokens = new AccessTokens(keys, Options.Create(options), clock);
    }

    [Theory]
    [InlineData("ES256")]
    [InlineData("RS256")]
    public async Task A_good_token_is_its_client(string algorithm)
    {
        var (caller, reason) = await tokens.ReadAsync(provider.Token(algorithm: algorithm), default);
        Assert.Equal("", reason);
        Assert.Equal(("client engine-1", Role.System), (caller!.Name, caller.Role));
        Assert.True(Permissions.Allows(Permission.SeePatients, caller));
        Assert.False(Permissions.Allows(Permission.RegisterPatients, caller)); // the role may, the scope does not say so
    }

    [Theory]
    [InlineData("iss", "\"https://evil.example\"")]
    [InlineData("iss", null)]
    [InlineData("aud", "\"https://south.example\"")]
    [InlineData("aud", "[\"https://south.example\"]")]
    [InlineData("aud", "{}")]
    [InlineData("aud", null)]
    [InlineData("exp", null)]
    [InlineData("exp", "\"9999999999\"")]
    [InlineData("exp", "1e300")]
    [InlineData("exp", "9999999999")] // lives too long
    [InlineData("iat", null)]
    [InlineData("nbf", "9999999999")]
    [InlineData("nbf", "true")]
    [InlineData("sub", null)]
    [InlineData("sub", "7")]
    [InlineData("client_id", null)]
    [InlineData("client_id", "\"a\\nb\"")]
    [InlineData("scope", null)]
    [InlineData("scope", "\"openid profile\"")]
    [InlineData("scope", "\"system/*.rs patient/*.rs\"")]
    [InlineData("scope", "\"system/Patient.sr\"")]
    [InlineData("scope", "\"system/Patient.rs?name=x\"")]
    [InlineData("scope", "[\"system/*.rs\"]")]
    public async Task A_claim_that_is_wrong_or_missing_is_refused(string claim, string? json) =>
        Assert.Null((await tokens.ReadAsync(provider.Token(claims => Set(claims, claim, json)), default)).Caller);

    [Theory]
    [InlineData("alg", "\"none\"")]
    [InlineData("alg", "\"HS256\"")]
    [InlineData("alg", "\"ES384\"")]
    [InlineData("alg", "\"es256\"")]
    [InlineData("alg", "\"RS256\"")]
    [InlineData("alg", "[\"ES256\"]")]
    [InlineData("alg", null)]
    [InlineData("typ", "\"JWT\"")]
    [InlineData("typ", null)]
    [InlineData("kid", "\"other\"")]
    [InlineData("kid", "\"../../es\"")]
    [InlineData("kid", "\"' OR 1=1 --\"")]
    [InlineData("kid", "\"\"")]
    [InlineData("kid", null)]
    [InlineData("crit", "[\"exp\"]")]
    public async Task A_header_that_asks_for_something_else_is_refused(string name, string? json) =>
        Assert.Null((await tokens.ReadAsync(provider.Token(change: header => Set(header, name, json)), default)).Caller);

    [Fact]
    public async Task A_key_in_the_header_is_not_believed()
    {
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var token = provider.Token(signer: own, change: header =>
        {
            header["jwk"] = TestProvider.Jwk(own, "es");
            header["jku"] = "https://evil.example/keys";
        });
        Assert.Null((await tokens.ReadAsync(token, default)).Caller);
        Assert.DoesNotContain(provider.Asked, address => address.Host == "evil.example");
    }

    [Fact]
    public async Task The_public_key_as_a_shared_secret_is_refused()
    {
        var head = provider.Token().Split('.');
        foreach (var secret in new[] { Encoding.UTF8.GetBytes(provider.RsaKey.ExportSubjectPublicKeyInfoPem()), provider.RsaKey.ExportSubjectPublicKeyInfo() })
        {
            var header = Base64Url.EncodeToString("""{"alg":"HS256","typ":"at+jwt","kid":"rs"}"""u8);
            var signed = $"{header}.{head[1]}";
            var forged = $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(signed)))}";
            Assert.Null((await tokens.ReadAsync(forged, default)).Caller);
        }
    }

    [Fact]
    public async Task A_token_that_was_changed_cut_or_padded_is_refused()
    {
        var good = provider.Token();
        var parts = good.Split('.');
        foreach (var bad in new[]
        {
            $"{parts[0]}.{parts[1]}.", $"{parts[0]}..{parts[2]}", $".{parts[1]}.{parts[2]}", $"{parts[0]}.{parts[1]}.{parts[2]}=", good + ".x",
            $"{parts[0]}.{parts[1]}.{parts[2][..^4]}", $"{parts[0]}.{parts[1]}A.{parts[2]}", "", "..", new string('a', 9000) + "." + parts[1] + "." + parts[2],
        })
            Assert.Null((await tokens.ReadAsync(bad, default)).Caller);
        Assert.NotNull((await tokens.ReadAsync(good, default)).Caller);
    }

    [Fact]
    public async Task A_claim_stated_twice_is_refused_whichever_is_good()
    {
        var json = provider.Claims().ToJsonString();
        // And half of a surrogate pair, which is text to a parser and to nobody else.
        foreach (var twice in new[] { json.Replace("\"engine-1\"", "\"\\ud800\"", StringComparison.Ordinal), json[..^1] + ",\"aud\":\"https://south.example\"}", "{\"aud\":\"https://south.example\"," + json[1..] })
            Assert.Null((await tokens.ReadAsync(provider.Sign("""{"alg":"ES256","typ":"at+jwt","kid":"es"}""", twice), default)).Caller);
    }

    [Fact]
    public async Task Times_count_with_the_skew_and_no_more()
    {
        var token = provider.Token();
        clock.Now += TimeSpan.FromSeconds(600 + 50);
        Assert.NotNull((await tokens.ReadAsync(token, default)).Caller);
        clock.Now += TimeSpan.FromSeconds(20);
        Assert.Null((await tokens.ReadAsync(token, default)).Caller);
        clock.Now += TimeSpan.FromSeconds(-670 - 90);
        Assert.Null((await tokens.ReadAsync(token, default)).Caller); // issued in what is the future
    }

    [Fact]
    public async Task New_keys_of_the_provider_are_found_and_old_ones_are_over()
    {
        var old = provider.Token();
        Assert.NotNull((await tokens.ReadAsync(old, default)).Caller);
        provider.Rotate("es-2");
        clock.Now += TimeSpan.FromSeconds(40);
        Assert.NotNull((await tokens.ReadAsync(provider.Token(), default)).Caller);
        Assert.Null((await tokens.ReadAsync(old, default)).Caller);
    }

    [Fact]
    public async Task Whoever_names_unknown_keys_does_not_have_the_provider_asked_again_and_again()
    {
        await tokens.ReadAsync(provider.Token(), default);
        var asked = provider.Asked.Count;
        for (var i = 0; i < 50; i++)
            await tokens.ReadAsync(provider.Token(change: header => header["kid"] = $"guess-{i}"), default);
        Assert.Equal(asked, provider.Asked.Count);
        clock.Now += TimeSpan.FromSeconds(31);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => tokens.ReadAsync(provider.Token(change: header => header["kid"] = $"again-{i}"), default)));
        Assert.Equal(asked + 2, provider.Asked.Count);
    }

    [Theory]
    [InlineData("away")]
    [InlineData("issuer")]
    [InlineData("jwks_uri")]
    [InlineData("huge")]
    [InlineData("garbage")]
    [InlineData("cut")]
    public async Task A_provider_that_cannot_be_believed_lets_nobody_in_and_known_keys_stay(string fault)
    {
        provider.Fault = fault;
        Assert.Null((await tokens.ReadAsync(provider.Token(), default)).Caller);
        provider.Fault = null;
        clock.Now += TimeSpan.FromSeconds(40);
        Assert.NotNull((await tokens.ReadAsync(provider.Token(), default)).Caller);
        provider.Fault = fault;
        clock.Now += TimeSpan.FromHours(2);
        Assert.NotNull((await tokens.ReadAsync(provider.Token(at: clock.GetUtcNow()), default)).Caller);
        clock.Now += TimeSpan.FromHours(23);
        Assert.Null((await tokens.ReadAsync(provider.Token(at: clock.GetUtcNow()), default)).Caller);
    }

    [Theory]
    [InlineData("""{"kty":"oct","kid":"es","k":"AAAA"}""")]
    [InlineData("""{"kty":"RSA","kid":"es","n":"AQAB","e":"AQAB"}""")]
    [InlineData("""{"kty":"EC","crv":"P-256","kid":"es","x":"AAAA","y":"AAAA"}""")]
    [InlineData("""{"kty":"EC","crv":"P-384","kid":"es","x":"AAAA","y":"AAAA"}""")]
    [InlineData("""{"kty":7}""")]
    [InlineData("7")]
    public void A_key_that_is_none_for_these_algorithms_is_left_out(string jwk)
    {
        using var document = JsonDocument.Parse(jwk);
        Assert.Null(SigningKey.Read(document.RootElement));
    }

    [Fact]
    public void A_key_for_encryption_or_another_algorithm_is_left_out_and_so_are_two_of_one_id()
    {
        var (encryption, other) = (provider.KeySet()["keys"]![0]!.DeepClone().AsObject(), provider.KeySet()["keys"]![1]!.DeepClone().AsObject());
        encryption["use"] = "enc";
        other["alg"] = "PS256";
        foreach (var jwk in new[] { encryption, other })
            Assert.Null(SigningKey.Read(JsonSerializer.SerializeToElement(jwk)));
        var set = provider.KeySet();
        set["keys"]!.AsArray().Add(set["keys"]![0]!.DeepClone());
        Assert.Equal(["rs"], ProviderKeys.Read(JsonSerializer.SerializeToElement(set)).Keys);
    }

    [Fact]
    public async Task A_patients_app_acts_for_the_patient_in_the_token_and_a_users_for_the_role_in_it()
    {
        var patient = (await tokens.ReadAsync(provider.Token(claims => (claims["scope"], claims["patient"]) = ("patient/Consent.rs patient/Patient.r", Patient)), default)).Caller!;
        Assert.Equal((Role.Patient, Patient), (patient.Role, patient.PatientId));
        Assert.True(patient.MaySpeakFor(Patient));
        Assert.False(patient.MaySpeakFor("pt-bbbbbbbbbbbbbbbbbbbbbbbbbb"));
        Assert.True(Permissions.Allows(Permission.SeeConsents, patient));
        Assert.False(Permissions.Allows(Permission.SeeRecords, patient));
        Assert.Null((await tokens.ReadAsync(provider.Token(claims => claims["scope"] = "patient/*.rs"), default)).Caller);
        var user = (await tokens.ReadAsync(provider.Token(claims => (claims["scope"], claims["healthshare_role"], claims["healthshare_staff"]) = ("user/*.read", "physician", "sf-1")), default)).Caller!;
        Assert.Equal((Role.Physician, "sf-1"), (user.Role, user.StaffId));
        Assert.True(Permissions.Allows(Permission.ReadRecords, user));
        Assert.False(Permissions.Allows(Permission.DeclareEmergencies, user));
        foreach (var role in new[] { "patient", "system", "delegate", "0", "surgeon", "nurse,itAdministrator", "physician,nurse", " nurse", "+1", "" })
            Assert.Null((await tokens.ReadAsync(provider.Token(claims => (claims["scope"], claims["healthshare_role"], claims["healthshare_staff"]) = ("user/*.read", role, "sf-1")), default)).Caller);
    }

    [Theory]
    [InlineData("system/*.cruds", 12)]
    [InlineData("system/*.*", 12)]
    [InlineData("system/*.read", 9)]
    [InlineData("system/*.write", 3)]
    [InlineData("system/Patient.c system/Bundle.c", 2)]
    [InlineData("system/Patient.d", 0)]
    public void Scopes_of_both_versions_are_read(string scope, int permissions) =>
        Assert.Equal(permissions, SmartScopes.Read(scope)!.Value.Permissions.Count);

    public void Dispose()
    {
        keys.Dispose();
        provider.Dispose();
    }

    private static void Set(JsonObject json, string name, string? value)
    {
        json.Remove(name);
        if (value is not null)
            json[name] = JsonNode.Parse(value);
    }
}

/// <summary>An OpenID provider without a network: it answers where it stands and counts how often.</summary>
internal sealed class TestProvider(TimeProvider clock) : HttpMessageHandler
{
    public const string Issuer = "https://login.north.example", Audience = "https://north.example";
    private ECDsa es = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private string keyId = "es";

    public RSA RsaKey { get; } = RSA.Create(2048);

    public List<Uri> Asked { get; } = [];

    public string? Fault { get; set; }

    public void Rotate(string newId) => (es, keyId) = (ECDsa.Create(ECCurve.NamedCurves.nistP256), newId);

    public JsonObject Claims(DateTimeOffset? at = null)
    {
        var now = (at ?? clock.GetUtcNow()).ToUnixTimeSeconds();
        return new JsonObject
        {
            ["iss"] = Issuer, ["aud"] = Audience, ["sub"] = "engine-1", ["client_id"] = "engine-1", ["scope"] = "openid system/*.rs", ["iat"] = now,
            ["exp"] = now + 600, ["jti"] = "1",
        };
    }

    public string Token(Action<JsonObject>? claims = null, Action<JsonObject>? change = null, string algorithm = "ES256", ECDsa? signer = null, DateTimeOffset? at = null)
    {
        var body = Claims(at);
        claims?.Invoke(body);
        var header = new JsonObject { ["alg"] = algorithm, ["typ"] = "at+jwt", ["kid"] = algorithm == "RS256" ? "rs" : keyId };
        change?.Invoke(header);
        return Sign(header.ToJsonString(), body.ToJsonString(), algorithm, signer);
    }

    public string Sign(string header, string claims, string algorithm = "ES256", ECDsa? signer = null)
    {
        var signed = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}";
        var bytes = Encoding.ASCII.GetBytes(signed);
        var signature = algorithm == "RS256" ? RsaKey.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) : (signer ?? es).SignData(bytes, HashAlgorithmName.SHA256);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    public JsonObject KeySet()
    {
        var rsa = RsaKey.ExportParameters(false);
        return new JsonObject
        {
            ["keys"] = new JsonArray(Jwk(es, keyId), new JsonObject
            {
                ["kty"] = "RSA", ["kid"] = "rs", ["n"] = Base64Url.EncodeToString(rsa.Modulus), ["e"] = Base64Url.EncodeToString(rsa.Exponent),
            }),
        };
    }

    public static JsonObject Jwk(ECDsa key, string id)
    {
        var point = key.ExportParameters(false).Q;
        return new JsonObject
        {
            ["kty"] = "EC", ["crv"] = "P-256", ["kid"] = id, ["use"] = "sig", ["x"] = Base64Url.EncodeToString(point.X), ["y"] = Base64Url.EncodeToString(point.Y),
        };
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        lock (Asked)
            Asked.Add(request.RequestUri!);
        if (Fault == "away")
            throw new HttpRequestException("Nobody answers.");
        var discovery = new JsonObject
        {
            ["issuer"] = Fault == "issuer" ? "https://evil.example" : Issuer, ["jwks_uri"] = Fault == "jwks_uri" ? "http://login.north.example/keys" : $"{Issuer}/keys",
        };
        var text = Fault switch
        {
            "huge" => new string(' ', 300_000),
            "garbage" => "{\"keys\":[",
            _ => (request.RequestUri!.AbsolutePath == "/keys" ? KeySet() : discovery).ToJsonString(),
        };
        HttpContent content = Fault == "cut" ? new StreamContent(new CutStream()) : new StringContent(text);
        return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = content });
    }

    /// <summary>An answer whose connection breaks in its body.</summary>
    private sealed class CutStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new HttpIOException(HttpRequestError.ResponseEnded, "The answer ended too early.");
    }
}
