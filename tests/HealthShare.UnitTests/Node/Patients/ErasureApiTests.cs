using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Node.Content.Keeping;
using HealthShare.Node.Database;
using HealthShare.Node.Events;
using HealthShare.Node.ReadModel;
using HealthShare.Node.Webhooks;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.UnitTests.Node.Access;
using HealthShare.UnitTests.Node.Intake;
using HealthShare.UnitTests.Node.Support;
using HealthShare.Vault.Content;
using Microsoft.Extensions.DependencyInjection;
using static HealthShare.UnitTests.Node.Access.AccessScene;

namespace HealthShare.UnitTests.Node.Patients;

/// <summary>A patient erases: what each node destroys, what it keeps, and how it shows.</summary>
public sealed class ErasureApiTests
{
    public static TheoryData<DatabaseProvider> Providers => KeyedNode.Providers;

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task An_erasure_destroys_keys_and_content_everywhere_and_each_hospital_says_so(DatabaseProvider provider)
    {
        await using var scene = await StartAsync(provider, settings: new Dictionary<string, string?> { ["HealthShare:SignIn:Origin"] = "https://north.example" });
        await scene.GrantAsync();
        var report = LedgerId.New(IdKind.Record);
        Assert.Equal(2, (await scene.RegisterMessageAsync(North, report, RecordPartsAccessTests.Message(report))).Count);
        var (asked, _) = await scene.AskAsync(South, scene.Records(scene.Glucose, report));
        Assert.Equal(TextOf(scene.Glucose), await scene.ReadAsync(South, asked, scene.Glucose));
        Assert.Equal(RecordPartsAccessTests.Message(report), await scene.ReadAsync(South, asked, report));
        var contents = await ContentsAsync(scene);
        Assert.Equal(404, await StatusAsync(scene, North));
        await scene.Service<IDatabase>(North).WriteAsync(transaction => DeliveryTable.AddAsync(transaction, "wh-1",
            new NodeEvent(EventTopic.Decision, "decided", DateTimeOffset.UtcNow) { PatientId = scene.PatientId, Subject = "ac-1" }, DateTimeOffset.UtcNow, default), default);

        using var desk = scene.Client(North, Role.Registrar);
        var invitation = new JsonObject { ["role"] = "patient", ["displayName"] = "Anna Keller", ["patientId"] = scene.PatientId };
        await desk.PostAsync("/api/v1/invitations", invitation, HttpStatusCode.Created);

        await EraseAsync(scene, South); // by whichever node
        await DoneAsync(scene, North, South);
        Assert.Equal(0, await scene.ScalarAsync<long>(North, "SELECT count(*) FROM invitation"));
        Assert.Equal("access.not_available", await desk.RefusedAsync("/api/v1/invitations", invitation, HttpStatusCode.NotFound));
        Assert.Equal(0, await scene.ScalarAsync<long>(North, "SELECT count(*) FROM webhook_delivery"));
        foreach (var member in (string[])[North, South])
        {
            Assert.Equal(0, await scene.ScalarAsync<long>(member, $"""
                SELECT count(*) FROM event WHERE patient_id = '{scene.PatientId}'
                    AND sequence < (SELECT sequence FROM event WHERE kind = 'patientErased' AND patient_id = '{scene.PatientId}')
                """));
            foreach (var purpose in (string[])["record-key", "label-key", "received-key"])
                Assert.Equal(0, await scene.ScalarAsync<long>(member, $"SELECT count(*) FROM secret WHERE purpose = '{purpose}'"));
            foreach (var table in (string[])["sealed_record", "received_key", "trusted_credential", "patient_identifier", "patient_directory"])
                Assert.Equal(0, await scene.ScalarAsync<long>(member, $"SELECT count(*) FROM {table}"));
            Assert.Equal(0, await scene.ScalarAsync<long>(member, "SELECT count(*) FROM release_task WHERE envelope IS NOT NULL"));
        }
        var store = scene.Service<IContentStore>(North);
        foreach (var cid in contents)
            Assert.False(await store.IsPinnedAsync(cid, default));
        Assert.Equal(contents.Count, await store.CollectGarbageAsync(TimeSpan.Zero, default));
        Assert.Empty((await scene.Service<LedgerRecords>(North).PageAsync(null, 100, default)).Records); // nothing brings it back

        Assert.Empty((await scene.AskAsync(North, scene.Records(scene.Glucose))).Records);
        Assert.Empty((await scene.AskAsync(South, scene.Records(scene.Glucose, scene.Hiv))).Records);
        using var physician = scene.Client(South, Role.Physician);
        Assert.Contains("access.not_available", await ProblemAsync(physician, $"{Requests}/{asked}/records/{scene.Glucose}"), StringComparison.Ordinal);
        using var registrar = scene.Client(North, Role.Registrar);
        Assert.Equal("patient.erased", await registrar.RefusedAsync($"/api/v1/patients/{scene.PatientId}/links",
            scene.Passkey.Signed(scene.Passkey.Statement(scene.PatientId, new LinkBody("EastMSP"))), HttpStatusCode.UnprocessableEntity));
        using var officer = scene.Client(North, Role.PrivacyOfficer);
        var kinds = (await officer.GetOkAsync($"/api/v1/patients/{scene.PatientId}/notifications")).GetProperty("items").EnumerateArray()
            .Select(item => item.GetProperty("kind").GetString()).ToList();
        Assert.Contains("patientErased", kinds);
        Assert.Equal(2, kinds.Count(kind => kind == "erasureReported"));
        Assert.Equal(0, await scene.ScalarAsync<long>(North, "SELECT count(*) FROM incident"));
        Assert.Null(scene.Service<IReadModel>(North).Fault);
    }

    [Fact]
    public async Task What_is_under_way_when_the_store_or_the_channel_is_away_is_taken_up_again_after_a_restart()
    {
        await using var scene = await StartAsync();
        scene.IsStoreAway = true;
        await EraseAsync(scene, North);
        await UntilAsync("a first attempt", async () => await HereAsync(scene) is { Attempts: > 0, Reason: "content.unavailable" });
        Assert.Equal(0, await scene.ScalarAsync<long>(North, "SELECT count(*) FROM secret WHERE purpose = 'record-key'")); // the keys went first
        Assert.Equal("pending", (await ViewAsync(scene, North)).GetProperty("hospitals").EnumerateArray()
            .Single(hospital => hospital.GetProperty("member").GetString() == North).GetProperty("state").GetString());

        scene.Ledger(North).Closed[LedgerTransactions.ReportErasure] = true;
        scene.IsStoreAway = false;
        await UntilAsync("the channel's turn", async () => await HereAsync(scene) is { Reason: "ledger.unavailable" });
        await scene.RestartAsync(North);
        scene.Ledger(North).Closed.Clear();
        await DoneAsync(scene, North, South);
        Assert.Equal(1, scene.Ledger(North).CountOf(LedgerTransactions.PurgeEnvelopes)); // once, whatever came after it
    }

    [Fact]
    public async Task What_a_hospital_must_keep_its_own_staff_reads_for_treatment_until_the_time_is_over()
    {
        await using var scene = await StartAsync(settings: new Dictionary<string, string?> { ["HealthShare:Erasure:RetainDays"] = "3650" });
        await scene.GrantAsync();
        var contents = await ContentsAsync(scene);
        await EraseAsync(scene, North);
        await UntilAsync("both reports", async () => (await StatesAsync(scene)).SequenceEqual(["retained", "done"])); // South holds none of its own
        var (asked, records) = await scene.AskAsync(North, scene.Records(scene.Glucose));
        Assert.Equal([scene.Glucose], records);
        Assert.Equal(TextOf(scene.Glucose), await scene.ReadAsync(North, asked, scene.Glucose));
        Assert.Empty((await scene.AskAsync(South, scene.Records(scene.Glucose))).Records);
        foreach (var cid in contents)
            Assert.True(await scene.Service<IContentStore>(North).IsPinnedAsync(cid, default));
        Assert.Equal(contents.Count, (await scene.Service<LedgerRecords>(North).PageAsync(null, 100, default)).Records.Count);
        Assert.Equal(0, await scene.ScalarAsync<long>(North, "SELECT count(*) FROM secret WHERE purpose = 'label-key'"));
    }

    [Fact]
    public async Task Messages_about_one_who_erased_are_put_aside_until_a_registrar_enrols_the_person_anew()
    {
        await using var scene = await StartAsync();
        using var engine = scene.Client(North, Role.System);
        using var registrar = scene.Client(North, Role.Registrar);
        await JoinAsync(registrar, new JsonObject { ["number"] = "8000", ["authority"] = "NORTH", ["patientId"] = scene.PatientId });
        await EraseAsync(scene, North);
        await DoneAsync(scene, North, South);
        var aside = await StateAsync(engine, IntakeScene.Message("1", "8000"), "quarantined");
        Assert.Equal("patient.erased", aside.GetProperty("reasonCode").GetString());
        Assert.NotNull(await scene.ScalarAsync<byte[]>(North, "SELECT payload FROM intake_payload")); // nothing that was acknowledged is lost

        var number = new JsonObject { ["number"] = "8000", ["authority"] = "NORTH" };
        Assert.Equal("patient.erased", await engine.RefusedAsync("/api/v1/patients", number.DeepClone().AsObject(), HttpStatusCode.UnprocessableEntity)); // nor by a program's word
        var again = await registrar.PostAsync("/api/v1/patients", number, HttpStatusCode.Created);
        var fresh = again.GetProperty("patientId").GetString();
        Assert.NotEqual(scene.PatientId, fresh);
        Assert.Equal(fresh, (await StateAsync(engine, IntakeScene.Message("2", "8000"), "registered")).GetProperty("patientId").GetString());
    }

    [Fact]
    public async Task An_erasure_is_the_patients_own_and_nobody_elses_statement_passes_for_it()
    {
        await using var scene = await StartAsync();
        using var registrar = scene.Client(North, Role.Registrar);
        var path = $"/api/v1/patients/{scene.PatientId}/erasure";
        Assert.Equal("statement.wrong_type", await registrar.RefusedAsync(path,
            scene.Passkey.Signed(scene.Passkey.Statement(scene.PatientId, new LinkBody("EastMSP"))), HttpStatusCode.UnprocessableEntity));
        Assert.Equal("statement.wrong_patient", await registrar.RefusedAsync(path,
            scene.Passkey.Signed(scene.Passkey.Statement(LedgerId.New(IdKind.Patient), new EraseBody())), HttpStatusCode.UnprocessableEntity));
        Assert.Equal("statement.too_old", await registrar.RefusedAsync(path, scene.Passkey.Signed(
            scene.Passkey.Statement(scene.PatientId, new EraseBody()) with { Issued = LedgerTime.Truncate(DateTimeOffset.UtcNow.AddMinutes(-11)) }),
            HttpStatusCode.UnprocessableEntity));
        using var physician = scene.Client(North, Role.Physician);
        Assert.Equal("auth.forbidden", await physician.RefusedAsync(path,
            scene.Passkey.Signed(scene.Passkey.Statement(scene.PatientId, new EraseBody())), HttpStatusCode.Forbidden));
        Assert.Equal(404, await StatusAsync(scene, North));
    }

    internal static async Task EraseAsync(AccessScene scene, string member)
    {
        using var registrar = scene.Client(member, Role.Registrar);
        var erasure = await registrar.PostAsync($"/api/v1/patients/{scene.PatientId}/erasure",
            scene.Passkey.Signed(scene.Passkey.Statement(scene.PatientId, new EraseBody())), HttpStatusCode.Accepted);
        Assert.StartsWith("st-", erasure.GetProperty("statementId").GetString(), StringComparison.Ordinal);
        await scene.CaughtUpAsync();
    }

    internal static Task DoneAsync(AccessScene scene, params string[] members) => UntilAsync("all reports",
        async () => (await StatesAsync(scene)).SequenceEqual(members.Select(_ => "done")) && await HereAsync(scene) is { State: "done" });

    private static async Task<JsonElement> ViewAsync(AccessScene scene, string member)
    {
        using var registrar = scene.Client(member, Role.Registrar);
        return await registrar.GetOkAsync($"/api/v1/patients/{scene.PatientId}/erasure");
    }

    internal static async Task<IEnumerable<string?>> StatesAsync(AccessScene scene) =>
        (await ViewAsync(scene, North)).GetProperty("hospitals").EnumerateArray().Select(hospital => hospital.GetProperty("state").GetString());

    internal static async Task<(string? State, int Attempts, string? Reason)> HereAsync(AccessScene scene)
    {
        var here = (await ViewAsync(scene, North)).GetProperty("here");
        return (here.GetProperty("state").GetString(), here.GetProperty("attempts").GetInt32(),
            here.TryGetProperty("reason", out var reason) ? reason.GetString() : null);
    }

    private static async Task<int> StatusAsync(AccessScene scene, string member)
    {
        using var registrar = scene.Client(member, Role.Registrar);
        using var answer = await registrar.GetAsync($"/api/v1/patients/{scene.PatientId}/erasure");
        return (int)answer.StatusCode;
    }

    internal static async Task<List<Cid>> ContentsAsync(AccessScene scene)
    {
        var records = await scene.Service<Replica>(North).ListAsync(LedgerKind.Record, [scene.PatientId], LedgerJson.Default.RecordEntry, default);
        return [.. records.Select(record => Cid.Parse(record.Record.Cid))];
    }

    private static Task<JsonElement> JoinAsync(HttpClient registrar, JsonObject number) => registrar.PostAsync("/api/v1/patients", number, HttpStatusCode.OK);

    private static async Task<JsonElement> StateAsync(HttpClient engine, byte[] message, string state)
    {
        using var content = new ByteArrayContent(message) { Headers = { ContentType = new MediaTypeHeaderValue("application/hl7-v2") } };
        using var answer = await engine.PostAsync("/api/v1/messages", content);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var id = (await answer.JsonAsync()).GetProperty("id").GetString();
        JsonElement found = default;
        await UntilAsync($"a message {state}", async () =>
            (found = await engine.GetOkAsync($"/api/v1/messages/{id}")).GetProperty("state").GetString() == state);
        return found;
    }
}
