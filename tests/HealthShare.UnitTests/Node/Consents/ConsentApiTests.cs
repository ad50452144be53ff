using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.Node.Auth;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Consents;

public sealed class ConsentApiTests : IAsyncLifetime
{
    private readonly MemoryChannel channel = new();
    private readonly SoftwareAuthenticator passkey = SoftwareAuthenticator.Create("north.example", "https://north.example");
    private NodeHost node = null!;
    private HttpClient registrar = null!;
    private string patientId = "";

    private string Consents => $"/api/v1/patients/{patientId}/consents";

    [Fact]
    public async Task A_signed_grant_is_relayed_listed_and_revoked()
    {
        var grant = passkey.Statement(patientId, Grant());
        var created = await registrar.PostAsync(Consents, passkey.Signed(grant), HttpStatusCode.Created);
        Assert.Equal(grant.Id, created.GetProperty("id").GetString());
        Assert.Equal("active", Only(await registrar.GetOkAsync(Consents)).GetProperty("status").GetString());

        var revocation = passkey.Statement(patientId, new RevokeBody(grant.Id));
        var revoked = await registrar.PostAsync($"{Consents}/{grant.Id}/revocation", passkey.Signed(revocation), HttpStatusCode.OK);
        Assert.Equal("revoked", revoked.GetProperty("status").GetString());
        var listed = Only(await registrar.GetOkAsync(Consents));
        Assert.Equal(("revoked", revocation.Id), (listed.GetProperty("status").GetString(), listed.GetProperty("revokedBy").GetString()));
        Assert.Equal("permit", listed.GetProperty("effect").GetString());
    }

    [Fact]
    public async Task A_grant_for_later_is_scheduled()
    {
        var start = LedgerTime.Truncate(DateTimeOffset.UtcNow).AddDays(1);
        await registrar.PostAsync(Consents, passkey.Signed(passkey.Statement(patientId, Grant(start))), HttpStatusCode.Created);
        Assert.Equal("scheduled", Only(await registrar.GetOkAsync(Consents)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Bad_statements_are_refused_with_their_code_and_nothing_is_kept()
    {
        var grant = passkey.Statement(patientId, Grant());
        using var foreign = SoftwareAuthenticator.Create("north.example", "https://north.example");
        var altered = passkey.Signed(grant);
        altered["statement"] = passkey.Signed(passkey.Statement(patientId, Grant()))["statement"]!.GetValue<string>();

        await RefusedAsync("statement.encoding_invalid", With(passkey.Signed(grant), "not base64url!"));
        await RefusedAsync("json.", With(passkey.Signed(grant), "AAAA"));
        await RefusedAsync("assertion.", altered);
        await RefusedAsync("credential.unknown", foreign.Signed(foreign.Statement(patientId, Grant())));
        await RefusedAsync("statement.wrong_patient", passkey.Signed(passkey.Statement(LedgerId.New(IdKind.Patient), Grant())));
        await RefusedAsync("statement.wrong_channel", passkey.Signed(grant with { Channel = "other" }));
        await RefusedAsync("statement.too_old", passkey.Signed(grant with { Issued = grant.Issued.AddHours(-1) }));
        await RefusedAsync("statement.wrong_type", passkey.Signed(passkey.Statement(patientId, new RevokeBody(grant.Id))));
        Assert.Empty((await registrar.GetOkAsync(Consents)).GetProperty("consents").EnumerateArray());
    }

    [Fact]
    public async Task A_revocation_must_name_the_grant_in_its_address()
    {
        var grant = passkey.Statement(patientId, Grant());
        await registrar.PostAsync(Consents, passkey.Signed(grant), HttpStatusCode.Created);
        var other = passkey.Signed(passkey.Statement(patientId, new RevokeBody(LedgerId.New(IdKind.Statement))));
        Assert.Equal("statement.wrong_target",
            await registrar.RefusedAsync($"{Consents}/{grant.Id}/revocation", other, HttpStatusCode.UnprocessableEntity));
        Assert.Equal("active", Only(await registrar.GetOkAsync(Consents)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_patient_relays_own_statements_only_and_physicians_none()
    {
        var body = passkey.Signed(passkey.Statement(patientId, Grant()));
        using var other = node.Client(Role.Patient);
        Assert.Equal("access.not_available", await other.RefusedAsync(Consents, body, HttpStatusCode.NotFound));
        using var physician = node.Client(Role.Physician);
        Assert.Equal("auth.forbidden", await physician.RefusedAsync(Consents, body, HttpStatusCode.Forbidden));
    }

    [Fact]
    public async Task The_same_grant_twice_has_no_second_effect()
    {
        var body = passkey.Signed(passkey.Statement(patientId, Grant()));
        await registrar.PostAsync(Consents, body.DeepClone(), HttpStatusCode.Created);
        await registrar.PostAsync(Consents, body, HttpStatusCode.Created);
        Assert.Single((await registrar.GetOkAsync(Consents)).GetProperty("consents").EnumerateArray());
    }

    public async Task InitializeAsync()
    {
        node = await NodeHost.StartOnAsync(channel);
        await channel.InitAsync(("NorthMSP", node));
        registrar = node.Client(Role.Registrar);
        var patient = await registrar.PostAsync("/api/v1/patients", new JsonObject { ["number"] = "4711" }, HttpStatusCode.Created);
        patientId = patient.GetProperty("patientId").GetString()!;
        await registrar.PostAsync($"/api/v1/patients/{patientId}/first-credential", passkey.Credential(), HttpStatusCode.Created);
    }

    public async Task DisposeAsync()
    {
        registrar.Dispose();
        await node.DisposeAsync();
        passkey.Dispose();
    }

    private static GrantBody Grant(DateTimeOffset? start = null)
    {
        var from = start ?? LedgerTime.Truncate(DateTimeOffset.UtcNow);
        return new(Effect.Permit, [new Provision { Who = [new WhoOrg("NorthMSP", "physician")], Purpose = ["TREAT"] }], new Period(from, from.AddDays(30)));
    }

    private static JsonElement Only(JsonElement list) => Assert.Single(list.GetProperty("consents").EnumerateArray());

    private static JsonObject With(JsonObject signed, string statement)
    {
        signed["statement"] = statement;
        return signed;
    }

    private async Task RefusedAsync(string code, JsonObject body) =>
        Assert.StartsWith(code, await registrar.RefusedAsync(Consents, body, HttpStatusCode.UnprocessableEntity), StringComparison.Ordinal);
}
