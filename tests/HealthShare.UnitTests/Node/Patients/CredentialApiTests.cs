using System.Buffers.Text;
using System.Net;
using System.Text.Json;
using HealthShare.Node.Auth;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Node.Access;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Patients;

/// <summary>Credentials that introduce and end each other, and the custodian's own list that follows them.</summary>
public sealed class CredentialApiTests : IAsyncLifetime
{
    private readonly SoftwareAuthenticator second = SoftwareAuthenticator.Create("authority.example", "https://authority.example");
    private AccessScene scene = null!;

    private string Path => $"/api/v1/patients/{scene.PatientId}/credentials";

    [Fact]
    public async Task A_custodian_trusts_what_a_trusted_credential_introduced_until_one_of_them_takes_it_back()
    {
        await AddAsync();
        var grant = second.Statement(scene.PatientId, Body());
        await PostAsync($"/api/v1/patients/{scene.PatientId}/consents", second.Signed(grant), HttpStatusCode.Created);
        var (id, _) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose));
        Assert.Equal(AccessScene.TextOf(scene.Glucose), await scene.ReadAsync(AccessScene.South, id, scene.Glucose));

        await PostAsync($"{Path}/{second.CredentialId}/revocation",
            scene.Passkey.Signed(scene.Passkey.Statement(scene.PatientId, new RevokeCredentialBody(second.CredentialId))), HttpStatusCode.OK);
        await scene.CaughtUpAsync();
        Assert.Equal(1, await scene.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM trusted_credential WHERE revoked_at IS NOT NULL"));
        // The key that South received dies with the block, and nothing more is permitted.
        Assert.Equal(0, await scene.ScalarAsync<long>(AccessScene.South, "SELECT count(*) FROM received_key"));
        Assert.Empty((await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose))).Records);
        Assert.Equal(0, await scene.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM incident"));
    }

    [Fact]
    public async Task A_credential_that_an_untrusted_one_introduced_opens_nothing_at_the_custodian()
    {
        await scene.ExecuteAsync(AccessScene.North, "DELETE FROM trusted_credential");
        await AddAsync();
        Assert.Equal(0, await scene.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM trusted_credential"));
    }

    [Fact]
    public async Task The_list_shows_who_introduced_and_who_ended_what()
    {
        await AddAsync();
        await PostAsync($"{Path}/{scene.Passkey.CredentialId}/revocation",
            second.Signed(second.Statement(scene.PatientId, new RevokeCredentialBody(scene.Passkey.CredentialId))), HttpStatusCode.OK);
        await scene.CaughtUpAsync();
        using var patient = scene.Client(AccessScene.North, Role.PrivacyOfficer);
        var list = (await patient.GetOkAsync(Path)).GetProperty("credentials").EnumerateArray()
            .ToDictionary(credential => credential.GetProperty("credentialId").GetString()!);
        Assert.Equal(2, list.Count);
        Assert.Equal(scene.Passkey.CredentialId, list[second.CredentialId].GetProperty("introducedBy").GetString());
        Assert.NotEqual(JsonValueKind.Null, list[scene.Passkey.CredentialId].GetProperty("revokedAt").ValueKind);
        using var registrar = scene.Client(AccessScene.North, Role.Registrar);
        Assert.Equal("credential.revoked", await registrar.RefusedAsync($"/api/v1/patients/{scene.PatientId}/consents",
            scene.Passkey.Signed(scene.Passkey.Statement(scene.PatientId, Body())), HttpStatusCode.UnprocessableEntity));
    }

    [Fact]
    public async Task The_address_must_be_what_the_statement_says()
    {
        using var registrar = scene.Client(AccessScene.North, Role.Registrar);
        Assert.Equal("statement.wrong_target", await registrar.RefusedAsync($"{Path}/{second.CredentialId}/revocation",
            scene.Passkey.Signed(scene.Passkey.Statement(scene.PatientId, new RevokeCredentialBody(scene.Passkey.CredentialId))),
            HttpStatusCode.UnprocessableEntity));
        Assert.Equal("statement.wrong_type", await registrar.RefusedAsync(
            Path, scene.Passkey.Signed(scene.Passkey.Statement(scene.PatientId, Body())), HttpStatusCode.UnprocessableEntity));
        using var physician = scene.Client(AccessScene.North, Role.Physician);
        Assert.Equal(HttpStatusCode.Forbidden, (await physician.GetAsync(Path)).StatusCode);
        using var officer = scene.Client(AccessScene.North, Role.PrivacyOfficer);
        Assert.Equal(HttpStatusCode.NotFound, (await officer.GetAsync(
            $"/api/v1/patients/{LedgerId.New(IdKind.Patient)}/credentials")).StatusCode);
    }

    public async Task InitializeAsync() => scene = await AccessScene.StartAsync();

    public async Task DisposeAsync()
    {
        await scene.DisposeAsync();
        second.Dispose();
    }

    private static GrantBody Body()
    {
        var now = LedgerTime.Truncate(DateTimeOffset.UtcNow);
        return new GrantBody(Effect.Permit, [new Provision { Who = [new WhoOrg(AccessScene.South, "physician")], Purpose = ["TREAT"] }],
            new Period(now, now.AddDays(30)));
    }

    private async Task AddAsync()
    {
        await PostAsync(Path, scene.Passkey.Signed(scene.Passkey.Statement(scene.PatientId, new AddCredentialBody(
            second.CredentialId, Base64Url.EncodeToString(second.CoseKey.Span), second.RpId, [second.Origin]))), HttpStatusCode.Created);
        await scene.CaughtUpAsync();
    }

    private async Task PostAsync(string path, System.Text.Json.Nodes.JsonObject body, HttpStatusCode expected)
    {
        using var registrar = scene.Client(AccessScene.North, Role.Registrar);
        await registrar.PostAsync(path, body, expected);
        await scene.CaughtUpAsync();
    }
}
