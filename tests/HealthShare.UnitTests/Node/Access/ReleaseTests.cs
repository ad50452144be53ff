using System.Buffers.Text;
using System.Text.Json;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Access;

/// <summary>What the custodian gives away, what it does not, and that a stop at any point changes neither.</summary>
public sealed class ReleaseTests : IAsyncLifetime
{
    private AccessScene scene = null!;

    [Theory]
    [InlineData(LedgerTransactions.ReleaseKeys)]
    [InlineData(LedgerTransactions.DeliverKeys)]
    public async Task A_custodian_stopped_between_its_steps_goes_on_with_the_same_release(string stoppedAt)
    {
        await scene.GrantAsync();
        scene.Ledger(AccessScene.North).Closed[stoppedAt] = true;
        var (id, _) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose));
        await AccessScene.UntilAsync("a first attempt", () => Task.FromResult(scene.Ledger(AccessScene.North).CountOf(stoppedAt) > 0));
        using (var physician = scene.Client(AccessScene.South, Role.Physician))
        using (var answer = await physician.GetAsync($"{AccessScene.Requests}/{id}/records/{scene.Glucose}"))
            Assert.Equal(System.Net.HttpStatusCode.Accepted, answer.StatusCode);

        await scene.RestartAsync(AccessScene.North);
        scene.Ledger(AccessScene.North).Closed.Clear();
        Assert.Equal(AccessScene.TextOf(scene.Glucose), await scene.ReadAsync(AccessScene.South, id, scene.Glucose));
        Assert.Single(await ReleasesAsync());
        Assert.Equal("delivered", await scene.ScalarAsync<string>(AccessScene.North, "SELECT state FROM release_task"));
        Assert.Null(await scene.ScalarAsync<byte[]>(AccessScene.North, "SELECT envelope FROM release_task"));
    }

    [Fact]
    public async Task A_requester_stopped_before_it_fetched_fetches_after_its_start()
    {
        await scene.GrantAsync();
        scene.Ledger(AccessScene.South).Closed[LedgerTransactions.GetEnvelope] = true;
        var (id, _) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose));
        await StateAsync("delivered");
        await scene.RestartAsync(AccessScene.South);
        scene.Ledger(AccessScene.South).Closed.Clear();
        Assert.Equal(AccessScene.TextOf(scene.Glucose), await scene.ReadAsync(AccessScene.South, id, scene.Glucose));
    }

    [Fact]
    public async Task A_revocation_that_overtakes_the_release_stops_it_without_an_incident()
    {
        var grant = await scene.GrantAsync();
        scene.SetStale(AccessScene.North, true); // a copy that is too old releases nothing
        await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose));
        await scene.RevokeAsync(grant);
        scene.SetStale(AccessScene.North, false);
        await StateAsync("refused");
        Assert.Empty(await ReleasesAsync());
        Assert.Equal(0, await IncidentsAsync(AccessScene.North));
    }

    [Fact]
    public async Task A_revocation_between_the_release_and_its_delivery_keeps_the_envelope_in_the_house()
    {
        var grant = await scene.GrantAsync();
        scene.Ledger(AccessScene.North).Closed[LedgerTransactions.DeliverKeys] = true;
        await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose));
        await StateAsync("released");
        await AccessScene.UntilAsync("a first attempt", () => Task.FromResult(scene.Ledger(AccessScene.North).CountOf(LedgerTransactions.DeliverKeys) > 0));
        await scene.RevokeAsync(grant);
        await StateAsync("refused"); // though the way is still closed: the delivery is not even tried
        Assert.Null(await scene.ScalarAsync<byte[]>(AccessScene.North, "SELECT envelope FROM release_task"));
        Assert.Equal("no_longer_permitted", await scene.ScalarAsync<string>(AccessScene.North, "SELECT reason FROM release_task"));
        Assert.Equal(0, await IncidentsAsync(AccessScene.North));
    }

    [Fact]
    public async Task What_still_stands_of_a_release_that_is_withdrawn_before_its_delivery_is_released_anew()
    {
        await scene.GrantAsync();
        var now = LedgerTime.Truncate(DateTimeOffset.UtcNow);
        var images = await scene.GrantAsync(new GrantBody(Effect.Permit,
            [new Provision { Who = [new WhoOrg(AccessScene.South)], Records = [scene.Image] }], new Period(now, now.AddDays(30))));
        scene.Ledger(AccessScene.North).Closed[LedgerTransactions.DeliverKeys] = true;
        var (id, records) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose, scene.Image));
        Assert.Equal(2, records.Length);
        await StateAsync("released");
        await scene.RevokeAsync(images);
        await AccessScene.UntilAsync("the refusal", async () =>
            await scene.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM release_task WHERE state = 'refused'") == 1);
        scene.Ledger(AccessScene.North).Closed.Clear();
        Assert.Equal(AccessScene.TextOf(scene.Glucose), await scene.ReadAsync(AccessScene.South, id, scene.Glucose));
        Assert.Equal([1, 2], (await ReleasesAsync()).Select(release => release.Release.RecordIds.Count).Order());
        Assert.Equal(1, await scene.ScalarAsync<long>(AccessScene.South, "SELECT count(*) FROM received_key"));
        Assert.Equal(1, await scene.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM release_task WHERE state = 'delivered'"));
    }

    [Theory]
    [InlineData("DELETE FROM secret")]
    [InlineData("UPDATE secret SET wrapped = substr(wrapped, 1, 20)")]
    public async Task A_key_that_is_gone_or_damaged_holds_back_no_other(string damage)
    {
        await scene.GrantAsync(Permit(scene.Image, scene.Glucose));
        scene.SetStale(AccessScene.North, true);
        await scene.ExecuteAsync(AccessScene.North, $"{damage} WHERE purpose = 'record-key' AND id = '{scene.Image}'");
        var (id, records) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose, scene.Image));
        Assert.Equal(2, records.Length);
        scene.SetStale(AccessScene.North, false);
        Assert.Equal(AccessScene.TextOf(scene.Glucose), await scene.ReadAsync(AccessScene.South, id, scene.Glucose));
        Assert.Equal([scene.Glucose], Assert.Single(await ReleasesAsync()).Release.RecordIds);
        await AccessScene.UntilAsync("another look", async () =>
            await scene.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM release_task WHERE state = 'noted' AND attempts > 1") == 1);
    }

    private static GrantBody Permit(params string[] records)
    {
        var now = LedgerTime.Truncate(DateTimeOffset.UtcNow);
        return new GrantBody(Effect.Permit, [new Provision { Who = [new WhoOrg(AccessScene.South)], Records = [.. records] }], new Period(now, now.AddDays(30)));
    }

    [Fact]
    public async Task A_permit_by_a_credential_that_the_custodian_never_accepted_is_an_incident_and_no_release()
    {
        await scene.ExecuteAsync(AccessScene.North, "DELETE FROM trusted_credential");
        await scene.GrantAsync();
        var (_, records) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose));
        Assert.Single(records); // the ledger permits
        await StateAsync("refused");
        Assert.Empty(await ReleasesAsync());
        using var auditor = scene.Client(AccessScene.North, Role.Auditor);
        var incident = Assert.Single((await auditor.GetOkAsync("/api/v1/incidents")).EnumerateArray());
        Assert.Equal("access.permit_not_trusted", incident.GetProperty("code").GetString());
    }

    [Fact]
    public async Task An_envelope_that_is_not_the_released_one_is_an_incident_and_no_key()
    {
        scene.Ledger(AccessScene.South).OnAnswer = (call, answer) =>
        {
            if (call.Transaction != LedgerTransactions.GetEnvelope)
                return answer;
            var envelope = JsonSerializer.Deserialize(answer.Span, LedgerJson.Default.SealedEnvelope)!;
            return JsonSerializer.SerializeToUtf8Bytes(
                envelope with { Envelope = Base64Url.EncodeToString("{\"v\":1}"u8) }, LedgerJson.Default.SealedEnvelope);
        };
        await scene.GrantAsync();
        await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose));
        await AccessScene.UntilAsync("an incident", async () =>
            await scene.ScalarAsync<long>(AccessScene.South, "SELECT count(*) FROM incident WHERE code = 'access.envelope_not_released'") == 1);
        Assert.Equal(0, await scene.ScalarAsync<long>(AccessScene.South, "SELECT count(*) FROM received_key"));
    }

    [Fact]
    public async Task A_key_that_is_not_the_committed_one_is_an_incident_and_is_not_kept()
    {
        // North's own table names another record's salt, so that what it seals does not match the ledger.
        await scene.ExecuteAsync(AccessScene.North, $"UPDATE sealed_record SET salt = (SELECT salt FROM sealed_record WHERE record_id = '{scene.Hiv}') WHERE record_id = '{scene.Glucose}'");
        await scene.GrantAsync();
        await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose));
        await AccessScene.UntilAsync("an incident", async () =>
            await scene.ScalarAsync<long>(AccessScene.South, "SELECT count(*) FROM incident WHERE code = 'access.key_not_committed'") == 1);
        Assert.Equal(0, await scene.ScalarAsync<long>(AccessScene.South, "SELECT count(*) FROM received_key"));
    }

    [Fact]
    public async Task A_revocation_while_the_envelope_is_on_its_way_leaves_no_key_behind()
    {
        var grant = await scene.GrantAsync();
        scene.Ledger(AccessScene.South).Closed[LedgerTransactions.GetEnvelope] = true;
        await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose));
        await StateAsync("delivered");
        await scene.RevokeAsync(grant);
        scene.Ledger(AccessScene.South).Closed.Clear();
        await AccessScene.UntilAsync("the receipt", async () => await scene.ScalarAsync<string>(AccessScene.South, "SELECT state FROM receipt_task") == "received");
        Assert.Equal(0, await scene.ScalarAsync<long>(AccessScene.South, "SELECT count(*) FROM secret WHERE purpose = 'received-key'"));
    }

    public async Task InitializeAsync() => scene = await AccessScene.StartAsync();

    public async Task DisposeAsync() => await scene.DisposeAsync();

    private async Task<IReadOnlyList<ReleaseEntry>> ReleasesAsync()
    {
        await scene.CaughtUpAsync();
        return await scene.Service<Replica>(AccessScene.North).ListAsync(LedgerKind.Release, [scene.PatientId], LedgerJson.Default.ReleaseEntry, default);
    }

    private Task StateAsync(string state) => AccessScene.UntilAsync($"the release to be {state}", async () =>
        await scene.ScalarAsync<string>(AccessScene.North, "SELECT state FROM release_task") == state);

    private Task<long> IncidentsAsync(string mspId) => scene.ScalarAsync<long>(mspId, "SELECT count(*) FROM incident");
}
