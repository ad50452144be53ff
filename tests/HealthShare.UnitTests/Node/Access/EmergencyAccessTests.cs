using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.Node.Auth;
using HealthShare.Node.Database;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Access;

/// <summary>South breaks the glass for a patient who granted it nothing.</summary>
public sealed class EmergencyAccessTests : IAsyncLifetime
{
    private const string PhysicianId = "staff-0", Path = EmergencyCalls.Path;
    private AccessScene scene = null!;
    private EmergencyCalls crew = null!;

    private string Notifications => $"/api/v1/patients/{scene.PatientId}/notifications";

    [Fact]
    public async Task A_declared_emergency_reads_at_once_is_told_to_the_patient_and_waits_for_a_review()
    {
        await scene.GrantAsync(new GrantBody(Effect.Deny, [new Provision()], new Period(DateTimeOffset.UtcNow.AddDays(-1))));
        var session = await DeclareAsync();
        var id = session.GetProperty("id").GetString()!;
        var access = session.GetProperty("access");
        Assert.Equal(3, access.GetProperty("records").GetArrayLength());
        Assert.Equal(AccessScene.TextOf(scene.Hiv), await scene.ReadAsync(AccessScene.South, access.GetProperty("id").GetString()!, scene.Hiv));

        await scene.CaughtUpAsync();
        using var patient = scene.Client(AccessScene.North, Role.Patient);
        var told = (await patient.GetOkAsync(Notifications)).GetProperty("items").EnumerateArray().Single(item => item.GetProperty("kind").GetString() == "emergency");
        Assert.Equal((id, AccessScene.South, "cannotConsent"), (told.GetProperty("subject").GetString(), told.GetProperty("member").GetString(), told.GetProperty("code").GetString()));
        var log = (await patient.GetOkAsync($"/api/v1/patients/{scene.PatientId}/access-log")).GetProperty("items").EnumerateArray().ToList();
        Assert.Contains(log, item => item.GetProperty("kind").GetString() == "emergency" && item.GetProperty("accessId").GetString() == id);
        var request = log.Single(item => item.GetProperty("kind").GetString() == "request");
        Assert.Equal(id, request.GetProperty("emergencyId").GetString());
        Assert.All(request.GetProperty("decisions").EnumerateArray(), decision => Assert.Equal("permit.emergency", decision.GetProperty("reason").GetString()));

        using var north = scene.Client(AccessScene.North, Role.PrivacyOfficer);
        using var south = scene.Client(AccessScene.South, Role.PrivacyOfficer);
        Assert.Equal(id, (await north.GetOkAsync(Path)).GetProperty("emergencies")[0].GetProperty("id").GetString());
        Assert.False((await north.GetOkAsync($"{Path}/{id}")).TryGetProperty("reason", out _)); // the words stay at South
        Assert.Equal(EmergencyCalls.Reason, (await south.GetOkAsync($"{Path}/{id}")).GetProperty("reason").GetString());
        Assert.False((await north.GetOkAsync($"{Path}/{id}")).TryGetProperty("salt", out _));

        var outcome = new JsonObject { ["outcome"] = "notJustified" };
        Assert.Equal("emergency.own_review", await south.RefusedAsync($"{Path}/{id}/review", outcome, HttpStatusCode.UnprocessableEntity));
        var reviewed = await north.PostAsync($"{Path}/{id}/review", outcome, HttpStatusCode.OK);
        Assert.Equal(("notJustified", AccessScene.North), (reviewed.GetProperty("review").GetProperty("outcome").GetString(), reviewed.GetProperty("review").GetProperty("reviewer").GetString()));
        Assert.Equal("emergency.already_reviewed",
            await north.RefusedAsync($"{Path}/{id}/review", new JsonObject { ["outcome"] = "justified" }, HttpStatusCode.UnprocessableEntity));
        await scene.CaughtUpAsync();
        Assert.Empty((await north.GetOkAsync(Path)).GetProperty("emergencies").EnumerateArray());
        Assert.Contains((await patient.GetOkAsync(Notifications)).GetProperty("items").EnumerateArray(),
            item => item.GetProperty("kind").GetString() == "emergencyReview" && item.GetProperty("code").GetString() == "notJustified");
        Assert.Contains((await patient.GetOkAsync($"/api/v1/patients/{scene.PatientId}/access-log")).GetProperty("items").EnumerateArray(),
            item => item.GetProperty("kind").GetString() == "emergencyReview");
    }

    [Fact]
    public async Task What_the_patient_says_never_to_stays_closed_and_looks_as_if_it_were_not_there()
    {
        await scene.GrantAsync(new GrantBody(
            Effect.Deny, [new Provision { Records = [scene.Hiv] }], new Period(DateTimeOffset.UtcNow.AddDays(-1)), EmergencyNever: true));
        var access = (await DeclareAsync()).GetProperty("access");
        Assert.DoesNotContain(scene.Hiv, access.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(2, access.GetProperty("records").GetArrayLength());
        using var physician = scene.Client(AccessScene.South, Role.Physician);
        var path = $"{AccessScene.Requests}/{access.GetProperty("id").GetString()}/records/";
        Assert.Equal(await AccessScene.ProblemAsync(physician, path + LedgerId.New(IdKind.Record)), await AccessScene.ProblemAsync(physician, path + scene.Hiv));
    }

    [Fact]
    public async Task The_same_declaration_again_is_the_same_session_and_the_same_request()
    {
        var body = crew.Body();
        using var physician = scene.Client(AccessScene.South, Role.Physician);
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => physician.PostAsync(Path, body.DeepClone(), HttpStatusCode.Created)));
        Assert.Single(answers.Select(answer => answer.GetProperty("id").GetString()).Distinct());
        Assert.Single(answers.Select(answer => answer.GetProperty("access").GetProperty("id").GetString()).Distinct());
        Assert.Equal(1, await scene.ScalarAsync<long>(AccessScene.South, "SELECT count(*) FROM emergency"));
        Assert.Equal(0, await scene.ScalarAsync<long>(AccessScene.South, $"SELECT count(*) FROM emergency_words WHERE words LIKE '%{EmergencyCalls.Reason}%'"));
    }

    [Fact]
    public async Task What_is_wrong_with_a_declaration_has_its_code_and_opens_nothing()
    {
        using var physician = scene.Client(AccessScene.South, Role.Physician);
        var statement = crew.Statement();
        foreach (var (code, body) in ((string, JsonObject)[])
        [
            ("emergency.same_person", crew.Body(second: crew.Physician)),
            ("staff_key.unknown", crew.Body(second: scene.Passkey)),
            ("assertion.challenge", crew.Body(kind: HealthShare.Policy.WebAuthn.SignedKind.Statement)),
            ("statement.too_old", crew.Body(statement with { Issued = statement.Issued.AddMinutes(-11) })),
            ("emergency.period_invalid", crew.Body(statement with { NotAfter = statement.Issued.AddHours(13) })),
            ("emergency.wrong_member", crew.Body(statement with { Member = AccessScene.North })),
            ("emergency.wrong_role", crew.Body(statement with { Role = "nurse" })),
            ("emergency.reason_mismatch", With(crew.Body(statement), "reason", "Something else altogether.")),
            ("statement.encoding_invalid", With(crew.Body(statement), "statement", "=")),
        ])
            Assert.Equal(code, await physician.RefusedAsync(Path, body, HttpStatusCode.UnprocessableEntity));
        foreach (var reason in new[] { new string(' ', 20), "  short   \t  ", new string('.', 20), new string('\u200b', 20), new string('x', 2001) })
            Assert.Equal("request.invalid", await physician.RefusedAsync(Path, With(crew.Body(), "reason", reason), HttpStatusCode.BadRequest));
        foreach (var body in (JsonObject[])[With(crew.Body(), "reason", "short"), With(crew.Body(), "salt", "AAAA"), new JsonObject()])
            Assert.Equal("request.invalid", await physician.RefusedAsync(Path, body, HttpStatusCode.BadRequest));
        Assert.Equal("access.not_available", await physician.RefusedAsync(
            Path, crew.Body(statement with { Patient = LedgerId.New(IdKind.Patient) }), HttpStatusCode.NotFound));
        Assert.Equal("request.too_large", await physician.RefusedAsync(
            Path, With(crew.Body(), "reason", new string('x', 200_000)), HttpStatusCode.RequestEntityTooLarge));
        using var nurse = scene.Client(AccessScene.South, Role.Nurse);
        Assert.Equal("auth.forbidden", await nurse.RefusedAsync(Path, crew.Body(), HttpStatusCode.Forbidden));
        Assert.Equal(0, await scene.ScalarAsync<long>(AccessScene.South, "SELECT count(*) FROM emergency"));
        Assert.Equal(0, await WordsAsync());
    }

    [Fact]
    public async Task The_words_stay_while_nobody_knows_how_the_declaration_came_out()
    {
        using var physician = scene.Client(AccessScene.South, Role.Physician);
        var ledger = scene.Ledger(AccessScene.South);
        var body = crew.Body();
        ledger.BeforeSubmit = static (call, _) => call.Transaction == LedgerTransactions.BreakGlass
            ? throw FakeLedger.Away(LedgerStage.CommitStatus) : Task.CompletedTask;
        await physician.PostAsync(Path, body.DeepClone(), HttpStatusCode.ServiceUnavailable);
        Assert.Equal(1, await WordsAsync());
        ledger.BeforeSubmit = static (call, _) => call.Transaction == LedgerTransactions.BreakGlass
            ? throw FakeLedger.Refusal("statement.too_old") : Task.CompletedTask;
        await physician.PostAsync(Path, body.DeepClone(), HttpStatusCode.UnprocessableEntity);
        Assert.Equal(1, await WordsAsync()); // the first attempt may be on the channel
        ledger.BeforeSubmit = null;
        await physician.PostAsync(Path, body.DeepClone(), HttpStatusCode.Created);
        Assert.Equal(1, await WordsAsync());
    }

    [Fact]
    public async Task The_words_that_are_shown_open_what_the_accepted_declaration_commits_to()
    {
        using var physician = scene.Client(AccessScene.South, Role.Physician);
        var statement = crew.Statement();
        var (first, salt) = ("He was found asleep, and woke up.", RandomNumberGenerator.GetBytes(16));
        var refused = With(With(crew.Body(statement with
        {
            Issued = statement.Issued.AddMinutes(-11),
            Reason = statement.Reason with { Commitment = Base64Url.EncodeToString(SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(first)])) },
        }), "reason", first), "salt", Base64Url.EncodeToString(salt));
        Assert.Equal("statement.too_old", await physician.RefusedAsync(Path, refused, HttpStatusCode.UnprocessableEntity));
        await physician.PostAsync(Path, crew.Body(statement), HttpStatusCode.Created);
        Assert.Equal(1, await WordsAsync()); // and not those of the refused one

        using var south = scene.Client(AccessScene.South, Role.PrivacyOfficer);
        var shown = await south.GetOkAsync($"{Path}/{statement.Id}");
        Assert.Equal((EmergencyCalls.Reason, statement.Reason.Commitment), (shown.GetProperty("reason").GetString(), shown.GetProperty("commitment").GetString()));
        Assert.Equal(statement.Reason.Commitment, Base64Url.EncodeToString(SHA256.HashData(
            [.. Base64Url.DecodeFromChars(shown.GetProperty("salt").GetString()), .. Encoding.UTF8.GetBytes(shown.GetProperty("reason").GetString()!)])));
    }

    [Fact]
    public async Task Emergencies_of_others_take_no_room_of_those_that_concern_a_hospital()
    {
        var id = (await DeclareAsync()).GetProperty("id").GetString();
        await scene.CaughtUpAsync();
        var elsewhere = new byte[] { 0 }; // the key of no affiliation
        await scene.Service<IDatabase>(AccessScene.North).WriteAsync(async transaction =>
        {
            for (var i = 0; i <= 500; i++)
            {
                await transaction.Connection!.ExecuteAsync("""
                    INSERT INTO emergency (member, emergency_id, patient_id, declared_at, reviewed, affiliation)
                    VALUES ('EastMSP', @emergency, @patient, @i, 0, @elsewhere)
                    """, new { emergency = LedgerId.New(IdKind.Emergency), patient = LedgerId.New(IdKind.Patient), i, elsewhere }, transaction);
            }
            // As an earlier version noted them: they are told from one's own one by one.
            await transaction.Connection!.ExecuteAsync("UPDATE emergency SET affiliation = NULL WHERE declared_at < 3", transaction: transaction);
        }, default);
        using var north = scene.Client(AccessScene.North, Role.PrivacyOfficer);
        var page = await north.GetOkAsync(Path);
        Assert.Equal(id, Assert.Single(page.GetProperty("emergencies").EnumerateArray()).GetProperty("id").GetString());
        Assert.False(page.TryGetProperty("next", out _));

        var (found, next) = (new List<string?>(), "");
        for (var i = 0; i < 4; i++)
        {
            page = await north.GetOkAsync($"{Path}?limit=1{next}");
            found.AddRange(page.GetProperty("emergencies").EnumerateArray().Select(emergency => emergency.GetProperty("id").GetString()));
            next = page.TryGetProperty("next", out var cursor) ? $"&cursor={cursor.GetString()}" : "";
        }
        Assert.Equal((id, ""), (Assert.Single(found), next));
        foreach (var wrong in (string[])["limit=0", "limit=501", "cursor=AAAA", "cursor=%3D"])
        {
            using var refused = await north.GetAsync($"{Path}?{wrong}");
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        }
    }

    [Fact]
    public async Task An_emergency_of_another_patient_or_none_permits_nothing()
    {
        var id = (await DeclareAsync()).GetProperty("id").GetString();
        using var physician = scene.Client(AccessScene.South, Role.Physician);
        var asked = scene.Records(scene.Glucose);
        (asked["purpose"], asked["emergencyId"]) = ("ETREAT", id);
        Assert.Single((await physician.PostAsync(AccessScene.Requests, asked.DeepClone(), HttpStatusCode.Created)).GetProperty("records").EnumerateArray());
        asked["emergencyId"] = LedgerId.New(IdKind.Emergency);
        // Whether the channel is asked, or only this node, or there is nothing to ask about.
        using var north = scene.Client(AccessScene.North, Role.Physician);
        foreach (var client in new[] { physician, north })
        {
            foreach (var record in new[] { scene.Glucose, LedgerId.New(IdKind.Record) })
            {
                asked["recordIds"] = new JsonArray(record);
                var problem = await client.PostAsync(AccessScene.Requests, asked.DeepClone().AsObject(), HttpStatusCode.UnprocessableEntity);
                Assert.Equal("emergency.not_found", problem.GetProperty("code").GetString());
                Assert.StartsWith("emergencyId ", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
            }
        }
        (asked["purpose"], asked["emergencyId"]) = ("TREAT", id);
        Assert.Equal("request.invalid", await physician.RefusedAsync(AccessScene.Requests, asked.DeepClone(), HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task Categories_that_mean_nothing_here_are_refused_in_an_emergency_before_the_glass_is_broken()
    {
        using var physician = scene.Client(AccessScene.South, Role.Physician);
        var mistyped = With(crew.Body(), "categories", new JsonArray("laboratory", "labratory"));
        Assert.StartsWith("categories[1] ", await DetailAsync(Path, mistyped), StringComparison.Ordinal);
        Assert.Equal(0, await scene.ScalarAsync<long>(AccessScene.South, "SELECT count(*) FROM emergency"));

        var session = (await DeclareAsync()).GetProperty("id").GetString();
        var asked = scene.Categories("labratory");
        (asked["purpose"], asked["emergencyId"]) = ("ETREAT", session);
        Assert.StartsWith("categories[0] ", await DetailAsync(AccessScene.Requests, asked), StringComparison.Ordinal);
        // Without an emergency nothing found looks as ever.
        Assert.Empty((await scene.AskAsync(AccessScene.South, scene.Categories("labratory"))).Records);

        asked["categories"] = new JsonArray("laboratory");
        Assert.Equal(2, (await physician.PostAsync(AccessScene.Requests, asked.DeepClone().AsObject(), HttpStatusCode.Created)).GetProperty("records").GetArrayLength());
        await scene.ExecuteAsync(AccessScene.South, "DELETE FROM secret WHERE purpose = 'label-key'");
        Assert.StartsWith("categories ", await DetailAsync(AccessScene.Requests, asked), StringComparison.Ordinal);

        async Task<string?> DetailAsync(string path, JsonObject body)
        {
            var problem = await physician.PostAsync(path, body.DeepClone().AsObject(), HttpStatusCode.BadRequest);
            Assert.Equal("request.invalid", problem.GetProperty("code").GetString());
            return problem.GetProperty("detail").GetString();
        }
    }

    [Fact]
    public async Task Who_may_not_ask_in_an_emergency_hears_that_and_nothing_of_categories_or_the_patient()
    {
        await scene.ExecuteAsync(AccessScene.South, "DELETE FROM secret WHERE purpose = 'label-key'");
        using var physician = scene.Client(AccessScene.South, Role.Physician);
        using var researcher = scene.Client(AccessScene.South, Role.Researcher);
        foreach (var category in (string[])["laboratory", "labratory"])
        {
            var asked = scene.Categories(category);
            (asked["purpose"], asked["emergencyId"]) = ("ETREAT", LedgerId.New(IdKind.Emergency));
            Assert.Equal("auth.forbidden", await researcher.RefusedAsync(AccessScene.Requests, asked.DeepClone(), HttpStatusCode.Forbidden));
            Assert.Equal("emergency.not_found", await physician.RefusedAsync(AccessScene.Requests, asked.DeepClone(), HttpStatusCode.UnprocessableEntity));
            var declared = With(crew.Body(second: crew.Physician), "categories", new JsonArray(category));
            Assert.Equal("emergency.same_person", await physician.RefusedAsync(Path, declared, HttpStatusCode.UnprocessableEntity));
        }
        Assert.Equal(0, await scene.ScalarAsync<long>(AccessScene.South, "SELECT count(*) FROM access_request"));
    }

    [Fact]
    public async Task What_was_asked_in_an_emergency_is_answered_again_whatever_became_of_the_label_key()
    {
        using var physician = scene.Client(AccessScene.South, Role.Physician);
        var declared = With(crew.Body(), "categories", new JsonArray("laboratory"));
        var session = await physician.PostAsync(Path, declared.DeepClone(), HttpStatusCode.Created);
        var asked = scene.Categories("laboratory");
        (asked["purpose"], asked["emergencyId"]) = ("ETREAT", session.GetProperty("id").GetString());
        physician.DefaultRequestHeaders.Add("Idempotency-Key", "k-1");
        var first = await physician.PostAsync(AccessScene.Requests, asked.DeepClone(), HttpStatusCode.Created);

        await scene.ExecuteAsync(AccessScene.South, "DELETE FROM secret WHERE purpose = 'label-key'");
        var again = await physician.PostAsync(AccessScene.Requests, asked.DeepClone(), HttpStatusCode.Created);
        Assert.Equal(first.GetProperty("id").GetString(), again.GetProperty("id").GetString());
        physician.DefaultRequestHeaders.Remove("Idempotency-Key");
        var repeated = await physician.PostAsync(Path, declared.DeepClone(), HttpStatusCode.Created);
        Assert.Equal(session.GetProperty("access").GetProperty("id").GetString(), repeated.GetProperty("access").GetProperty("id").GetString());
        // Something else is not what was asked before, and is told so before anything is done for it.
        Assert.Equal("request.idempotency_key_reused", await physician.RefusedAsync(
            Path, With(declared.DeepClone().AsObject(), "categories", new JsonArray("imaging")), HttpStatusCode.UnprocessableEntity));
    }

    [Fact]
    public async Task A_reviewed_emergency_opens_nothing_further_of_the_hospitals_own_records_either()
    {
        await scene.GrantAsync(new GrantBody(Effect.Deny, [new Provision()], new Period(DateTimeOffset.UtcNow.AddDays(-1))));
        using var registrar = scene.Client(AccessScene.North, Role.Registrar);
        await using var own = await EmergencyCalls.RegisterAsync(registrar, AccessScene.North, scene.PatientId, PhysicianId);
        using var physician = scene.Client(AccessScene.North, Role.Physician);
        var session = await own.DeclareAsync(physician);
        var access = session.GetProperty("access").GetProperty("id").GetString()!;
        var asked = scene.Records(scene.Glucose);
        (asked["purpose"], asked["emergencyId"]) = ("ETREAT", session.GetProperty("id").GetString());
        Assert.Single((await physician.PostAsync(AccessScene.Requests, asked.DeepClone(), HttpStatusCode.Created)).GetProperty("records").EnumerateArray());

        await scene.CaughtUpAsync();
        using var reviewer = scene.Client(AccessScene.South, Role.PrivacyOfficer);
        await reviewer.PostAsync($"{Path}/{session.GetProperty("id").GetString()}/review", new JsonObject { ["outcome"] = "notJustified" }, HttpStatusCode.OK);
        await scene.CaughtUpAsync();
        Assert.Equal("emergency.reviewed", await physician.RefusedAsync(AccessScene.Requests, asked.DeepClone(), HttpStatusCode.UnprocessableEntity));
        Assert.Equal(AccessScene.TextOf(scene.Glucose), await scene.ReadAsync(AccessScene.North, access, scene.Glucose)); // permitted before
    }

    [Fact]
    public async Task A_revoked_staff_key_closes_what_was_open()
    {
        var access = (await DeclareAsync()).GetProperty("access").GetProperty("id").GetString()!;
        await scene.ReadAsync(AccessScene.South, access, scene.Glucose);
        using var it = scene.Client(AccessScene.South, Role.ItAdministrator);
        await it.PostAsync($"{EmergencyCalls.Keys}/{crew.Nurse.CredentialId}/revocation", new JsonObject(), HttpStatusCode.OK);
        using var physician = scene.Client(AccessScene.South, Role.Physician);
        await AccessScene.ProblemAsync(physician, $"{AccessScene.Requests}/{access}/records/{scene.Glucose}");
        Assert.Equal(0, await scene.ScalarAsync<long>(AccessScene.South, "SELECT count(*) FROM secret WHERE purpose = 'received-key'"));
        Assert.Equal("staff_key.revoked", await physician.RefusedAsync(Path, crew.Body(), HttpStatusCode.UnprocessableEntity));
        Assert.Equal(1, (await it.GetOkAsync(EmergencyCalls.Keys)).GetProperty("keys").EnumerateArray().Count(key => key.TryGetProperty("revokedAt", out _)));
        await it.PostAsync($"{EmergencyCalls.Keys}/AAAA/revocation", new JsonObject(), HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Patients_see_their_own_notifications_only()
    {
        using var patient = scene.Client(AccessScene.North, Role.Patient);
        var page = await patient.GetOkAsync($"{Notifications}?limit=1");
        Assert.Equal(1, page.GetProperty("items").GetArrayLength());
        Assert.True(page.GetProperty("total").GetInt32() > 1);
        using var refused = await patient.GetAsync($"{Notifications}?limit=0");
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        await AccessScene.ProblemAsync(patient, $"/api/v1/patients/{LedgerId.New(IdKind.Patient)}/notifications");
        using var physician = scene.Client(AccessScene.North, Role.Physician);
        using var forbidden = await physician.GetAsync(Notifications);
        Assert.Equal(HttpStatusCode.Forbidden, forbidden.StatusCode);
    }

    public async Task InitializeAsync()
    {
        scene = await AccessScene.StartAsync();
        await scene.RestartAsync(AccessScene.North); // the patient's sign-in is known from the settings
        using var registrar = scene.Client(AccessScene.South, Role.Registrar);
        crew = await EmergencyCalls.RegisterAsync(registrar, AccessScene.South, scene.PatientId, PhysicianId);
    }

    public async Task DisposeAsync()
    {
        await crew.DisposeAsync();
        await scene.DisposeAsync();
    }

    private async Task<JsonElement> DeclareAsync()
    {
        using var physician = scene.Client(AccessScene.South, Role.Physician);
        return await crew.DeclareAsync(physician);
    }

    private static JsonObject With(JsonObject body, string name, JsonNode value)
    {
        body[name] = value;
        return body;
    }

    private Task<long> WordsAsync() => scene.ScalarAsync<long>(AccessScene.South, "SELECT count(*) FROM emergency_words");
}
