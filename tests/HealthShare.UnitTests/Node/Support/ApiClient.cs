using System.Buffers.Text;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;

namespace HealthShare.UnitTests.Node.Support;

/// <summary>Shorter forms of what tests of the API do again and again.</summary>
internal static class ApiClient
{
    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage answer)
    {
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return document.RootElement.Clone();
    }

    public static async Task<JsonElement> GetOkAsync(this HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return await answer.JsonAsync();
    }

    public static async Task<JsonElement> PostAsync(this HttpClient client, string path, JsonNode body, HttpStatusCode expected)
    {
        using var answer = await client.PostAsJsonAsync(path, body);
        Assert.True(answer.StatusCode == expected, $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return await answer.JsonAsync();
    }

    /// <summary>Posts what must be refused, and returns the stable code.</summary>
    public static async Task<string?> RefusedAsync(this HttpClient client, string path, JsonNode body, HttpStatusCode expected)
    {
        var problem = await client.PostAsync(path, body, expected);
        Assert.Equal((int)expected, problem.GetProperty("status").GetInt32());
        return problem.GetProperty("code").GetString();
    }

    public static Statement Statement(this SoftwareAuthenticator passkey, string patientId, StatementBody body) => new(
        "health", LedgerId.New(IdKind.Statement), patientId, new StatementSigner(passkey.CredentialId),
        LedgerTime.Truncate(DateTimeOffset.UtcNow), body);

    public static JsonObject Signed(this SoftwareAuthenticator passkey, Statement statement) => passkey.Signed(StatementWriter.Write(statement));

    public static JsonObject Signed(this SoftwareAuthenticator passkey, byte[] bytes)
    {
        var assertion = passkey.Sign(bytes);
        return new JsonObject
        {
            ["statement"] = Base64Url.EncodeToString(bytes),
            ["assertion"] = new JsonObject
            {
                ["credential"] = assertion.Credential,
                ["authenticatorData"] = Base64Url.EncodeToString(assertion.AuthenticatorData.Span),
                ["clientDataJSON"] = Base64Url.EncodeToString(assertion.ClientDataJson.Span),
                ["signature"] = Base64Url.EncodeToString(assertion.Signature.Span),
            },
        };
    }

    public static JsonObject Credential(this SoftwareAuthenticator passkey) => new()
    {
        ["credentialId"] = passkey.CredentialId,
        ["publicKey"] = Base64Url.EncodeToString(passkey.CoseKey.Span),
        ["rpId"] = passkey.RpId,
        ["origins"] = new JsonArray(passkey.Origin),
    };
}
