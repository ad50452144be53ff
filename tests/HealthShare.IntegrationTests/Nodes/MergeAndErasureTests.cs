using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.IntegrationTests.Support;
using HealthShare.Node.Auth;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.IntegrationTests.Nodes;

/// <summary>What ends an id of a patient, over the channel with real endorsements: hospitals merge it, or the patient erases it.</summary>
[Collection(NodesCollection.Name)]
public sealed class MergeAndErasureTests(NodesOnAChannel nodes)
{
    private const string Patients = "/api/v1/patients";

    [ChannelFact]
    public async Task Two_hospitals_merge_a_third_sees_it_and_the_patient_stops_it()
    {
        using var passkey = SoftwareAuthenticator.Create("north.example", "https://north.example");
        using var second = SoftwareAuthenticator.Create("north.example", "https://north.example");
        var (id, other) = (await nodes.EnrollAsync(passkey), await nodes.EnrollAsync(second));
        using var north = nodes.North.Client(Role.Registrar);
        using var south = nodes.South.Client(Role.Registrar);
        using var officer = nodes.East.Client(Role.PrivacyOfficer);
        foreach (var (patient, key) in new[] { (id, passkey), (other, second) })
            await north.PostAsync($"{Patients}/{patient}/links", key.Signed(key.Statement(patient, new LinkBody(nodes.Channel.Hospital(1)))), HttpStatusCode.Created);

        var words = new JsonObject { ["into"] = id };
        var first = await north.PostAsync($"{Patients}/{other}/merge", words, HttpStatusCode.Created);
        Assert.Equal("incomplete", Text(first, "status"));
        await Eventually.UntilAsync(south, $"{Patients}/{other}/merges", seen => Status(seen) == "incomplete");
        var merge = await south.PostAsync($"{Patients}/{other}/merge", words, HttpStatusCode.Created);
        Assert.Equal(("open", Text(first, "mergeId")), (Text(merge, "status"), Text(merge, "mergeId")));
        await Eventually.UntilAsync(officer, $"{Patients}/{id}/merges", seen => Status(seen) == "open");

        using var patientAtNorth = nodes.North.Patient(id);
        await patientAtNorth.PostAsync($"{Patients}/{id}/consents/{Text(merge, "mergeId")}/revocation",
            passkey.Signed(passkey.Statement(id, new RevokeBody(Text(merge, "mergeId")!))), HttpStatusCode.OK);
        await Eventually.UntilAsync(officer, $"{Patients}/{id}/merges", seen => Status(seen) == "stopped");
    }

    [ChannelFact]
    public async Task An_erasure_ends_what_is_shared_at_every_hospital_and_nothing_begins_after_it()
    {
        using var passkey = SoftwareAuthenticator.Create("north.example", "https://north.example");
        var id = await nodes.EnrollAsync(passkey);
        using var north = nodes.North.Client(Role.Registrar);
        await north.PostAsync($"{Patients}/{id}/links", passkey.Signed(passkey.Statement(id, new LinkBody(nodes.Channel.Hospital(1)))), HttpStatusCode.Created);
        await north.PostAsync($"{Patients}/{id}/consents", passkey.Signed(passkey.Statement(id, Grant())), HttpStatusCode.Created);

        await north.PostAsync($"{Patients}/{id}/erasure", passkey.Signed(passkey.Statement(id, new EraseBody())), HttpStatusCode.Accepted);
        Assert.Equal("patient.erased", await north.RefusedAsync(
            $"{Patients}/{id}/consents", passkey.Signed(passkey.Statement(id, Grant())), HttpStatusCode.UnprocessableEntity));

        // Each hospital's node destroys what it has and says so to the channel, where a third one's officer reads it.
        using var officer = nodes.East.Client(Role.PrivacyOfficer);
        await Eventually.UntilAsync(officer, $"{Patients}/{id}/erasure", seen =>
            seen.GetProperty("hospitals").EnumerateArray().ToDictionary(hospital => Text(hospital, "member")!, hospital => Text(hospital, "state")) is var states
            && states.GetValueOrDefault(nodes.Channel.Hospital(0)) == "done" && states.GetValueOrDefault(nodes.Channel.Hospital(1)) == "done");
    }

    private GrantBody Grant()
    {
        var start = LedgerTime.Truncate(DateTimeOffset.UtcNow);
        return new(Effect.Permit, [new Provision { Who = [new WhoOrg(nodes.Channel.Hospital(1), "physician")], Purpose = ["TREAT"] }],
            new Period(start, start.AddDays(30)));
    }

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();

    private static string? Status(JsonElement seen) =>
        seen.GetProperty("merges") is var merges && merges.GetArrayLength() == 1 ? Text(merges[0], "status") : null;
}
