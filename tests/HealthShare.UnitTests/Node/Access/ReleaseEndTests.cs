using System.Net;
using System.Text.Json.Nodes;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.UnitTests.Node.Auth;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Access;

/// <summary>A key lives as long as what permits its record: what ends sooner takes nothing else along.</summary>
public sealed class ReleaseEndTests : IAsyncLifetime
{
    private readonly MovedClock clock = new();
    private AccessScene scene = null!;

    [Fact]
    public async Task Records_whose_permits_end_at_different_times_are_released_apart_and_each_key_lives_as_long_as_its_permit()
    {
        await scene.GrantAsync();
        var end = await PermitImageAsync(Now.AddHours(1));
        var (id, records) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose, scene.Image));
        Assert.Equal(2, records.Length);
        await BothLiveAsync(id, end.End);
        Assert.Equal(2, (await ReleasesAsync()).Count);
        Assert.Equal(0, await CountAsync("incident"));
    }

    [Theory]
    [InlineData(LedgerTransactions.ReleaseKeys)]
    [InlineData(LedgerTransactions.DeliverKeys)]
    public async Task A_permit_that_ends_sooner_and_comes_before_the_delivery_parts_what_was_sealed_together(string stoppedAt)
    {
        await scene.GrantAsync();
        var (_, images) = await PermitImageAsync(Now.AddDays(30));
        var custodian = scene.Ledger(AccessScene.North);
        custodian.Closed[stoppedAt] = true;
        var (id, records) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose, scene.Image));
        Assert.Equal(2, records.Length);
        await AccessScene.UntilAsync("a first attempt", () => Task.FromResult(custodian.CountOf(stoppedAt) > 0));
        var (end, _) = await PermitImageAsync(Now.AddHours(1), images);
        await AccessScene.UntilAsync("the envelope to be withdrawn", async () =>
            await scene.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM release_task WHERE state = 'refused' AND envelope IS NULL") == 1);
        custodian.Closed.Clear();
        await BothLiveAsync(id, end);
        Assert.Equal(0, await CountAsync("incident"));
    }

    [Theory]
    [InlineData(LedgerTransactions.ReleaseKeys)]
    [InlineData(LedgerTransactions.DeliverKeys)]
    public async Task What_the_ledger_finds_over_just_then_ends_nothing_that_still_stands(string transaction)
    {
        await scene.GrantAsync();
        var refusals = 0;
        scene.Ledger(AccessScene.North).BeforeSubmit = (call, _) => call.Transaction == transaction && Interlocked.Increment(ref refusals) == 1
            ? throw FakeLedger.Refusal("access.expired") : Task.CompletedTask;
        var (id, _) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose));
        Assert.Equal(AccessScene.TextOf(scene.Glucose), await scene.ReadAsync(AccessScene.South, id, scene.Glucose));
        await AccessScene.UntilAsync("the delivery to be noted", async () =>
            await scene.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM release_task WHERE state = 'delivered'") == 1);
        Assert.Equal("access.expired", await scene.ScalarAsync<string>(AccessScene.North, "SELECT reason FROM release_task WHERE state = 'refused'"));
    }

    [Fact]
    public async Task A_release_whose_time_was_over_before_its_delivery_comes_anew_where_something_else_permits_the_record()
    {
        using var registrar = scene.Client(AccessScene.North, Role.Registrar);
        await registrar.PostAsync($"/api/v1/patients/{scene.PatientId}/consents/attestations", new JsonObject
        {
            ["form"] = "paper",
            ["body"] = JsonNode.Parse($$"""
                {"effect":"permit","period":{"start":"{{LedgerTime.Format(Now)}}","end":"{{LedgerTime.Format(Now.AddDays(30))}}"},"scope":[{"who":[{"org":"SouthMSP"}],"records":["{{scene.Image}}"]}]}
                """),
        }, HttpStatusCode.Created);
        await scene.CaughtUpAsync();
        scene.SetStale(AccessScene.North, true);
        var (id, records) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Image));
        Assert.Equal([scene.Image], records);
        var (end, _) = await PermitImageAsync(Now.AddHours(1)); // what is signed goes before what is attested
        var custodian = scene.Ledger(AccessScene.North);
        custodian.Closed[LedgerTransactions.DeliverKeys] = true;
        scene.SetStale(AccessScene.North, false);
        await AccessScene.UntilAsync("a first attempt", () => Task.FromResult(custodian.CountOf(LedgerTransactions.DeliverKeys) > 0));
        Assert.Equal(end, Assert.Single(await ReleasesAsync()).NotAfter);

        clock.Forward(TimeSpan.FromHours(2));
        custodian.Closed.Clear();
        await AccessScene.UntilAsync("fresh copies", () => Task.FromResult(
            scene.Service<IReadModel>(AccessScene.North).IsFresh && scene.Service<IReadModel>(AccessScene.South).IsFresh));
        Assert.Equal(AccessScene.TextOf(scene.Image), await scene.ReadAsync(AccessScene.South, id, scene.Image));
        Assert.Equal(await DecidedUntilAsync(id, scene.Image), await KeyEndAsync(id, scene.Image));
        Assert.Equal(2, (await ReleasesAsync()).Count);
        Assert.Equal(0, await CountAsync("incident"));
    }

    public async Task InitializeAsync() => scene = await AccessScene.StartAsync(clock: clock);

    public async Task DisposeAsync() => await scene.DisposeAsync();

    private DateTimeOffset Now => LedgerTime.Truncate(clock.GetUtcNow());

    /// <summary>The glucose result's key lives for as long as it was decided, the image's as its permit.</summary>
    private async Task BothLiveAsync(string id, DateTimeOffset imageEnd)
    {
        Assert.Equal(AccessScene.TextOf(scene.Image), await scene.ReadAsync(AccessScene.South, id, scene.Image));
        Assert.Equal(AccessScene.TextOf(scene.Glucose), await scene.ReadAsync(AccessScene.South, id, scene.Glucose));
        Assert.Equal(imageEnd, await KeyEndAsync(id, scene.Image));
        var decided = await DecidedUntilAsync(id, scene.Glucose);
        Assert.True(decided > imageEnd);
        Assert.Equal(decided, await KeyEndAsync(id, scene.Glucose));
    }

    private async Task<(DateTimeOffset End, string Id)> PermitImageAsync(DateTimeOffset end, string? replaces = null) => (end, await scene.GrantAsync(
        new GrantBody(Effect.Permit, [new Provision { Who = [new WhoOrg(AccessScene.South)], Records = [scene.Image] }], new Period(Now, end)) { Replaces = replaces }));

    private async Task<DateTimeOffset?> DecidedUntilAsync(string id, string recordId) => (await scene.Service<Replica>(AccessScene.South).GetAsync(
        LedgerKey.Access(new AccessRef(scene.PatientId, AccessScene.South, id)), LedgerJson.Default.AccessEntry, default))!
        .Decisions.Single(decision => decision.Record.RecordId == recordId).NotAfter;

    private async Task<DateTimeOffset> KeyEndAsync(string id, string recordId) => DateTimeOffset.FromUnixTimeMilliseconds(await scene.ScalarAsync<long>(
        AccessScene.South, $"SELECT not_after FROM received_key WHERE access_id = '{id}' AND record_id = '{recordId}'"));

    private async Task<IReadOnlyList<ReleaseEntry>> ReleasesAsync()
    {
        await scene.CaughtUpAsync();
        return await scene.Service<Replica>(AccessScene.North).ListAsync(LedgerKind.Release, [scene.PatientId], LedgerJson.Default.ReleaseEntry, default);
    }

    private Task<long> CountAsync(string table) => scene.ScalarAsync<long>(AccessScene.North, $"SELECT count(*) FROM {table}");
}
