using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.IntegrationTests.Support;
using HealthShare.Node.Auth;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.IntegrationTests.Nodes;

/// <summary>East breaks the glass for patients of North.</summary>
[Collection(NodesCollection.Name)]
public sealed class EmergencyTests(NodesOnAChannel nodes)
{
    private const string Patients = "/api/v1/patients", Requests = "/api/v1/access-requests";

    private string East => nodes.Channel.Hospital(2);

    [ChannelFact]
    public async Task Emergencies_declared_at_once_get_their_keys_are_told_to_the_patient_and_are_reviewed_by_another_member()
    {
        using var passkey = SoftwareAuthenticator.Create("north.example", "https://north.example");
        var patientId = await EnrolWithResultAsync("MRN-EM-1", passkey);
        await using var crew = await RegisterAsync(patientId);
        using var physician = nodes.East.Client(Role.Physician);

        // All of them read what waits at East for a review, and all of them add to it.
        var sessions = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => crew.DeclareAsync(physician)));
        Assert.Equal(5, sessions.Select(IdOf).Distinct().Count());
        foreach (var session in sessions)
            await ReadyAsync(physician, session.GetProperty("access").GetProperty("id").GetString()!);

        using var patient = nodes.North.Patient(patientId);
        await Eventually.UntilAsync(async () => Kinds(await patient.GetOkAsync($"{Patients}/{patientId}/notifications")).Count(kind => kind == "emergency") == 5);
        using var privacy = nodes.North.Client(Role.PrivacyOfficer);
        await Task.WhenAll(sessions.Select(session => privacy.PostAsync(
            $"{EmergencyCalls.Path}/{IdOf(session)}/review", new JsonObject { ["outcome"] = "justified" }, HttpStatusCode.OK)));
        await Eventually.UntilAsync(async () => Kinds(await patient.GetOkAsync($"{Patients}/{patientId}/notifications")).Count(kind => kind == "emergencyReview") == 5);
        Assert.DoesNotContain((await privacy.GetOkAsync(EmergencyCalls.Path)).GetProperty("emergencies").EnumerateArray(),
            open => open.GetProperty("patientId").GetString() == patientId);
    }

    [ChannelFact]
    public async Task A_deny_that_says_never_and_a_revoked_key_keep_the_glass_whole()
    {
        using var passkey = SoftwareAuthenticator.Create("north.example", "https://north.example");
        var patientId = await EnrolWithResultAsync("MRN-EM-2", passkey);
        using var registrar = nodes.North.Client(Role.Registrar);
        var never = passkey.Statement(patientId, new GrantBody(
            Effect.Deny, [new Provision()], new Period(DateTimeOffset.UtcNow.AddDays(-1)), EmergencyNever: true));
        await registrar.PostAsync($"{Patients}/{patientId}/consents", passkey.Signed(never), HttpStatusCode.Created);
        await using var crew = await RegisterAsync(patientId);
        using var physician = nodes.East.Client(Role.Physician);
        await Eventually.UntilAsync(async () =>
        {
            using var eastRegistrar = nodes.East.Client(Role.Registrar);
            return (await eastRegistrar.GetOkAsync($"{Patients}/{patientId}/consents")).GetProperty("consents").GetArrayLength() == 1;
        });
        var session = await crew.DeclareAsync(physician);
        Assert.Empty(session.GetProperty("access").GetProperty("records").EnumerateArray());

        using var it = nodes.East.Client(Role.ItAdministrator);
        await it.PostAsync($"{EmergencyCalls.Keys}/{crew.Physician.CredentialId}/revocation", new JsonObject(), HttpStatusCode.OK);
        Assert.Equal("staff_key.revoked", await physician.RefusedAsync(EmergencyCalls.Path, crew.Body(), HttpStatusCode.UnprocessableEntity));
    }

    private async Task<EmergencyCalls> RegisterAsync(string patientId)
    {
        using var registrar = nodes.East.Client(Role.Registrar);
        // The node's first caller is its physician.
        return await EmergencyCalls.RegisterAsync(registrar, East, patientId, "staff-1");
    }

    private async Task<string> EnrolWithResultAsync(string number, SoftwareAuthenticator passkey)
    {
        using var system = nodes.North.Client(Role.System);
        var message = $"MSH|^~\\&|LAB|NORTH|NODE|NORTH|20260301101500+0100||ORU^R01^ORU_R01|{number}|P|2.5.1\r"
            + $"PID|1||{number}^^^NORTH^MR||Test^Person\rOBR|1|||24323-8^Panel^LN|||20260301083000+0100\r"
            + "OBX|1|NM|2345-7^Glucose^LN||187|mg/dL|70-99|H|||F\r";
        using (var answer = await system.PostAsync("/api/v1/messages", new StringContent(message, Encoding.UTF8, "application/hl7-v2")))
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        using var registrar = nodes.North.Client(Role.Registrar);
        var body = new JsonObject { ["number"] = number, ["authority"] = "NORTH" };
        using var enrolled = await registrar.PostAsync(Patients, new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"));
        Assert.True(enrolled.IsSuccessStatusCode, await enrolled.Content.ReadAsStringAsync());
        var patientId = (await enrolled.JsonAsync()).GetProperty("patientId").GetString()!;
        await registrar.PostAsync($"{Patients}/{patientId}/first-credential", passkey.Credential(), HttpStatusCode.Created);
        using var auditor = nodes.East.Client(Role.Auditor);
        await Eventually.UntilAsync(async () =>
        {
            using var records = await auditor.GetAsync($"{Patients}/{patientId}/records");
            return records.IsSuccessStatusCode && (await records.JsonAsync()).GetProperty("records").GetArrayLength() == 1;
        });
        return patientId;
    }

    private static Task ReadyAsync(HttpClient physician, string accessId) => Eventually.UntilAsync(async () =>
        (await physician.GetOkAsync($"{Requests}/{accessId}")).GetProperty("records").EnumerateArray()
            .Any(record => record.GetProperty("status").GetString() == "ready"));

    private static IEnumerable<string?> Kinds(JsonElement page) =>
        page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("kind").GetString());

    private static string IdOf(JsonElement session) => session.GetProperty("id").GetString()!;
}
