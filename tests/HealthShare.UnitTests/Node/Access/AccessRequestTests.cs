using System.Net;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Access;

/// <summary>Asking and reading: who may, what it looks like when nobody may, and what happens when things go wrong.</summary>
public sealed class AccessRequestTests : IAsyncLifetime
{
    private AccessScene scene = null!;

    [Fact]
    public async Task Denied_absent_foreign_and_unknown_all_look_the_same()
    {
        await scene.GrantAsync();
        var (id, _) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose, scene.Hiv));
        using var physician = scene.Client(AccessScene.South, Role.Physician);
        using var nurse = scene.Client(AccessScene.South, Role.Nurse);
        var denied = await AccessScene.ProblemAsync(physician, $"{AccessScene.Requests}/{id}/records/{scene.Hiv}");
        Assert.Contains("access.not_available", denied, StringComparison.Ordinal);
        foreach (var (client, path) in new[]
        {
            (physician, $"{id}/records/{LedgerId.New(IdKind.Record)}"), (physician, $"{id}/records/{scene.Image}"), (physician, $"{id}/records/x"),
            (physician, $"{LedgerId.New(IdKind.Access)}/records/{scene.Glucose}"), (nurse, $"{id}/records/{scene.Glucose}"), (nurse, id),
            (physician, LedgerId.New(IdKind.Access)),
        })
            Assert.Equal(denied, await AccessScene.ProblemAsync(client, $"{AccessScene.Requests}/{path}"));
    }

    [Fact]
    public async Task Unknown_patients_records_and_categories_are_answered_like_denied_ones()
    {
        var nobody = scene.Records(LedgerId.New(IdKind.Record));
        nobody["patientId"] = LedgerId.New(IdKind.Patient);
        foreach (var body in new[] { nobody, scene.Records(LedgerId.New(IdKind.Record)), scene.Categories("no such"), scene.Records(scene.Glucose) })
            Assert.Empty((await scene.AskAsync(AccessScene.South, body)).Records);
    }

    [Fact]
    public async Task Without_the_patients_label_key_a_request_by_category_finds_nothing_and_says_that_it_is_not_all()
    {
        await scene.GrantAsync();
        await scene.ExecuteAsync(AccessScene.South, "DELETE FROM secret WHERE purpose = 'label-key'");
        using var physician = scene.Client(AccessScene.South, Role.Physician);
        var stranger = scene.Categories("laboratory");
        stranger["patientId"] = LedgerId.New(IdKind.Patient);
        foreach (var body in new[] { scene.Categories("laboratory"), stranger }) // alike, whether there is such a patient or not
        {
            var answer = await physician.PostAsync(AccessScene.Requests, body, HttpStatusCode.Created);
            Assert.Equal((true, 0), (answer.GetProperty("partial").GetBoolean(), answer.GetProperty("records").GetArrayLength()));
        }
        Assert.Equal([scene.Glucose], (await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose))).Records);
    }

    [Fact]
    public async Task A_hospitals_staff_read_its_own_records_for_treatment_and_each_reading_is_written_down()
    {
        var (id, records) = await scene.AskAsync(AccessScene.North, scene.Categories("laboratory"), Role.Physician);
        Assert.Equal(new[] { scene.Glucose, scene.Hiv }.Order(), records.Order());
        Assert.Equal(AccessScene.TextOf(scene.Hiv), await scene.ReadAsync(AccessScene.North, id, scene.Hiv));
        Assert.Equal(0, scene.Ledger(AccessScene.North).CountOf(LedgerTransactions.RequestAccess));
        Assert.Equal(1, await scene.ScalarAsync<long>(AccessScene.North, $"SELECT count(*) FROM access_event WHERE kind = 'read' AND record_id = '{scene.Hiv}'"));
        Assert.Equal(1, await scene.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM access_event WHERE kind = 'local'"));

        var research = scene.Categories("laboratory");
        research["purpose"] = "HRESCH";
        Assert.Empty((await scene.AskAsync(AccessScene.North, research)).Records);
    }

    [Fact]
    public async Task What_was_asked_for_in_one_role_is_not_there_for_the_same_person_in_another()
    {
        await using var other = await AccessScene.StartAsync(settings: new Dictionary<string, string?>
        {
            [$"HealthShare:Auth:Callers:{(int)Role.Nurse}:StaffId"] = $"staff-{(int)Role.Physician}",
        });
        await other.GrantAsync();
        var (id, records) = await other.AskAsync(AccessScene.South, other.Records(other.Glucose));
        Assert.Single(records);
        Assert.Equal(AccessScene.TextOf(other.Glucose), await other.ReadAsync(AccessScene.South, id, other.Glucose));
        using var nurse = other.Client(AccessScene.South, Role.Nurse);
        await AccessScene.ProblemAsync(nurse, $"{AccessScene.Requests}/{id}");
        await AccessScene.ProblemAsync(nurse, $"{AccessScene.Requests}/{id}/records/{other.Glucose}");
    }

    [Fact]
    public async Task A_denial_of_the_patient_ends_what_own_staff_may_read()
    {
        var (id, _) = await scene.AskAsync(AccessScene.North, scene.Records(scene.Glucose));
        await scene.GrantAsync(new GrantBody(Effect.Deny, [new Provision { Records = [scene.Glucose] }],
            new Period(LedgerTime.Truncate(DateTimeOffset.UtcNow), null)));
        using var physician = scene.Client(AccessScene.North, Role.Physician);
        await AccessScene.ProblemAsync(physician, $"{AccessScene.Requests}/{id}/records/{scene.Glucose}");
        Assert.Empty((await scene.AskAsync(AccessScene.North, scene.Records(scene.Glucose))).Records);
    }

    [Fact]
    public async Task A_repetition_under_its_key_has_no_second_effect()
    {
        await scene.GrantAsync();
        using var physician = scene.Client(AccessScene.South, Role.Physician);
        physician.DefaultRequestHeaders.Add("Idempotency-Key", "k-1");
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ =>
            physician.PostAsync(AccessScene.Requests, scene.Records(scene.Glucose), HttpStatusCode.Created)));
        Assert.Single(answers.Select(answer => answer.GetProperty("id").GetString()).Distinct());
        await scene.CaughtUpAsync(); // each node takes the block over in its own time
        Assert.Equal(1, await scene.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM access_event WHERE kind = 'ledger'"));
        using (var body = new StringContent(scene.Records(scene.Glucose).ToJsonString(), System.Text.Encoding.UTF8, "application/json"))
        using (var again = await physician.PostAsync(AccessScene.Requests, body))
            Assert.Equal((HttpStatusCode.Created, "true"), (again.StatusCode, again.Headers.GetValues("Idempotency-Replayed").Single()));
        Assert.Equal("request.idempotency_key_reused", await physician.RefusedAsync(
            AccessScene.Requests, scene.Records(scene.Hiv), HttpStatusCode.UnprocessableEntity));

        using var nurse = scene.Client(AccessScene.South, Role.Nurse);
        nurse.DefaultRequestHeaders.Add("Idempotency-Key", "k-1");
        var other = await nurse.PostAsync(AccessScene.Requests, scene.Records(scene.Glucose), HttpStatusCode.Created);
        Assert.NotEqual(answers[0].GetProperty("id").GetString(), other.GetProperty("id").GetString());
        Assert.Equal(0, other.GetProperty("records").GetArrayLength());
    }

    [Fact]
    public async Task Only_what_was_asked_before_under_its_key_is_said_to_be_there_already()
    {
        using var physician = scene.Client(AccessScene.South, Role.Physician);
        physician.DefaultRequestHeaders.Add("Idempotency-Key", "k-2");
        Assert.Equal((false, true, true), (await AskAsync(), await AskAsync(), await AskAsync()));
        physician.DefaultRequestHeaders.Remove("Idempotency-Key");
        Assert.Equal((false, false), (await AskAsync(), await AskAsync()));

        async Task<bool> AskAsync()
        {
            using var body = new StringContent(scene.Records(scene.Glucose).ToJsonString(), System.Text.Encoding.UTF8, "application/json");
            using var answer = await physician.PostAsync(AccessScene.Requests, body);
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
            return answer.Headers.Contains("Idempotency-Replayed");
        }
    }

    [Fact]
    public async Task A_ledger_that_is_away_is_said_and_the_repetition_goes_on_even_after_a_restart()
    {
        await scene.GrantAsync();
        scene.Ledger(AccessScene.South).Closed[LedgerTransactions.RequestAccess] = true;
        Assert.Equal("ledger.unavailable", await AskWithKeyAsync(HttpStatusCode.ServiceUnavailable));
        Assert.Equal("ledger.unavailable", await AskWithKeyAsync(HttpStatusCode.ServiceUnavailable));
        await scene.RestartAsync(AccessScene.South);
        scene.Ledger(AccessScene.South).Closed.Clear();
        await AskWithKeyAsync(HttpStatusCode.Created);
        Assert.Equal(1, await scene.ScalarAsync<long>(AccessScene.South, "SELECT count(*) FROM access_request"));
        Assert.Equal(1, await scene.ScalarAsync<long>(AccessScene.South, "SELECT count(*) FROM access_event WHERE kind = 'ledger'"));

        async Task<string?> AskWithKeyAsync(HttpStatusCode expected)
        {
            using var physician = scene.Client(AccessScene.South, Role.Physician);
            physician.DefaultRequestHeaders.Add("Idempotency-Key", "again");
            var answer = await physician.PostAsync(AccessScene.Requests, scene.Records(scene.Glucose), expected);
            return answer.TryGetProperty("code", out var code) ? code.GetString() : null;
        }
    }

    [Fact]
    public async Task An_old_copy_serves_own_records_for_treatment_and_nothing_else()
    {
        await scene.GrantAsync();
        var (id, _) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose));
        await scene.ReadAsync(AccessScene.South, id, scene.Glucose);
        scene.SetStale(AccessScene.South, true);
        scene.SetStale(AccessScene.North, true);
        using var physician = scene.Client(AccessScene.South, Role.Physician);
        foreach (var recordId in new[] { scene.Glucose, scene.Hiv, LedgerId.New(IdKind.Record) })
        {
            Assert.Contains("ledger.copy_too_old", await AccessScene.ProblemAsync(
                physician, $"{AccessScene.Requests}/{id}/records/{recordId}", HttpStatusCode.ServiceUnavailable), StringComparison.Ordinal);
        }
        var asked = await physician.PostAsync(AccessScene.Requests, scene.Records(scene.Glucose), HttpStatusCode.Created);
        Assert.True(asked.GetProperty("partial").GetBoolean());
        Assert.Equal(0, asked.GetProperty("records").GetArrayLength());
        var (own, _) = await scene.AskAsync(AccessScene.North, scene.Records(scene.Glucose));
        Assert.Equal(AccessScene.TextOf(scene.Glucose), await scene.ReadAsync(AccessScene.North, own, scene.Glucose));
    }

    [Fact]
    public async Task Many_records_are_asked_for_in_parts_under_one_request()
    {
        var many = Enumerable.Range(0, 120).Select(_ => LedgerId.New(IdKind.Record)).ToArray();
        await scene.RegisterAsync(AccessScene.North, [.. many.Take(60).Select(id => (id, "imaging", (string?)null))]);
        await scene.RegisterAsync(AccessScene.North, [.. many.Skip(60).Select(id => (id, "imaging", (string?)null))]);
        var now = LedgerTime.Truncate(DateTimeOffset.UtcNow);
        await scene.GrantAsync(new GrantBody(
            Effect.Permit, [new Provision { Who = [new WhoOrg(AccessScene.South, "physician")] }], new Period(now, now.AddDays(1))));
        var (id, records) = await scene.AskAsync(AccessScene.South, scene.Categories("imaging"));
        Assert.Equal(many.Append(scene.Image).Order(), records.Order());
        Assert.Equal(2, scene.Ledger(AccessScene.South).CountOf(LedgerTransactions.RequestAccess));
        foreach (var recordId in new[] { many[0], many[119] })
            Assert.Equal(AccessScene.TextOf(recordId), await scene.ReadAsync(AccessScene.South, id, recordId));
    }

    [Fact]
    public async Task A_content_that_cannot_be_fetched_or_was_changed_is_no_reading()
    {
        var (id, _) = await scene.AskAsync(AccessScene.North, scene.Records(scene.Glucose));
        await scene.ExecuteAsync(AccessScene.North, $"UPDATE sealed_record SET salt = (SELECT salt FROM sealed_record WHERE record_id = '{scene.Hiv}') WHERE record_id = '{scene.Glucose}'");
        using var physician = scene.Client(AccessScene.North, Role.Physician);
        Assert.Contains("content.not_authentic", await AccessScene.ProblemAsync(
            physician, $"{AccessScene.Requests}/{id}/records/{scene.Glucose}", HttpStatusCode.BadGateway), StringComparison.Ordinal);
        Assert.Equal(0, await scene.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM access_event WHERE kind = 'read'"));
    }

    [Fact]
    public async Task The_log_comes_in_pages_and_to_those_alone_whom_it_concerns()
    {
        for (var i = 0; i < 3; i++)
            await scene.AskAsync(AccessScene.North, scene.Records(scene.Glucose));
        var log = $"/api/v1/patients/{scene.PatientId}/access-log";
        using var officer = scene.Client(AccessScene.North, Role.PrivacyOfficer);
        var first = await officer.GetOkAsync($"{log}?limit=2");
        var second = await officer.GetOkAsync($"{log}?limit=2&cursor={first.GetProperty("next").GetString()}");
        Assert.Equal((2, 1), (first.GetProperty("items").GetArrayLength(), second.GetProperty("items").GetArrayLength()));
        Assert.False(second.TryGetProperty("next", out var next) && next.ValueKind is not System.Text.Json.JsonValueKind.Null);
        Assert.Equal(3, first.GetProperty("items").EnumerateArray().Concat(second.GetProperty("items").EnumerateArray())
            .Select(item => item.GetProperty("accessId").GetString()).Distinct().Count());
        await AccessScene.ProblemAsync(officer, $"{log}?cursor=AAAA", HttpStatusCode.BadRequest);
        await AccessScene.ProblemAsync(officer, $"{log}?limit=0", HttpStatusCode.BadRequest);

        using var stranger = scene.Client(AccessScene.North, Role.Patient); // another patient than the one of the log
        Assert.Equal(await AccessScene.ProblemAsync(officer, $"/api/v1/patients/{LedgerId.New(IdKind.Patient)}/access-log"),
            await AccessScene.ProblemAsync(stranger, log));
        await scene.RestartAsync(AccessScene.North); // now the patient's own sign-in is in the settings
        using var patient = scene.Client(AccessScene.North, Role.Patient);
        Assert.Equal(3, (await patient.GetOkAsync(log)).GetProperty("items").GetArrayLength());
        using var physician = scene.Client(AccessScene.North, Role.Physician);
        Assert.Equal(HttpStatusCode.Forbidden, (await physician.GetAsync(log)).StatusCode);
    }

    public async Task InitializeAsync() => scene = await AccessScene.StartAsync();

    public async Task DisposeAsync() => await scene.DisposeAsync();
}
