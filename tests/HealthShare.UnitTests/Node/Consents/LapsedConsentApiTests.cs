using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using HealthShare.Node.Auth;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Node.Access;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Consents;

/// <summary>What nodes say of grants that stand on the channel and do not decide: in lists, in FHIR and in explanations.</summary>
public sealed class LapsedConsentApiTests : IAsyncLifetime
{
    private readonly SoftwareAuthenticator second = SoftwareAuthenticator.Create("authority.example", "https://authority.example");
    private readonly SoftwareAuthenticator friend = SoftwareAuthenticator.Create("south.example", "https://south.example");
    private AccessScene scene = null!;
    private HttpClient officer = null!, registrar = null!;

    private string Patient => $"/api/v1/patients/{scene.PatientId}";

    private string Consents => $"{Patient}/consents";

    [Fact]
    public async Task Permits_of_a_revoked_credential_a_revoked_delegate_and_an_erased_patient_are_lapsed_and_say_why()
    {
        await SignAsync($"{Patient}/credentials", scene.Passkey, new AddCredentialBody(
            second.CredentialId, Base64Url.EncodeToString(second.CoseKey.Span), second.RpId, [second.Origin]));
        var bySecond = await SignAsync(Consents, second, ToSouth("physician"));
        var own = await SignAsync(Consents, scene.Passkey, ToSouth("pharmacist"));
        var (delegateId, month) = (LedgerId.New(IdKind.Delegate), LedgerTime.Truncate(DateTimeOffset.UtcNow).AddMonths(3));
        await SignAsync($"{Patient}/delegates", scene.Passkey, new AppointDelegateBody(delegateId,
            [new(friend.CredentialId, Base64Url.EncodeToString(friend.CoseKey.Span), friend.RpId, [friend.Origin])],
            new DelegateScope(DelegateActs.Permit), new DateTimeOffset(month.Year, month.Month, 1, 0, 0, 0, TimeSpan.Zero)));
        var byFriend = await SignAsync(Consents, friend, ToSouth("nurse"), delegateId);
        foreach (var id in (string[])[bySecond, own, byFriend])
        {
            Assert.Equal(("active", null), await StatusAsync(id));
            Assert.Equal(HttpStatusCode.OK, (await FhirAsync(id)).Status);
        }

        await SignAsync($"{Patient}/credentials/{second.CredentialId}/revocation", scene.Passkey, new RevokeCredentialBody(second.CredentialId), expected: HttpStatusCode.OK);
        await SignAsync($"{Patient}/delegates/{delegateId}/revocation", scene.Passkey, new RevokeDelegateBody(delegateId), expected: HttpStatusCode.OK);
        await LapsedAsync(bySecond, "physician", "credentialRevoked", "the credential that signed it was revoked");
        await LapsedAsync(byFriend, "nurse", "delegateRevoked", "the delegate who signed it was revoked");
        Assert.Equal(("active", null), await StatusAsync(own));

        await SignAsync($"{Patient}/erasure", scene.Passkey, new EraseBody(), expected: HttpStatusCode.Accepted);
        Assert.Equal(("lapsed", "erased"), await StatusAsync(own));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "fhir.not_in_force"), await FhirAsync(own));
        // Nothing can be signed any more, and a preview says the same.
        Assert.Equal("patient.erased", await registrar.RefusedAsync($"{Consents}/preview", System.Text.Json.Nodes.JsonNode.Parse(
            StatementWriter.WriteGrant(ToSouth("nurse")))!, HttpStatusCode.UnprocessableEntity));
    }

    public async Task InitializeAsync()
    {
        scene = await AccessScene.StartAsync();
        (officer, registrar) = (scene.Client(AccessScene.North, Role.PrivacyOfficer), scene.Client(AccessScene.North, Role.Registrar));
    }

    public async Task DisposeAsync()
    {
        officer.Dispose();
        registrar.Dispose();
        second.Dispose();
        friend.Dispose();
        await scene.DisposeAsync();
    }

    private static GrantBody ToSouth(string role)
    {
        var now = LedgerTime.Truncate(DateTimeOffset.UtcNow);
        return new GrantBody(Effect.Permit, [new Provision { Who = [new WhoOrg(AccessScene.South, role)], Purpose = ["TREAT"] }], new Period(now, now.AddDays(30)));
    }

    private async Task<string> SignAsync(
        string path, SoftwareAuthenticator passkey, StatementBody body, string? delegateId = null, HttpStatusCode expected = HttpStatusCode.Created)
    {
        var statement = passkey.Statement(scene.PatientId, body) with { Signer = new StatementSigner(passkey.CredentialId, delegateId) };
        await registrar.PostAsync(path, passkey.Signed(statement), expected);
        await scene.CaughtUpAsync();
        return statement.Id;
    }

    private async Task LapsedAsync(string id, string role, string cause, string words)
    {
        Assert.Equal(("lapsed", cause), await StatusAsync(id));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "fhir.not_in_force"), await FhirAsync(id));
        var explained = await officer.GetOkAsync($"{Consents}/explain?record={scene.Glucose}&org=SouthMSP&role={role}");
        Assert.Equal("deny.default", explained.GetProperty("reason").GetString());
        Assert.Contains($"{id} would permit it, but does not count, since {words}.", explained.GetProperty("words").GetString(), StringComparison.Ordinal);
        var change = explained.GetProperty("changes").EnumerateArray().First();
        Assert.Equal(($"lapsed.{cause}", id), (change.GetProperty("code").GetString(), change.GetProperty("statementId").GetString()));
    }

    private async Task<(string?, string?)> StatusAsync(string id)
    {
        var listed = (await officer.GetOkAsync(Consents)).GetProperty("consents").EnumerateArray().Single(consent => consent.GetProperty("id").GetString() == id);
        var one = await officer.GetOkAsync($"{Consents}/{id}");
        Assert.Equal(Of(listed), Of(one));
        return Of(one);

        static (string?, string?) Of(JsonElement consent) =>
            (consent.GetProperty("status").GetString(), consent.TryGetProperty("lapse", out var lapse) ? lapse.GetString() : null);
    }

    private async Task<(HttpStatusCode Status, string? Code)> FhirAsync(string id)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Consents}/{id}");
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse("application/fhir+json; fhirVersion=5.0"));
        using var answer = await officer.SendAsync(request);
        return (answer.StatusCode, answer.StatusCode == HttpStatusCode.OK ? null : (await answer.JsonAsync()).GetProperty("code").GetString());
    }
}
