using System.Collections.Frozen;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Node.Database;
using HealthShare.Node.Hosting.Idempotency;
using HealthShare.Node.ReadModel;
using HealthShare.UnitTests.Node.Access;
using HealthShare.UnitTests.Node.Auth;
using HealthShare.UnitTests.Node.Support;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace HealthShare.UnitTests.Node.Hosting;

/// <summary>Posts that come again under their key.</summary>
public sealed class IdempotencyTests
{
    private const string Webhooks = "/api/v1/webhooks";

    [Fact]
    public async Task The_same_post_has_one_effect_and_one_answer_and_the_answer_lies_encrypted()
    {
        await using var node = await NodeHost.StartAsync();
        using var client = node.Client(Role.ItAdministrator);
        var webhook = (await (await client.PostAsJsonAsync(Webhooks, Body("one"))).JsonAsync()).GetProperty("webhook").GetProperty("id").GetString();
        var (first, again) = (await client.SendAsync(Request($"{Webhooks}/{webhook}/test", "key-1", null)), await client.SendAsync(Request($"{Webhooks}/{webhook}/test", "key-1", null)));
        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), (first.StatusCode, again.StatusCode));
        var delivery = await first.Content.ReadAsStringAsync();
        Assert.Equal(delivery, await again.Content.ReadAsStringAsync());
        Assert.Equal(first.Headers.Location, again.Headers.Location);
        Assert.False(first.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal(["true"], again.Headers.GetValues("Idempotency-Replayed"));
        Assert.Single((await client.GetOkAsync($"{Webhooks}/{webhook}/deliveries")).GetProperty("items").EnumerateArray());
        var kept = await AnswerAsync(node);
        Assert.NotEmpty(kept);
        Assert.DoesNotContain(JsonNode.Parse(delivery)!["id"]!.GetValue<string>(), System.Text.Encoding.Latin1.GetString(kept), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Links_and_secrets_are_answered_once_and_kept_nowhere()
    {
        await using var node = await NodeHost.StartAsync(new Dictionary<string, string?> { ["HealthShare:SignIn:Origin"] = SignInScene.Origin });
        using var client = node.Client(Role.ItAdministrator);
        var made = await PostAsync(client, "key-1", Body("one"));
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var webhook = (await made.JsonAsync()).GetProperty("webhook").GetProperty("id").GetString();
        await NotKeptAsync(Webhooks, Body("one"));
        Assert.Equal(HttpStatusCode.OK, (await client.SendAsync(Request($"{Webhooks}/{webhook}/secret", "key-1b", null))).StatusCode);
        await NotKeptAsync($"{Webhooks}/{webhook}/secret", null, "key-1b");
        Assert.Single((await client.GetOkAsync(Webhooks)).GetProperty("items").EnumerateArray());

        var person = new JsonObject { ["role"] = "nurse", ["displayName"] = "Nora Brandt" };
        Assert.Equal(HttpStatusCode.Created, (await client.SendAsync(Request("/api/v1/invitations", "key-2", person))).StatusCode);
        await NotKeptAsync("/api/v1/invitations/", person, "key-2", HttpStatusCode.UnprocessableEntity); // another address is another request
        await NotKeptAsync("/api/v1/invitations", person, "key-2");
        Assert.Single((await client.GetOkAsync("/api/v1/invitations")).GetProperty("items").EnumerateArray());

        async Task NotKeptAsync(string path, JsonObject? body, string key = "key-1", HttpStatusCode expected = HttpStatusCode.Conflict)
        {
            var again = await client.SendAsync(Request(path, key, body));
            Assert.Equal(expected, again.StatusCode);
            if (expected is HttpStatusCode.Conflict)
                Assert.Equal("request.idempotency_answer_not_kept", (await again.JsonAsync()).GetProperty("code").GetString());
            await using var connection = await node.App.Services.GetRequiredService<IDatabase>().OpenAsync(default);
            Assert.Equal(0, await Dapper.SqlMapper.ExecuteScalarAsync<long>(connection, "SELECT count(*) FROM idempotent_answer WHERE length(answer) > 0"));
        }
    }

    [Fact]
    public async Task A_request_that_is_cut_at_its_limit_keeps_its_key_for_it_may_be_done()
    {
        var channel = new MemoryChannel();
        var ledger = new GatedLedger(channel.As("NorthMSP"));
        await using var node = await NodeHost.StartAsync(customize: services =>
        {
            services.AddSingleton<HealthShare.Node.Ledger.ILedger>(ledger);
            services.AddSingleton(provider => new IdempotentAnswers(provider.GetRequiredService<IDatabase>(), provider.GetRequiredService<HealthShare.Node.Keys.NodeKeys>(), TimeProvider.System)
            {
                Patience = TimeSpan.FromSeconds(1),
            });
        });
        await channel.InitAsync(("NorthMSP", node), ("SouthMSP", node));
        using var registrar = node.Client(Role.Registrar);
        ledger.BeforeSubmit = static (_, ct) => Task.Delay(Timeout.Infinite, ct);
        var body = new JsonObject { ["number"] = "4711" };
        var cut = await registrar.SendAsync(Request("/api/v1/patients", "key-1", body));
        var problem = await cut.JsonAsync();
        Assert.Equal((HttpStatusCode.ServiceUnavailable, true), (cut.StatusCode, problem.GetProperty("mayHaveCommitted").GetBoolean()));
        ledger.BeforeSubmit = null;
        var sent = ledger.CountOf(LedgerTransactions.EnrollPatient);
        var again = await registrar.SendAsync(Request("/api/v1/patients", "key-1", body));
        Assert.Equal((HttpStatusCode.Conflict, "request.idempotency_key_running"), (again.StatusCode, (await again.JsonAsync()).GetProperty("code").GetString()));
        Assert.Equal(sent, ledger.CountOf(LedgerTransactions.EnrollPatient));
    }

    [Fact]
    public async Task What_was_made_before_the_node_died_is_not_made_again_under_its_key()
    {
        await using var node = await NodeHost.StartAsync(new Dictionary<string, string?> { ["HealthShare:SignIn:Origin"] = SignInScene.Origin });
        using var client = node.Client(Role.ItAdministrator);
        var person = new JsonObject { ["role"] = "nurse", ["displayName"] = "Nora Brandt" };
        foreach (var (path, body) in new[] { (Webhooks, Body("one")), ("/api/v1/invitations", person) })
        {
            Assert.Equal(HttpStatusCode.Created, (await client.SendAsync(Request(path, "key-1", body))).StatusCode);
            await DieAsync(node);
            for (var attempt = 0; attempt < 2; attempt++)
            {
                var again = await client.SendAsync(Request(path, "key-1", body));
                Assert.Equal((HttpStatusCode.Conflict, "request.idempotency_answer_not_kept"), (again.StatusCode, (await again.JsonAsync()).GetProperty("code").GetString()));
            }
            var one = Assert.Single((await client.GetOkAsync(path)).GetProperty("items").EnumerateArray());
            // Also where somebody took it away meanwhile, and with another request all is made anew.
            Assert.Equal(HttpStatusCode.NoContent, (await client.DeleteAsync($"{path}/{one.GetProperty("id").GetString()}")).StatusCode);
            Assert.Equal(HttpStatusCode.Created, (await client.SendAsync(Request(path, "key-2", body))).StatusCode);
            Assert.Single((await client.GetOkAsync(path)).GetProperty("items").EnumerateArray());
            await using var connection = await node.App.Services.GetRequiredService<IDatabase>().OpenAsync(default);
            await Dapper.SqlMapper.ExecuteAsync(connection, "DELETE FROM idempotent_answer");
        }
    }

    [Fact]
    public async Task What_a_hospital_vouched_for_before_its_node_died_keeps_its_id_though_the_channel_is_away_in_between()
    {
        await using var scene = await AccessScene.StartAsync();
        using var registrar = scene.Client(AccessScene.North, Role.Registrar);
        using var lost = HealthShare.Sandbox.Authenticator.SoftwareAuthenticator.Create("north.example", "https://north.example");
        var signers = $"/api/v1/patients/{scene.PatientId}/attested-signers";
        var body = new JsonObject { ["kind"] = "credential", ["credentials"] = new JsonArray(lost.Credential()) };
        Assert.Equal(HttpStatusCode.Created, (await registrar.SendAsync(Request(signers, "key-1", body))).StatusCode);
        await DieAsync(scene.Node(AccessScene.North));
        scene.Ledger(AccessScene.North).Closed[LedgerTransactions.AttestSigner] = true;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await registrar.SendAsync(Request(signers, "key-1", body))).StatusCode);
        scene.Ledger(AccessScene.North).Closed.Clear();
        Assert.Equal(HttpStatusCode.Created, (await registrar.SendAsync(Request(signers, "key-1", body))).StatusCode);
        Assert.Single((await registrar.GetOkAsync(signers)).GetProperty("signers").EnumerateArray());
    }

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task A_seed_stays_with_its_key_until_the_key_is_forgotten_or_what_came_with_it_was_refused(DatabaseProvider provider)
    {
        await using var node = await KeyedNode.StartAsync(provider);
        var answers = new IdempotentAnswers(node.Database, node.Keys, node.Clock);
        var refused = await answers.TakeAsync("it", "key", [1], null, default);
        await answers.LetGoAsync("it", "key", refused.Holder!, default);
        var died = await answers.TakeAsync("it", "key", [1], null, default);
        Assert.NotEqual(refused.Seed, died.Seed);
        node.Clock.Now += IdempotentAnswers.Abandoned + TimeSpan.FromSeconds(1);
        var failed = await answers.TakeAsync("it", "key", [1], null, default);
        Assert.Equal((KeyStanding.Taken, died.Seed), (failed.Standing, failed.Seed));
        await answers.LetGoAsync("it", "key", failed.Holder!, default);
        var again = await answers.TakeAsync("it", "key", [1], null, default); // at once, and by the same seed
        Assert.Equal((KeyStanding.Taken, died.Seed), (again.Standing, again.Seed));
        node.Clock.Now += TimeSpan.FromHours(25);
        Assert.NotEqual(died.Seed, (await answers.TakeAsync("it", "key", [1], null, default)).Seed);
    }

    [Fact]
    public async Task A_key_is_one_callers_own_and_one_requests()
    {
        await using var node = await NodeHost.StartAsync(new Dictionary<string, string?>
        {
            ["HealthShare:Auth:Callers:20:Name"] = "second", ["HealthShare:Auth:Callers:20:Role"] = "ItAdministrator",
            ["HealthShare:Auth:Callers:20:TokenSha256"] = Convert.ToHexString(System.Security.Cryptography.SHA256.HashData("second"u8)),
        });
        using var client = node.Client(Role.ItAdministrator);
        using var second = node.Client();
        second.DefaultRequestHeaders.Authorization = new("Bearer", "second");
        Assert.Equal(HttpStatusCode.Created, (await PostAsync(client, "key-1", Body("one"))).StatusCode);
        var other = await PostAsync(client, "key-1", Body("two"));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "request.idempotency_key_reused"), (other.StatusCode, (await other.JsonAsync()).GetProperty("code").GetString()));
        var elsewhere = await client.SendAsync(Request($"{Webhooks}/wh-1/test", "key-1", null));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, elsewhere.StatusCode);
        Assert.False((await PostAsync(second, "key-1", Body("one"))).Headers.Contains("Idempotency-Replayed"));
        Assert.Equal(2, (await client.GetOkAsync(Webhooks)).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task People_who_use_one_program_have_keys_of_their_own()
    {
        await using var node = await NodeHost.StartAsync();
        var answers = node.App.Services.GetRequiredService<IdempotentAnswers>();
        Caller[] callers =
        [
            new("client app", Role.Patient, null, "pt-a"), new("client app", Role.Patient, null, "pt-b"), new("client app", Role.Delegate, null, "pt-a", "dg-a"),
            new("client app", Role.Nurse, "sf-a", null), new("client app", Role.Nurse, "sf-b", null), new("client app", Role.Physician, "sf-a", null),
            new("client app", Role.Nurse, "sf-a", null) { Only = [] }, new("client app", Role.Nurse, "sf-a", null) { Only = new[] { Permission.SeePatients }.ToFrozenSet() },
            new("client ap", Role.Nurse, "psf-a", null),
        ];
        Assert.Equal(callers.Length, callers.Select(answers.SpaceOf).Distinct().Count());
        Assert.Equal(answers.SpaceOf(callers[7]), answers.SpaceOf(callers[7] with { Only = new[] { Permission.SeePatients }.ToFrozenSet() }));
        Assert.All(callers, caller => Assert.DoesNotContain("app", answers.SpaceOf(caller), StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_refused_may_come_again_under_its_key_and_a_key_that_is_none_is_refused()
    {
        await using var node = await NodeHost.StartAsync();
        using var client = node.Client(Role.ItAdministrator);
        var wrong = new JsonObject { ["url"] = "http://elsewhere.example", ["topics"] = new JsonArray("intake") };
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(client, "key-1", wrong)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(client, "key-1", wrong)).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await PostAsync(client, "key-1", Body("one"))).StatusCode);
        foreach (var key in (string[])["a b", new string('x', 201)])
        {
            using var request = Request(Webhooks, null, Body("two"));
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
            Assert.Equal(HttpStatusCode.BadRequest, (await client.SendAsync(request)).StatusCode);
        }
        Assert.StartsWith("HTTP/1.1 400 ", await PostWithTwoKeysAsync(client, Body("two").ToJsonString()), StringComparison.Ordinal); // which would count nobody knows
        Assert.Single((await client.GetOkAsync(Webhooks)).GetProperty("items").EnumerateArray());
        using var physician = node.Client(Role.Physician);
        Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(physician, "key-1", Body("one"))).StatusCode);
    }

    [Fact]
    public async Task Posts_that_come_at_the_same_time_have_one_effect()
    {
        await using var node = await NodeHost.StartAsync();
        using var client = node.Client(Role.ItAdministrator);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PostAsync(client, "key-1", Body("one"))));
        Assert.All(answers, answer => Assert.True(answer.StatusCode is HttpStatusCode.Created or HttpStatusCode.Conflict, $"{answer.StatusCode}"));
        Assert.Contains(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        Assert.Single((await client.GetOkAsync(Webhooks)).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task An_answer_that_took_a_fresh_use_of_the_passkey_takes_one_again()
    {
        await using var scene = await SignInScene.StartAsync();
        var (browser, _) = await scene.SignedInAsync("itAdministrator");
        using var client = scene.Node.Client();
        client.DefaultRequestHeaders.Add("Cookie", $"__Host-healthshare={browser.Cookies["__Host-healthshare"]}");
        client.DefaultRequestHeaders.Add("Origin", SignInScene.Origin);
        var (nurse, _) = await scene.SignedInAsync("nurse");
        var staffId = (await nurse.GetOkAsync("session")).GetProperty("staffId").GetString();
        var id = (await browser.GetOkAsync("staff")).GetProperty("items").EnumerateArray()
            .Single(one => one.GetProperty("staffId").GetString() == staffId).GetProperty("id").GetString();
        Assert.Equal(HttpStatusCode.OK, (await client.SendAsync(Request($"/api/v1/staff/{id}/disabling", "key-1", []))).StatusCode);
        scene.Clock.Forward(TimeSpan.FromMinutes(6));
        var again = await client.SendAsync(Request($"/api/v1/staff/{id}/disabling", "key-1", []));
        Assert.Equal((HttpStatusCode.Forbidden, "session.step_up_required"), (again.StatusCode, (await again.JsonAsync()).GetProperty("code").GetString()));
    }

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task What_a_process_left_unfinished_is_begun_anew_after_a_while_and_what_it_finished_is_not(DatabaseProvider provider)
    {
        await using var node = await KeyedNode.StartAsync(provider);
        IdempotentAnswers Answers() => new(node.Database, node.Keys, node.Clock);
        var before = Answers();
        Assert.Equal(KeyStanding.Taken, (await before.TakeAsync("it", "left", [1], null, default)).Standing);
        Assert.Equal(KeyStanding.Running, (await before.TakeAsync("it", "left", [1], null, default)).Standing);
        var done = await before.TakeAsync("it", "done", [1], null, default);
        await before.KeepAsync("it", "done", done.Holder!, new IdempotentAnswer(201, "application/json", "/x", [7]), default);
        await node.RestartAsync();
        var after = Answers();
        Assert.Equal(KeyStanding.OtherRequest, (await after.TakeAsync("it", "left", [2], null, default)).Standing);
        // Another process on the same database may be serving it.
        Assert.Equal(KeyStanding.Running, (await after.TakeAsync("it", "left", [1], null, default)).Standing);
        node.Clock.Now += IdempotentAnswers.Abandoned + TimeSpan.FromSeconds(1);
        Assert.Equal(KeyStanding.Taken, (await after.TakeAsync("it", "left", [1], null, default)).Standing);
        Assert.Equal(KeyStanding.Running, (await after.TakeAsync("it", "left", [1], null, default)).Standing);
        var (standing, answer, _, _) = await after.TakeAsync("it", "done", [1], null, default);
        Assert.Equal((KeyStanding.Answered, 201, "/x"), (standing, answer!.Status, answer.Location));
        Assert.Equal([7], answer.Body);
        node.Clock.Now += TimeSpan.FromHours(25);
        Assert.Equal(KeyStanding.Taken, (await after.TakeAsync("it", "done", [1], null, default)).Standing);
    }

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task Who_was_given_up_neither_frees_nor_answers_the_key_of_who_took_it_over(DatabaseProvider provider)
    {
        await using var node = await KeyedNode.StartAsync(provider);
        var answers = new IdempotentAnswers(node.Database, node.Keys, node.Clock);
        var first = await answers.TakeAsync("it", "key", [1], null, default);
        node.Clock.Now += TimeSpan.FromMinutes(6);
        var second = await answers.TakeAsync("it", "key", [1], null, default);
        Assert.Equal((KeyStanding.Taken, KeyStanding.Taken), (first.Standing, second.Standing));
        await answers.LetGoAsync("it", "key", first.Holder!, default);
        Assert.Equal(KeyStanding.Running, (await answers.TakeAsync("it", "key", [1], null, default)).Standing);
        await answers.KeepAsync("it", "key", first.Holder!, new IdempotentAnswer(200, null, null, [1]), default);
        Assert.Equal(KeyStanding.Running, (await answers.TakeAsync("it", "key", [1], null, default)).Standing);
        await answers.KeepAsync("it", "key", second.Holder!, new IdempotentAnswer(200, null, null, [2]), default);
        await answers.LetGoAsync("it", "key", second.Holder!, default);
        Assert.Equal([2], (await answers.TakeAsync("it", "key", [1], null, default)).Answer!.Body);
    }

    [Fact]
    public async Task Every_post_of_a_caller_takes_a_key_or_tells_repetitions_by_its_own_means()
    {
        await using var node = await NodeHost.StartAsync();
        var without = node.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/api/", StringComparison.Ordinal)
                && endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Contains("POST")
                && !IdempotencyKeys.Covers("POST", endpoint.RoutePattern.RawText!))
            .Select(endpoint => endpoint.RoutePattern.RawText!.TrimEnd('/')).Order();
        Assert.Equal(
        [
            "/api/v1/access-requests", "/api/v1/content/check", "/api/v1/enrolments", "/api/v1/enrolments/options", "/api/v1/messages", "/api/v1/messages/batch",
            "/api/v1/patients/look-up", "/api/v1/patients/{patientId}/consents/preview", "/api/v1/patients/{patientId}/handles",
            "/api/v1/receipts/signatures", "/api/v1/session", "/api/v1/session/options", "/api/v1/session/step-up", "/api/v1/session/step-up/options",
        ], without.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task Kept_answers_go_after_a_day_though_nobody_posts_and_with_the_patients_erasure(DatabaseProvider provider)
    {
        await using var node = await KeyedNode.StartAsync(provider);
        var answers = new IdempotentAnswers(node.Database, node.Keys, node.Clock);
        foreach (var (key, patient) in new[] { ("erased", NodeHost.PatientId), ("other", Other), ("nobodys", null) })
        {
            var taken = await answers.TakeAsync("it", key, [1], patient, default);
            await answers.KeepAsync("it", key, taken.Holder!, new IdempotentAnswer(201, null, null, [7]), default);
        }
        await answers.TakeAsync("it", "running", [1], NodeHost.PatientId, default);
        await node.Database.WriteAsync(transaction => answers.ApplyAsync(Block(Entry(NodeHost.PatientId) with { ErasedAt = node.Clock.Now, ErasedBy = "st-1" },
            Entry(Other)), transaction, default), default);
        Assert.Equal(["nobodys", "other"], await KeysAsync());
        Assert.Equal(KeyStanding.Taken, (await answers.TakeAsync("it", "erased", [1], NodeHost.PatientId, default)).Standing);
        Assert.Equal(KeyStanding.Answered, (await answers.TakeAsync("it", "other", [1], Other, default)).Standing);

        node.Clock.Now += TimeSpan.FromHours(25);
        await new PruningWorker([new Failing(), answers], node.Clock, NullLogger<PruningWorker>.Instance).RunOnceAsync(default);
        Assert.Empty(await KeysAsync());

        async Task<IEnumerable<string>> KeysAsync()
        {
            await using var connection = await node.Database.OpenAsync(default);
            return await Dapper.SqlMapper.QueryAsync<string>(connection, "SELECT key FROM idempotent_answer ORDER BY key");
        }
    }

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task A_caller_has_so_many_keys_and_an_answer_so_many_bytes(DatabaseProvider provider)
    {
        await using var node = await KeyedNode.StartAsync(provider);
        var answers = new IdempotentAnswers(node.Database, node.Keys, node.Clock);
        foreach (var (key, size) in new[] { ("fits", IdempotentAnswers.MostBytes), ("large", IdempotentAnswers.MostBytes + 1) })
        {
            var taken = await answers.TakeAsync("it", key, [1], null, default);
            await answers.KeepAsync("it", key, taken.Holder!, new IdempotentAnswer(200, null, null, new byte[size]), default);
        }
        await node.Database.WriteAsync(transaction => Dapper.SqlMapper.ExecuteAsync(transaction.Connection!, """
            WITH RECURSIVE n (i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < @most)
            INSERT INTO idempotent_answer (caller, key, request, run, created_at) SELECT 'it', 'key-' || i, @request, 'x', @now FROM n
            """, new { most = IdempotentAnswers.MostKeys, request = new byte[] { 1 }, now = node.Clock.Now.ToUnixTimeMilliseconds() }, transaction), default);
        Assert.Equal(KeyStanding.TooMany, (await answers.TakeAsync("it", "one-more", [1], null, default)).Standing);
        Assert.Equal(KeyStanding.Taken, (await answers.TakeAsync("other", "one-more", [1], null, default)).Standing);
        Assert.Equal(IdempotentAnswers.MostBytes, (await answers.TakeAsync("it", "fits", [1], null, default)).Answer!.Body.Length);
        Assert.Equal(KeyStanding.NotKept, (await answers.TakeAsync("it", "large", [1], null, default)).Standing);
        node.Clock.Now += TimeSpan.FromHours(25); // also before the old ones are gone
        Assert.Equal(KeyStanding.Taken, (await answers.TakeAsync("it", "one-more", [1], null, default)).Standing);
    }

    private const string Other = "pt-bbbbbbbbbbbbbbbbbbbbbbbbbb";

    private static PatientEntry Entry(string patientId) => new(patientId, "NorthMSP", DateTimeOffset.UnixEpoch);

    private static BlockChanges Block(params PatientEntry[] patients) => new(1, DateTimeOffset.UnixEpoch,
    [
        .. patients.Select(patient => new StateWrite(LedgerKey.Patient(patient.PatientId), LedgerKind.Patient, [patient.PatientId],
            System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(patient, LedgerJson.Default.PatientEntry), "tx", "NorthMSP")),
    ]);

    private sealed class Failing : IPruned
    {
        public string Name => "what cannot be reached";

        public Task<int> PruneAsync(CancellationToken ct) => throw new Microsoft.Data.Sqlite.SqliteException("away", 5);
    }

    // As if the node had stopped between what it did and the answer that it keeps, some minutes ago.
    private static async Task DieAsync(NodeHost node)
    {
        await using var connection = await node.App.Services.GetRequiredService<IDatabase>().OpenAsync(default);
        Assert.Equal(1, await Dapper.SqlMapper.ExecuteAsync(connection, "UPDATE idempotent_answer SET answer = NULL, created_at = @at",
            new { at = (TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(10)).ToUnixTimeMilliseconds() }));
    }

    private static async Task<byte[]> AnswerAsync(NodeHost node)
    {
        await using var connection = await node.App.Services.GetRequiredService<IDatabase>().OpenAsync(default);
        return (await Dapper.SqlMapper.ExecuteScalarAsync<byte[]>(connection, "SELECT answer FROM idempotent_answer"))!;
    }

    private static JsonObject Body(string description) =>
        new() { ["url"] = "https://system.north.example/hook", ["topics"] = new JsonArray("intake"), ["description"] = description };

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, string key, JsonObject body) => client.SendAsync(Request(Webhooks, key, body));

    // The client would join them in one header.
    private static async Task<string?> PostWithTwoKeysAsync(HttpClient client, string body)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, client.BaseAddress!.Port);
        await using var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Join("\r\n",
            $"POST {Webhooks} HTTP/1.1", $"Host: {client.BaseAddress.Authority}", $"Authorization: {client.DefaultRequestHeaders.Authorization}",
            "Idempotency-Key: key-2", "Idempotency-Key: key-3", "Content-Type: application/json", $"Content-Length: {body.Length}", "Connection: close", "", body)));
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return await reader.ReadLineAsync();
    }

    private static HttpRequestMessage Request(string path, string? key, JsonObject? body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body is null ? null : JsonContent.Create(body) };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return request;
    }
}
