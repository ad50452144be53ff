using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Node.Database;
using HealthShare.Node.Keys;
using HealthShare.Node.Ledger;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Node.Access;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.UnitTests.Node.Patients;

public sealed class PatientApiTests : IAsyncLifetime
{
    private const string Patients = "/api/v1/patients";
    private readonly MemoryChannel channel = new();
    private NodeHost north = null!;
    private NodeHost south = null!;

    [Fact]
    public async Task A_number_enrols_its_patient_once()
    {
        using var registrar = north.Client(Role.Registrar);
        var first = await registrar.PostAsync(Patients, new JsonObject { ["number"] = "4711" }, HttpStatusCode.Created);
        var again = await registrar.PostAsync(Patients, new JsonObject { ["number"] = " 4711 " }, HttpStatusCode.OK);
        var other = await registrar.PostAsync(Patients, new JsonObject { ["number"] = "4712" }, HttpStatusCode.Created);
        Assert.Equal(IdOf(first), IdOf(again));
        Assert.NotEqual(IdOf(first), IdOf(other));
        Assert.Equal("NorthMSP", first.GetProperty("enrolledBy").GetString());
    }

    [Fact]
    public async Task A_slip_of_the_pen_makes_no_second_patient_where_only_a_known_one_is_asked_for()
    {
        using var registrar = north.Client(Role.Registrar);
        var made = await registrar.PostAsync(Patients, new JsonObject { ["number"] = "N-4711", ["authority"] = "NORTH" }, HttpStatusCode.Created);
        foreach (var (number, authority) in ((string, string)[])[("N-4711", ""), ("N-4711", "north"), ("n-4711", "NORTH"), ("N-4712", "NORTH")])
        {
            Assert.Equal("patient.number_unknown", await registrar.RefusedAsync(Patients,
                new JsonObject { ["number"] = number, ["authority"] = authority, ["onlyKnown"] = true }, HttpStatusCode.NotFound));
        }
        var found = await registrar.PostAsync(Patients, new JsonObject { ["number"] = "N-4711", ["authority"] = "NORTH", ["onlyKnown"] = true }, HttpStatusCode.OK);
        Assert.Equal(IdOf(made), IdOf(found));
        await using var connection = await north.App.Services.GetRequiredService<IDatabase>().OpenAsync(default);
        Assert.Equal(1, await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM patient_directory"));
    }

    [Fact]
    public async Task A_physician_finds_a_patient_by_the_hospitals_own_number_and_nobody_by_an_unknown_one()
    {
        const string lookUp = $"{Patients}/look-up";
        using var registrar = north.Client(Role.Registrar);
        var enrolled = await registrar.PostAsync(Patients, new JsonObject { ["number"] = "4711", ["authority"] = "NORTH" }, HttpStatusCode.Created);
        using var physician = north.Client(Role.Physician);
        var found = await physician.PostAsync(lookUp, new JsonObject { ["number"] = " 4711 ", ["authority"] = "NORTH" }, HttpStatusCode.OK);
        Assert.Equal(IdOf(enrolled), IdOf(found));
        Assert.True(!found.TryGetProperty("credentials", out var shown) || shown.ValueKind is JsonValueKind.Null);

        Assert.Equal("access.not_available", await physician.RefusedAsync(lookUp, new JsonObject { ["number"] = "4711" }, HttpStatusCode.NotFound));
        Assert.Equal("access.not_available", await physician.RefusedAsync(lookUp, new JsonObject { ["number"] = "9" }, HttpStatusCode.NotFound));
        Assert.Equal("request.invalid", await physician.RefusedAsync(lookUp, new JsonObject { ["number"] = new string('1', 65) }, HttpStatusCode.BadRequest));
        Assert.Equal("access.not_available", await physician.RefusedAsync(lookUp, new JsonObject { ["number"] = "4711", ["authority"] = "NORTH", ["type"] = "PI" }, HttpStatusCode.NotFound));
        Assert.Equal("request.invalid", await physician.RefusedAsync(lookUp, new JsonObject { ["number"] = "4711", ["type"] = "AN" }, HttpStatusCode.BadRequest));
        await using (var connection = await north.App.Services.GetRequiredService<IDatabase>().OpenAsync(default))
        {
            Assert.Equal([IdOf(enrolled)], await Dapper.SqlMapper.QueryAsync<string>(connection,
                "SELECT patient_id FROM patient_look_up WHERE patient_id IS NOT NULL"));
        }
        using var researcher = north.Client(Role.Researcher);
        Assert.Equal("auth.forbidden", await researcher.RefusedAsync(lookUp, new JsonObject { ["number"] = "4711", ["authority"] = "NORTH" }, HttpStatusCode.Forbidden));
        Assert.Equal("auth.forbidden", await registrar.RefusedAsync(lookUp, new JsonObject { ["number"] = "4711" }, HttpStatusCode.Forbidden));
        using var elsewhere = south.Client(Role.Physician);
        Assert.Equal("access.not_available", await elsewhere.RefusedAsync(lookUp, new JsonObject { ["number"] = "4711", ["authority"] = "NORTH" }, HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task A_ledger_that_is_away_says_how_far_it_got_and_the_next_try_goes_on()
    {
        using var registrar = north.Client(Role.Registrar);
        channel.IsAway = true;
        using var answer = await registrar.PostAsJsonAsync(Patients, new JsonObject { ["number"] = "4711" });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        var problem = await answer.JsonAsync();
        Assert.Equal("ledger.unavailable", problem.GetProperty("code").GetString());
        Assert.Equal("endorse", problem.GetProperty("stage").GetString());
        Assert.False(problem.GetProperty("mayHaveCommitted").GetBoolean());
        channel.IsAway = false;
        await registrar.PostAsync(Patients, new JsonObject { ["number"] = "4711" }, HttpStatusCode.Created);
    }

    [Fact]
    public async Task Roles_that_may_not_get_403_and_strangers_401()
    {
        using var physician = north.Client(Role.Physician);
        Assert.Equal("auth.forbidden", await physician.RefusedAsync(Patients, new JsonObject { ["number"] = "1" }, HttpStatusCode.Forbidden));
        using var stranger = north.Client();
        Assert.Equal("auth.unauthenticated", await stranger.RefusedAsync(Patients, new JsonObject { ["number"] = "1" }, HttpStatusCode.Unauthorized));
    }

    [Fact]
    public async Task A_programs_token_enrols_by_number_but_neither_pins_a_credential_nor_joins_a_linked_patient()
    {
        using var engine = north.Client(Role.System);
        using var passkey = SoftwareAuthenticator.Create("north.example", "https://north.example");
        var id = IdOf(await engine.PostAsync(Patients, new JsonObject { ["number"] = "4711" }, HttpStatusCode.Created));
        Assert.Equal(id, IdOf(await engine.PostAsync(Patients, new JsonObject { ["number"] = "4711" }, HttpStatusCode.OK)));
        Assert.Equal("auth.forbidden", await engine.RefusedAsync($"{Patients}/{id}/first-credential", passkey.Credential(), HttpStatusCode.Forbidden));

        using var registrar = north.Client(Role.Registrar);
        await registrar.PostAsync($"{Patients}/{id}/first-credential", passkey.Credential(), HttpStatusCode.Created);
        await registrar.PostAsync($"{Patients}/{id}/links", passkey.Signed(passkey.Statement(id, new LinkBody("SouthMSP"))), HttpStatusCode.Created);
        using var southEngine = south.Client(Role.System);
        var join = new JsonObject { ["number"] = "S-9", ["patientId"] = id };
        Assert.Equal("auth.forbidden", await southEngine.RefusedAsync(Patients, join, HttpStatusCode.Forbidden));
        await using var connection = await south.App.Services.GetRequiredService<IDatabase>().OpenAsync(default);
        Assert.Equal(0, await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM trusted_credential"));
    }

    [Theory]
    [InlineData("""{"number":"4711\u200b"}""")]
    [InlineData("""{"number":"4711","authority":"NORTH\u202e"}""")]
    [InlineData("""{"number":""}""")]
    [InlineData("""{"name":"Ada"}""")]
    [InlineData("""{"number":"1","number":"2"}""")]
    [InlineData("""{"number":"1","extra":true}""")]
    [InlineData("{")]
    [InlineData("null")]
    public async Task A_body_that_is_not_as_it_should_be_is_refused_without_repeating_it(string body)
    {
        using var registrar = north.Client(Role.Registrar);
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await registrar.PostAsync(Patients, content);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.Equal("request.invalid", (await answer.JsonAsync()).GetProperty("code").GetString());
        Assert.DoesNotContain("Ada", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_there_and_what_one_may_not_see_look_the_same()
    {
        using var registrar = north.Client(Role.Registrar);
        var there = IdOf(await registrar.PostAsync(Patients, new JsonObject { ["number"] = "4711" }, HttpStatusCode.Created));
        using var patient = north.Client(Role.Patient);
        foreach (var path in new[] { "", "/records", "/consents" })
        {
            var hidden = await ProblemAsync(patient, $"{Patients}/{there}{path}");
            var absent = await ProblemAsync(patient, $"{Patients}/{LedgerId.New(IdKind.Patient)}{path}");
            Assert.Equal(absent, hidden);
            Assert.Contains("access.not_available", hidden, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Only_the_patient_sees_the_label_key_and_the_linked_hospital_receives_it()
    {
        using var registrar = north.Client(Role.Registrar);
        using var passkey = SoftwareAuthenticator.Create("north.example", "https://north.example");
        var id = IdOf(await registrar.PostAsync(Patients, new JsonObject { ["number"] = "4711" }, HttpStatusCode.Created));
        await registrar.PostAsync($"{Patients}/{id}/first-credential", passkey.Credential(), HttpStatusCode.Created);

        using var southRegistrar = south.Client(Role.Registrar);
        var join = new JsonObject { ["number"] = "S-9", ["patientId"] = id };
        Assert.Equal("access.not_available", await southRegistrar.RefusedAsync(Patients, join, HttpStatusCode.NotFound));
        await southRegistrar.PostAsync($"{Patients}/{id}/links", passkey.Signed(passkey.Statement(id, new LinkBody("SouthMSP"))), HttpStatusCode.Created);
        var joined = await southRegistrar.PostAsync(Patients, join, HttpStatusCode.OK);
        Assert.Equal(id, IdOf(joined));
        Assert.False(joined.TryGetProperty("labelKey", out _));
        Assert.Equal(["NorthMSP", "SouthMSP"], joined.GetProperty("members").EnumerateArray().Select(member => member.GetProperty("mspId").GetString()));

        using var ours = await north.App.Services.GetRequiredService<LabelKeys>().FindAsync(id, default);
        using var theirs = await WaitForLabelKeyAsync(south, id);
        Assert.Equal(ours!.Bytes.ToArray(), theirs.Bytes.ToArray());
    }

    [Theory]
    [InlineData("*not base64url*")]
    [InlineData("AAAA")]
    [InlineData("")]
    public async Task A_label_key_that_another_hospital_garbles_stops_no_node_and_is_fetched_again(string garbled)
    {
        var fresh = new MemoryChannel();
        var gate = new GatedLedger(fresh.As("SouthMSP"));
        var garbles = true;
        gate.OnAnswer = (call, answer) => Volatile.Read(ref garbles) && call.Transaction == LedgerTransactions.GetLabelKey
            ? JsonSerializer.SerializeToUtf8Bytes(new SealedEnvelope("sk-x", garbled), LedgerJson.Default.SealedEnvelope)
            : answer;
        await using var sender = await NodeHost.StartOnAsync(fresh);
        await using var node = await NodeHost.StartAsync(
            new Dictionary<string, string?> { ["HealthShare:Node:MspId"] = "SouthMSP" }, services => services.AddSingleton<ILedger>(gate));
        await fresh.InitAsync(("NorthMSP", sender), ("SouthMSP", node));
        using var registrar = sender.Client(Role.Registrar);
        using var passkey = SoftwareAuthenticator.Create("north.example", "https://north.example");
        var id = IdOf(await registrar.PostAsync(Patients, new JsonObject { ["number"] = "4711" }, HttpStatusCode.Created));
        await registrar.PostAsync($"{Patients}/{id}/first-credential", passkey.Credential(), HttpStatusCode.Created);
        await registrar.PostAsync($"{Patients}/{id}/links", passkey.Signed(passkey.Statement(id, new LinkBody("SouthMSP"))), HttpStatusCode.Created);
        var tasks = node.App.Services.GetRequiredService<IDatabase>();
        await AccessScene.UntilAsync("an attempt that was put off", async () =>
        {
            await using var connection = await tasks.OpenAsync(default);
            return await connection.ExecuteScalarAsync<long>("SELECT coalesce(max(attempts), 0) FROM label_key_task") > 0;
        });
        Assert.False(node.App.Lifetime.ApplicationStopping.IsCancellationRequested);
        Volatile.Write(ref garbles, false);
        using var key = await WaitForLabelKeyAsync(node, id);
        using var ours = await sender.App.Services.GetRequiredService<LabelKeys>().FindAsync(id, default);
        Assert.Equal(ours!.Bytes.ToArray(), key.Bytes.ToArray());
    }

    [Fact]
    public async Task A_patients_own_token_gets_the_label_key()
    {
        using var registrar = north.Client(Role.Registrar);
        var id = IdOf(await registrar.PostAsync(Patients, new JsonObject { ["number"] = "4711" }, HttpStatusCode.Created));
        await using var node = await NodeHost.StartOnAsync(channel, "NorthMSP", new Dictionary<string, string?> { ["HealthShare:Auth:Callers:3:PatientId"] = id });
        using var key = await node.App.Services.GetRequiredService<LabelKeys>().GetOrCreateAsync(id, default);
        await node.App.Services.GetRequiredService<HealthShare.Node.ReadModel.IReadModel>().WaitForAsync(1, default).WaitAsync(TimeSpan.FromMinutes(1));
        using var patient = node.Client(Role.Patient);
        var view = await patient.GetOkAsync($"{Patients}/{id}");
        Assert.Equal(System.Buffers.Text.Base64Url.EncodeToString(key.Bytes), view.GetProperty("labelKey").GetString());
    }

    [Fact]
    public async Task A_key_that_cannot_sign_and_a_patient_of_another_hospital_are_refused()
    {
        using var registrar = north.Client(Role.Registrar);
        using var passkey = SoftwareAuthenticator.Create("north.example", "https://north.example");
        var id = IdOf(await registrar.PostAsync(Patients, new JsonObject { ["number"] = "4711" }, HttpStatusCode.Created));
        var bad = passkey.Credential();
        bad["publicKey"] = "AAAA";
        Assert.StartsWith("credential.", await registrar.RefusedAsync($"{Patients}/{id}/first-credential", bad, HttpStatusCode.UnprocessableEntity), StringComparison.Ordinal);
        using var elsewhere = south.Client(Role.Registrar);
        Assert.Equal("access.not_available", await elsewhere.RefusedAsync($"{Patients}/{id}/first-credential", passkey.Credential(), HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task A_credential_that_the_channel_does_not_pin_never_comes_on_the_custodians_own_list()
    {
        using var registrar = north.Client(Role.Registrar);
        using var passkey = SoftwareAuthenticator.Create("north.example", "https://north.example");
        using var second = SoftwareAuthenticator.Create("north.example", "https://north.example");
        var id = IdOf(await registrar.PostAsync(Patients, new JsonObject { ["number"] = "4711" }, HttpStatusCode.Created));
        var path = $"{Patients}/{id}/first-credential";
        var bad = passkey.Credential();
        bad["origins"] = new JsonArray("https://elsewhere.example");
        Assert.Equal("arguments.invalid", await registrar.RefusedAsync(path, bad, HttpStatusCode.UnprocessableEntity));
        Assert.Equal((0L, 0L), await ListedAsync());
        channel.IsAway = true;
        Assert.Equal("ledger.unavailable", await registrar.RefusedAsync(path, second.Credential(), HttpStatusCode.ServiceUnavailable));
        Assert.Equal((0L, 1L), await ListedAsync()); // whether it got through is not always known: a block will tell
        channel.IsAway = false;
        await registrar.PostAsync(path, passkey.Credential(), HttpStatusCode.Created);
        await registrar.PostAsync(path, passkey.Credential(), HttpStatusCode.Created);
        Assert.Equal("patient.has_credential", await registrar.RefusedAsync(path, second.Credential(), HttpStatusCode.UnprocessableEntity));
        Assert.Equal((1L, 1L), await ListedAsync());

        // Neither does the one that is still noted, once it comes to the channel by another's signature that this list does not follow.
        await north.App.Services.GetRequiredService<IDatabase>().WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync("DELETE FROM trusted_credential", transaction: transaction), default);
        await registrar.PostAsync($"{Patients}/{id}/credentials", passkey.Signed(passkey.Statement(id, new AddCredentialBody(
            second.CredentialId, second.Credential()["publicKey"]!.GetValue<string>(), second.RpId, [second.Origin]))), HttpStatusCode.Created);
        Assert.Equal((0L, 1L), await ListedAsync());

        async Task<(long Trusted, long ToPin)> ListedAsync()
        {
            await using var connection = await north.App.Services.GetRequiredService<IDatabase>().OpenAsync(default);
            return await connection.QuerySingleAsync<(long, long)>(
                "SELECT (SELECT count(*) FROM trusted_credential), (SELECT count(*) FROM credential_to_pin)");
        }
    }

    public async Task InitializeAsync()
    {
        north = await NodeHost.StartOnAsync(channel);
        south = await NodeHost.StartOnAsync(channel, "SouthMSP");
        await channel.InitAsync(("NorthMSP", north), ("SouthMSP", south));
    }

    public async Task DisposeAsync()
    {
        await north.DisposeAsync();
        await south.DisposeAsync();
    }

    private static string IdOf(System.Text.Json.JsonElement patient) => patient.GetProperty("patientId").GetString()!;

    private static async Task<string> ProblemAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsObject();
        problem.Remove("requestId");
        return problem.ToJsonString();
    }

    private static async Task<HealthShare.Vault.Keys.SecretKey> WaitForLabelKeyAsync(NodeHost node, string patientId)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (true)
        {
            if (await node.App.Services.GetRequiredService<LabelKeys>().FindAsync(patientId, patience.Token) is { } key)
                return key;
            await Task.Delay(50, patience.Token);
        }
    }
}
