using System.Buffers.Text;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Access.Requests;
using HealthShare.Node.Auth;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Access;

/// <summary>What stopped a release may be taken back while the decision stands: then the keys come, and nothing is pending for ever.</summary>
public sealed class StoppedReleaseTests : IAsyncLifetime
{
    private const string Patients = "/api/v1/patients";
    private AccessScene scene = null!;

    [Fact]
    public async Task A_deny_that_stopped_a_release_and_is_revoked_lets_the_keys_come()
    {
        await scene.GrantAsync();
        scene.SetStale(AccessScene.North, true);
        var (id, _) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose));
        var deny = await DenyAsync(scene.Glucose);
        scene.SetStale(AccessScene.North, false);
        await HeldAsync();
        Assert.Empty(await StatusesAsync(id));

        await scene.RevokeAsync(deny);
        Assert.Equal(AccessScene.TextOf(scene.Glucose), await scene.ReadAsync(AccessScene.South, id, scene.Glucose));
        Assert.Equal(1, await CountAsync("release_task")); // looked at again, and nothing else
        Assert.Equal(0, await CountAsync("incident"));
    }

    [Theory]
    [InlineData(LedgerTransactions.ReleaseKeys)]
    [InlineData(LedgerTransactions.DeliverKeys)]
    public async Task What_was_sealed_when_a_deny_came_for_part_of_it_goes_on_in_parts(string stoppedAt)
    {
        await scene.GrantAsync();
        var now = LedgerTime.Truncate(DateTimeOffset.UtcNow);
        await scene.GrantAsync(new GrantBody(Effect.Permit,
            [new Provision { Who = [new WhoOrg(AccessScene.South)], Records = [scene.Image] }], new Period(now, now.AddDays(30))));
        scene.Ledger(AccessScene.North).Closed[stoppedAt] = true;
        var (id, records) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose, scene.Image));
        Assert.Equal(2, records.Length);
        await AccessScene.UntilAsync("a first attempt", () => Task.FromResult(scene.Ledger(AccessScene.North).CountOf(stoppedAt) > 0));
        var deny = await DenyAsync(scene.Image);
        await AccessScene.UntilAsync("the envelope to be withdrawn", async () =>
            await scene.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM release_task WHERE state = 'refused' AND envelope IS NULL") == 1);
        scene.Ledger(AccessScene.North).Closed.Clear();
        Assert.Equal(AccessScene.TextOf(scene.Glucose), await scene.ReadAsync(AccessScene.South, id, scene.Glucose));
        await HeldAsync();

        await scene.RevokeAsync(deny);
        Assert.Equal(AccessScene.TextOf(scene.Image), await scene.ReadAsync(AccessScene.South, id, scene.Image));
        Assert.Equal(0, await CountAsync("incident"));
    }

    [Fact]
    public async Task A_deny_that_the_ledger_knows_and_this_copy_does_not_yet_ends_nothing()
    {
        await scene.GrantAsync();
        scene.Ledger(AccessScene.North).BeforeSubmit = static (call, _) => call.Transaction == LedgerTransactions.ReleaseKeys
            ? throw FakeLedger.Refusal("access.no_longer_permitted") : Task.CompletedTask;
        var (id, _) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose));
        await AccessScene.UntilAsync("another attempt", () => Task.FromResult(scene.Ledger(AccessScene.North).CountOf(LedgerTransactions.ReleaseKeys) > 1));
        scene.Ledger(AccessScene.North).BeforeSubmit = null;
        Assert.Equal(AccessScene.TextOf(scene.Glucose), await scene.ReadAsync(AccessScene.South, id, scene.Glucose));
    }

    [Fact]
    public async Task A_consent_that_a_hospital_withdrew_and_attests_anew_for_a_shorter_time_lets_the_keys_come_for_that_time()
    {
        using var registrar = scene.Client(AccessScene.North, Role.Registrar);
        var now = LedgerTime.Truncate(DateTimeOffset.UtcNow);
        var first = await AttestAsync(registrar, now.AddDays(30));
        scene.SetStale(AccessScene.North, true);
        var (id, records) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Image));
        Assert.Equal([scene.Image], records);
        await registrar.PostAsync($"{Patients}/{scene.PatientId}/consents/attestations/{first}/withdrawal", new JsonObject(), HttpStatusCode.OK);
        await scene.CaughtUpAsync();
        scene.SetStale(AccessScene.North, false);
        await HeldAsync();
        Assert.Empty(await StatusesAsync(id));

        await AttestAsync(registrar, now.AddHours(1));
        await scene.CaughtUpAsync();
        Assert.Equal(AccessScene.TextOf(scene.Image), await scene.ReadAsync(AccessScene.South, id, scene.Image));
        var release = Assert.Single(await scene.Service<Replica>(AccessScene.North).ListAsync(
            LedgerKind.Release, [scene.PatientId], LedgerJson.Default.ReleaseEntry, default));
        Assert.Equal(now.AddHours(1), release.NotAfter);
        Assert.Equal(now.AddHours(1).ToUnixTimeMilliseconds(), await scene.ScalarAsync<long>(AccessScene.South, "SELECT not_after FROM received_key"));
        Assert.Equal(0, await CountAsync("incident"));
    }

    [Fact]
    public async Task A_merge_that_carried_a_deny_and_is_stopped_lets_the_keys_come()
    {
        using var second = SoftwareAuthenticator.Create("north.example", "https://north.example");
        using var north = scene.Client(AccessScene.North, Role.Registrar);
        using var south = scene.Client(AccessScene.South, Role.Registrar);
        var other = (await north.PostAsync(Patients, new JsonObject { ["number"] = "5000" }, HttpStatusCode.Created)).GetProperty("patientId").GetString()!;
        await north.PostAsync($"{Patients}/{other}/first-credential", second.Credential(), HttpStatusCode.Created);
        await north.PostAsync($"{Patients}/{other}/links", second.Signed(second.Statement(other, new LinkBody(AccessScene.South))), HttpStatusCode.Created);
        await north.PostAsync($"{Patients}/{other}/consents", second.Signed(second.Statement(other, new GrantBody(Effect.Deny,
            [new Provision { Who = [new WhoOrg(AccessScene.South)] }], new Period(LedgerTime.Truncate(DateTimeOffset.UtcNow))))), HttpStatusCode.Created);
        await scene.GrantAsync();
        scene.SetStale(AccessScene.North, true);
        var (id, _) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose));
        var body = new JsonObject { ["into"] = scene.PatientId };
        await north.PostAsync($"{Patients}/{other}/merge", body, HttpStatusCode.Created);
        await scene.CaughtUpAsync();
        var merge = (await south.PostAsync($"{Patients}/{other}/merge", body, HttpStatusCode.Created)).GetProperty("mergeId").GetString()!;
        await scene.CaughtUpAsync();
        scene.SetStale(AccessScene.North, false);
        await HeldAsync();
        Assert.Empty(await StatusesAsync(id));

        await scene.RevokeAsync(merge);
        Assert.Equal(AccessScene.TextOf(scene.Glucose), await scene.ReadAsync(AccessScene.South, id, scene.Glucose));
        Assert.Equal(0, await CountAsync("incident"));
    }

    [Fact]
    public async Task A_record_whose_grant_is_replaced_stays_pending_until_its_key_comes_and_ends_with_what_took_its_place()
    {
        var grant = await scene.GrantAsync();
        scene.SetStale(AccessScene.North, true);
        var (id, _) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose));
        var now = LedgerTime.Truncate(DateTimeOffset.UtcNow);
        var narrow = await scene.GrantAsync(new GrantBody(Effect.Permit,
            [new Provision { Who = [new WhoOrg(AccessScene.South)], Records = [scene.Glucose] }], new Period(now, now.AddDays(10))) { Replaces = grant });
        Assert.Equal(["pending"], await StatusesAsync(id));
        using var physician = scene.Client(AccessScene.South, Role.Physician);
        using (var answer = await physician.GetAsync($"{AccessScene.Requests}/{id}/records/{scene.Glucose}"))
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        await scene.RevokeAsync(narrow);
        await scene.GrantAsync(); // for new requests: the one before was taken back
        Assert.Empty(await StatusesAsync(id));

        var (anew, _) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose));
        scene.SetStale(AccessScene.North, false);
        Assert.Equal(AccessScene.TextOf(scene.Glucose), await scene.ReadAsync(AccessScene.South, anew, scene.Glucose));
    }

    [Fact]
    public async Task A_record_whose_key_came_broken_is_listed_as_failed_with_the_reason()
    {
        scene.Ledger(AccessScene.South).OnAnswer = (call, answer) =>
        {
            if (call.Transaction != LedgerTransactions.GetEnvelope)
                return answer;
            var envelope = JsonSerializer.Deserialize(answer.Span, LedgerJson.Default.SealedEnvelope)!;
            return JsonSerializer.SerializeToUtf8Bytes(envelope with { Envelope = Base64Url.EncodeToString("{\"v\":1}"u8) }, LedgerJson.Default.SealedEnvelope);
        };
        var grant = await scene.GrantAsync();
        var (id, _) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose));
        await AccessScene.UntilAsync("the failure", async () => (await StatusesAsync(id)).SequenceEqual(["failed access.envelope_not_released"]));
        using var physician = scene.Client(AccessScene.South, Role.Physician);
        await AccessScene.ProblemAsync(physician, $"{AccessScene.Requests}/{id}/records/{scene.Glucose}");
        await scene.RevokeAsync(grant);
        Assert.Empty(await StatusesAsync(id)); // what may not be read looks like nothing
    }

    [Fact]
    public async Task A_record_that_its_custodian_does_not_confirm_is_listed_as_failed()
    {
        await scene.ExecuteAsync(AccessScene.North, "DELETE FROM trusted_credential");
        await scene.GrantAsync();
        var (id, _) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose));
        await AccessScene.UntilAsync("the failure", async () => (await StatusesAsync(id)).SequenceEqual([$"failed {StandingRecords.NotConfirmed}"]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // its key was here: it was read, and is over
    public async Task A_record_whose_decision_ended_before_its_key_came_is_listed_as_failed(bool keyHadCome)
    {
        await scene.GrantAsync();
        scene.SetStale(AccessScene.North, !keyHadCome);
        var (id, _) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose));
        if (keyHadCome)
            await scene.ReadAsync(AccessScene.South, id, scene.Glucose);
        // As if it had been asked for a day and an hour ago.
        var key = LedgerKey.Access(new AccessRef(scene.PatientId, AccessScene.South, id));
        var access = await scene.Service<Replica>(AccessScene.South).GetAsync(key, LedgerJson.Default.AccessEntry, default);
        var ended = access! with
        {
            RequestedAt = access.RequestedAt.AddHours(-25),
            Decisions = [.. access.Decisions.Select(decision => decision with { NotAfter = decision.NotAfter!.Value.AddHours(-25) })],
        };
        await scene.ExecuteAsync(AccessScene.South,
            $"UPDATE access_part SET entry = '{JsonSerializer.Serialize(ended, LedgerJson.Default.AccessEntry)}' WHERE access_id = '{id}'");
        await scene.ExecuteAsync(AccessScene.South, "UPDATE received_key SET not_after = 0");
        Assert.Equal(keyHadCome ? [] : [$"failed {StandingRecords.Expired}"], await StatusesAsync(id));
    }

    public async Task InitializeAsync() => scene = await AccessScene.StartAsync();

    public async Task DisposeAsync() => await scene.DisposeAsync();

    private Task<string> DenyAsync(string recordId) => scene.GrantAsync(new GrantBody(
        Effect.Deny, [new Provision { Records = [recordId] }], new Period(LedgerTime.Truncate(DateTimeOffset.UtcNow))));

    private async Task<string> AttestAsync(HttpClient registrar, DateTimeOffset end) => (await registrar.PostAsync(
        $"{Patients}/{scene.PatientId}/consents/attestations", new JsonObject
        {
            ["form"] = "paper",
            ["body"] = JsonNode.Parse($$"""
                {"effect":"permit","period":{"start":"{{LedgerTime.Format(LedgerTime.Truncate(DateTimeOffset.UtcNow))}}","end":"{{LedgerTime.Format(end)}}"},"scope":[{"who":[{"org":"SouthMSP"}],"records":["{{scene.Image}}"]}]}
                """),
        }, HttpStatusCode.Created)).GetProperty("id").GetString()!;

    /// <summary>The custodian looked at what is open and put it off.</summary>
    private Task HeldAsync() => AccessScene.UntilAsync("a task that is put off", async () =>
        await scene.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM release_task WHERE state = 'noted' AND attempts > 0") == 1);

    /// <summary>How each listed record of a request stands, with the reason where it failed.</summary>
    private async Task<string[]> StatusesAsync(string id)
    {
        using var physician = scene.Client(AccessScene.South, Role.Physician);
        return [.. (await physician.GetOkAsync($"{AccessScene.Requests}/{id}")).GetProperty("records").EnumerateArray().Select(record =>
            record.GetProperty("status").GetString() + (record.TryGetProperty("reason", out var reason) ? $" {reason.GetString()}" : ""))];
    }

    private Task<long> CountAsync(string table) => scene.ScalarAsync<long>(AccessScene.North, $"SELECT count(*) FROM {table}");
}
