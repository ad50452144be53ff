using System.Net;
using System.Text.Json.Nodes;
using HealthShare.Node.Auth;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Node.Support;
using static HealthShare.UnitTests.Node.Access.AccessScene;

namespace HealthShare.UnitTests.Node.Patients;

/// <summary>Two ids of one person over REST, each with a passkey, known to North and South.</summary>
public sealed class MergeApiTests
{
    private const string Patients = "/api/v1/patients";

    [Fact]
    public async Task Two_registrars_merge_and_from_that_block_on_the_denies_of_both_ids_count()
    {
        await using var scene = await StartAsync();
        using var second = SoftwareAuthenticator.Create("north.example", "https://north.example");
        using var north = scene.Client(North, Role.Registrar);
        using var south = scene.Client(South, Role.Registrar);
        var other = (await north.PostAsync(Patients, new JsonObject { ["number"] = "5000" }, HttpStatusCode.Created)).GetProperty("patientId").GetString()!;
        await north.PostAsync($"{Patients}/{other}/first-credential", second.Credential(), HttpStatusCode.Created);
        await north.PostAsync($"{Patients}/{other}/links", second.Signed(second.Statement(other, new LinkBody(South))), HttpStatusCode.Created);
        var deny = second.Statement(other, new GrantBody(Effect.Deny, [new Provision { Who = [new WhoOrg(South)] }],
            new Period(LedgerTime.Truncate(DateTimeOffset.UtcNow))));
        await north.PostAsync($"{Patients}/{other}/consents", second.Signed(deny), HttpStatusCode.Created);
        await scene.GrantAsync();
        var (asked, _) = await scene.AskAsync(South, scene.Records(scene.Glucose));
        Assert.Equal(TextOf(scene.Glucose), await scene.ReadAsync(South, asked, scene.Glucose));

        var body = new JsonObject { ["into"] = scene.PatientId };
        var first = await north.PostAsync($"{Patients}/{other}/merge", body, HttpStatusCode.Created);
        Assert.Equal("incomplete", first.GetProperty("status").GetString());
        await scene.CaughtUpAsync();
        var merge = await south.PostAsync($"{Patients}/{other}/merge", body, HttpStatusCode.Created);
        Assert.Equal("open", merge.GetProperty("status").GetString());
        Assert.Equal(first.GetProperty("mergeId").GetString(), merge.GetProperty("mergeId").GetString());
        await scene.CaughtUpAsync();

        Assert.Equal(0, await scene.ScalarAsync<long>(South, "SELECT count(*) FROM received_key"));
        Assert.Empty((await scene.AskAsync(South, scene.Records(scene.Glucose))).Records);
        using var physician = scene.Client(South, Role.Physician);
        Assert.Contains("access.not_available", await ProblemAsync(physician, $"{Requests}/{asked}/records/{scene.Glucose}"), StringComparison.Ordinal);
        using var officer = scene.Client(North, Role.PrivacyOfficer);
        var why = await officer.GetOkAsync($"{Patients}/{scene.PatientId}/consents/explain?record={scene.Glucose}&org={South}&role=physician&purpose=TREAT");
        Assert.Contains(deny.Id, why.GetRawText(), StringComparison.Ordinal);
        foreach (var id in (string[])[other, scene.PatientId])
        {
            Assert.Equal(merge.GetProperty("mergeId").GetString(),
                Assert.Single((await officer.GetOkAsync($"{Patients}/{id}/merges")).GetProperty("merges").EnumerateArray()).GetProperty("mergeId").GetString());
            Assert.Equal(2, (await officer.GetOkAsync($"{Patients}/{id}/notifications")).GetProperty("items").EnumerateArray()
                .Count(item => item.GetProperty("kind").GetString() == "patientMerged"));
        }

        // The patient's signed revocation of the merge's id stops it, by the same way as any other.
        var mergeId = merge.GetProperty("mergeId").GetString()!;
        await scene.RevokeAsync(mergeId);
        Assert.Equal([scene.Glucose], (await scene.AskAsync(South, scene.Records(scene.Glucose))).Records);
        Assert.Equal("stopped", (await officer.GetOkAsync($"{Patients}/{other}/merges")).GetProperty("merges")[0].GetProperty("status").GetString());
        Assert.Null(scene.Service<IReadModel>(North).Fault);
    }

    [Fact]
    public async Task A_merge_that_the_patient_stops_before_it_is_complete_is_stopped_in_the_list()
    {
        await using var scene = await StartAsync();
        using var north = scene.Client(North, Role.Registrar);
        var other = (await north.PostAsync(Patients, new JsonObject { ["number"] = "5000" }, HttpStatusCode.Created)).GetProperty("patientId").GetString()!;
        var merge = await north.PostAsync($"{Patients}/{other}/merge", new JsonObject { ["into"] = scene.PatientId }, HttpStatusCode.Created);
        Assert.Equal("incomplete", merge.GetProperty("status").GetString());
        await scene.RevokeAsync(merge.GetProperty("mergeId").GetString()!);
        await scene.CaughtUpAsync();
        using var officer = scene.Client(North, Role.PrivacyOfficer);
        foreach (var id in (string[])[other, scene.PatientId])
            Assert.Equal("stopped", (await officer.GetOkAsync($"{Patients}/{id}/merges")).GetProperty("merges")[0].GetProperty("status").GetString());
    }

    [Fact]
    public async Task Only_registrars_say_that_two_are_one_and_a_hospital_may_object()
    {
        await using var scene = await StartAsync();
        using var north = scene.Client(North, Role.Registrar);
        using var physician = scene.Client(North, Role.Physician);
        using var patient = scene.Client(North, Role.Patient);
        var other = (await north.PostAsync(Patients, new JsonObject { ["number"] = "5000" }, HttpStatusCode.Created)).GetProperty("patientId").GetString()!;
        var body = new JsonObject { ["into"] = scene.PatientId };
        foreach (var client in (HttpClient[])[physician, patient])
            Assert.Equal("auth.forbidden", await client.RefusedAsync($"{Patients}/{other}/merge", body, HttpStatusCode.Forbidden));
        await north.PostAsync($"{Patients}/{LedgerId.New(IdKind.Patient)}/merge", body, HttpStatusCode.NotFound);
        await north.PostAsync($"{Patients}/{other}/merge", new JsonObject { ["into"] = "4711" }, HttpStatusCode.NotFound);
        Assert.Equal("arguments.invalid", await north.RefusedAsync($"{Patients}/{other}/merge", new JsonObject { ["into"] = other }, HttpStatusCode.UnprocessableEntity));

        var merge = await north.PostAsync($"{Patients}/{other}/merge", body, HttpStatusCode.Created);
        var path = $"{Patients}/{other}/merges/{merge.GetProperty("mergeId").GetString()}/objection";
        await north.PostAsync($"{Patients}/{other}/merges/{LedgerId.New(IdKind.Statement)}/objection", new JsonObject(), HttpStatusCode.NotFound);
        Assert.Equal("stopped", (await north.PostAsync(path, new JsonObject(), HttpStatusCode.OK)).GetProperty("status").GetString());
        Assert.Equal("merge.objected", await north.RefusedAsync($"{Patients}/{other}/merge", body, HttpStatusCode.UnprocessableEntity));
    }
}
