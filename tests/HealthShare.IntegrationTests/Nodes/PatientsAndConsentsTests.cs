using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.IntegrationTests.Support;
using HealthShare.Node.Auth;
using HealthShare.Node.Keys;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.IntegrationTests.Nodes;

[Collection(NodesCollection.Name)]
public sealed class PatientsAndConsentsTests(NodesOnAChannel nodes)
{
    private const string Patients = "/api/v1/patients";

    private string South => nodes.Channel.Hospital(1);

    [ChannelFact]
    public async Task A_patient_links_a_hospital_grants_and_revokes_and_every_node_agrees()
    {
        using var passkey = SoftwareAuthenticator.Create("north.example", "https://north.example");
        var id = await nodes.EnrollAsync(passkey);
        using var north = nodes.North.Client(Role.Registrar);
        await north.PostAsync($"{Patients}/{id}/links", passkey.Signed(passkey.Statement(id, new LinkBody(South))), HttpStatusCode.Created);

        // The label key crosses North's own private collection, sealed to South.
        var labelKey = await WaitForLabelKeyAsync(id);
        using var patient = nodes.North.Patient(id);
        Assert.Equal(labelKey, (await patient.GetOkAsync($"{Patients}/{id}")).GetProperty("labelKey").GetString());

        // Any member's node relays: South brings the grant, North the revocation, East sees both.
        using var south = nodes.South.Client(Role.Registrar);
        var grant = passkey.Statement(id, Grant());
        await south.PostAsync($"{Patients}/{id}/consents", passkey.Signed(grant), HttpStatusCode.Created);
        await WaitForStatusAsync(nodes.East, id, "active");
        await patient.PostAsync($"{Patients}/{id}/consents/{grant.Id}/revocation",
            passkey.Signed(passkey.Statement(id, new RevokeBody(grant.Id))), HttpStatusCode.OK);
        await WaitForStatusAsync(nodes.East, id, "revoked");
    }

    [ChannelFact]
    public async Task Forbidden_and_absent_look_alike_and_bad_statements_name_their_code()
    {
        using var passkey = SoftwareAuthenticator.Create("north.example", "https://north.example");
        using var thief = SoftwareAuthenticator.Create("north.example", "https://north.example");
        var id = await nodes.EnrollAsync(passkey);
        using var registrar = nodes.North.Client(Role.Registrar);
        var consents = $"{Patients}/{id}/consents";
        Assert.Equal("credential.unknown", await registrar.RefusedAsync(consents,
            thief.Signed(thief.Statement(id, Grant())), HttpStatusCode.UnprocessableEntity));
        Assert.Equal("statement.too_old", await registrar.RefusedAsync(consents,
            passkey.Signed(passkey.Statement(id, Grant()) with { Issued = LedgerTime.Truncate(DateTimeOffset.UtcNow).AddHours(-2) }),
            HttpStatusCode.UnprocessableEntity));

        using var other = nodes.North.Patient(LedgerId.New(IdKind.Patient));
        using var hidden = await other.GetAsync($"{Patients}/{id}");
        using var absent = await other.GetAsync($"{Patients}/{LedgerId.New(IdKind.Patient)}");
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (hidden.StatusCode, absent.StatusCode));
        Assert.Equal(await CodeAsync(absent), await CodeAsync(hidden));

        using var stranger = nodes.North.Client();
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetAsync($"{Patients}/{id}")).StatusCode);
        using var physician = nodes.North.Client(Role.Physician);
        Assert.Equal(HttpStatusCode.Forbidden, (await physician.GetAsync(consents)).StatusCode);
    }

    [ChannelFact]
    public async Task A_node_without_its_ledger_starts_says_503_and_is_not_ready()
    {
        await using var alone = await nodes.StartAsync(
            nodes.Observer, nodes.ConnectionFileWithout([.. nodes.Channel.Profile.Organizations.Select(member => member.MspId)]));
        using var registrar = alone.Client(Role.Registrar);
        using var answer = await registrar.PostAsJsonAsync(Patients, new JsonObject { ["number"] = "1" });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        var problem = await answer.JsonAsync();
        Assert.Equal(("ledger.unavailable", "endorse"), (problem.GetProperty("code").GetString(), problem.GetProperty("stage").GetString()));
        using var ready = await registrar.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await registrar.GetAsync("/health/live")).StatusCode);
    }

    [ChannelFact]
    public async Task A_restarted_node_goes_on_with_what_it_kept()
    {
        using var passkey = SoftwareAuthenticator.Create("north.example", "https://north.example");
        var id = await nodes.EnrollAsync(passkey);
        await nodes.RestartSouthAsync();
        using var registrar = nodes.South.Client(Role.Registrar);
        Assert.Equal(nodes.Channel.Hospital(0), (await registrar.GetOkAsync($"{Patients}/{id}")).GetProperty("enrolledBy").GetString());
    }

    private GrantBody Grant()
    {
        var start = LedgerTime.Truncate(DateTimeOffset.UtcNow);
        return new(Effect.Permit, [new Provision { Who = [new WhoOrg(South, "physician")], Purpose = ["TREAT"] }],
            new Period(start, start.AddDays(30)));
    }

    private static async Task<string?> CodeAsync(HttpResponseMessage answer) => (await answer.JsonAsync()).GetProperty("code").GetString();

    private async Task<string> WaitForLabelKeyAsync(string patientId)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        while (true)
        {
            using var key = await nodes.South.App.Services.GetRequiredService<LabelKeys>().FindAsync(patientId, patience.Token);
            if (key is not null)
                return System.Buffers.Text.Base64Url.EncodeToString(key.Bytes);
            await Task.Delay(100, patience.Token);
        }
    }

    private static async Task WaitForStatusAsync(NodeUnderTest node, string patientId, string status)
    {
        using var registrar = node.Client(Role.Registrar);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        JsonElement consents;
        do
        {
            await Task.Delay(50, patience.Token);
            using var answer = await registrar.GetAsync($"{Patients}/{patientId}/consents", patience.Token);
            consents = answer.IsSuccessStatusCode ? (await answer.JsonAsync()).GetProperty("consents") : default;
        }
        while (consents.ValueKind is not JsonValueKind.Array || consents.GetArrayLength() != 1
            || consents[0].GetProperty("status").GetString() != status);
    }
}
