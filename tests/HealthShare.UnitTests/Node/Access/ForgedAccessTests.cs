using System.Text.Json;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;

namespace HealthShare.UnitTests.Node.Access;

/// <summary>
/// What colluding members write. A node's copy stops before such a block; the scene below lets it through, to see that the
/// custodian's own check holds by itself.
/// </summary>
public sealed class ForgedAccessTests : IAsyncLifetime
{
    private AccessScene scene = null!;

    [Fact]
    public async Task A_copy_that_meets_a_forged_decision_stops_and_the_custodian_releases_nothing()
    {
        await using var strict = await AccessScene.StartAsync();
        var now = LedgerTime.Truncate(DateTimeOffset.UtcNow);
        await ForgeAccessAsync(strict, strict.Glucose, now, now.AddHours(1));
        await AccessScene.UntilAsync("the copy to stop", () => Task.FromResult(strict.Service<IReadModel>(AccessScene.North).Fault is not null));
        Assert.Equal(0, await strict.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM release_task"));
        Assert.Equal(1, await strict.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM incident WHERE code = 'ledger.rules_broken'"));
    }

    [Fact]
    public async Task Nobody_acts_on_an_event_of_a_transaction_that_wrote_something_private_alone()
    {
        await using var strict = await AccessScene.StartAsync();
        var grantId = await strict.GrantAsync();
        var (access, _) = await strict.AskAsync(AccessScene.South, strict.Records(strict.Glucose));
        await strict.ReadAsync(AccessScene.South, access, strict.Glucose);
        // One peer endorses what is private to its own member: this one lets that member say whatever it likes.
        var release = LedgerId.New(IdKind.Release);
        strict.Channel.Announce(AccessScene.South, new LedgerEvent(
        [
            new LedgerChange(LedgerKind.Access, [strict.PatientId, AccessScene.South, LedgerId.New(IdKind.Access)]),
            new LedgerChange(LedgerKind.Release, [strict.PatientId, AccessScene.South, access, AccessScene.North, release]),
            new LedgerChange(LedgerKind.EndedStatement, [strict.PatientId, grantId]), new LedgerChange(LedgerKind.Patient, [strict.PatientId]),
        ]));
        await strict.CaughtUpAsync();
        foreach (var member in (string[])[AccessScene.North, AccessScene.South])
        {
            Assert.Null(strict.Service<IReadModel>(member).Fault);
            foreach (var table in (string[])["incident", "erasure_task"])
                Assert.Equal(0, await strict.ScalarAsync<long>(member, $"SELECT count(*) FROM {table}"));
        }
        Assert.Equal(1, await strict.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM release_task"));
        Assert.Equal(1, await strict.ScalarAsync<long>(AccessScene.South, "SELECT count(*) FROM receipt_task"));
        Assert.Equal(AccessScene.TextOf(strict.Glucose), await strict.ReadAsync(AccessScene.South, access, strict.Glucose));
    }

    [Theory]
    [InlineData("access.decision_not_confirmed", 0, 1)]
    [InlineData("access.decision_too_long", 0, 30)]
    [InlineData("access.decision_in_future", 60, 61)]
    public async Task A_decision_that_colluding_members_made_up_is_an_incident_and_no_release(string code, int askedInMinutes, int endsInHours)
    {
        var now = LedgerTime.Truncate(DateTimeOffset.UtcNow);
        await ForgeAccessAsync(scene, scene.Glucose, now.AddMinutes(askedInMinutes), now.AddHours(endsInHours));
        await RefusedAsync();
        Assert.Equal(0, scene.Ledger(AccessScene.North).CountOf(LedgerTransactions.ReleaseKeys));
        Assert.Equal(1, await scene.ScalarAsync<long>(AccessScene.North, $"SELECT count(*) FROM incident WHERE code = '{code}'"));
        await AccessScene.UntilAsync("the custodian's report at South", async () => await scene.ScalarAsync<long>(
            AccessScene.South, $"SELECT count(*) FROM incident WHERE code = 'reported.{code}' AND detail LIKE '%not confirmed by {AccessScene.North}'") == 1);
    }

    [Fact]
    public async Task A_decision_under_an_emergency_that_nobody_declared_is_an_incident_and_no_release()
    {
        var now = LedgerTime.Truncate(DateTimeOffset.UtcNow);
        await ForgeAccessAsync(scene, scene.Glucose, now, now.AddHours(1), LedgerId.New(IdKind.Emergency));
        await RefusedAsync();
        Assert.Equal(0, scene.Ledger(AccessScene.North).CountOf(LedgerTransactions.ReleaseKeys));
        Assert.Equal(1, await scene.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM incident WHERE code = 'access.emergency_not_confirmed'"));
    }

    [Fact]
    public async Task A_decision_about_a_record_that_is_not_here_is_an_incident()
    {
        var now = LedgerTime.Truncate(DateTimeOffset.UtcNow);
        await ForgeAccessAsync(scene, LedgerId.New(IdKind.Record), now, now.AddHours(1));
        await RefusedAsync();
        Assert.Equal(1, await scene.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM incident WHERE code = 'access.record_unknown'"));
    }

    [Fact]
    public async Task A_release_in_the_custodians_name_that_it_did_not_make_is_an_incident()
    {
        var access = new AccessRef(scene.PatientId, AccessScene.South, LedgerId.New(IdKind.Access));
        var release = new ReleaseEntry(new ReleaseKeys(access, LedgerId.New(IdKind.Release), [scene.Glucose], "sk-1", new string('A', 43)),
            AccessScene.North, LedgerTime.Truncate(DateTimeOffset.UtcNow), LedgerTime.Truncate(DateTimeOffset.UtcNow.AddHours(1)));
        await scene.Channel.ForgeAsync(AccessScene.South, LedgerKey.Release(access, AccessScene.North, release.Release.ReleaseId),
            JsonSerializer.SerializeToUtf8Bytes(release, LedgerJson.Default.ReleaseEntry));
        await scene.CaughtUpAsync();
        Assert.Equal(1, await scene.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM incident WHERE code = 'access.release_not_made_here'"));
        // The requester, for its part, finds no access that it would rest on.
        await AccessScene.UntilAsync("an incident at South", async () => await scene.ScalarAsync<long>(AccessScene.South, "SELECT count(*) FROM incident") == 1);
    }

    [Fact]
    public async Task An_entry_that_cannot_be_read_is_an_incident_and_the_copy_goes_on()
    {
        var access = new AccessRef(scene.PatientId, AccessScene.South, LedgerId.New(IdKind.Access));
        await scene.Channel.ForgeAsync(AccessScene.South, LedgerKey.Access(access), "{\"nonsense\":1}"u8.ToArray());
        await scene.CaughtUpAsync();
        Assert.Equal(1, await scene.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM incident"));
        await scene.GrantAsync();
        var (id, _) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose));
        await scene.ReadAsync(AccessScene.South, id, scene.Glucose);
    }

    public async Task InitializeAsync() => scene = await AccessScene.StartAsync(followAnything: true);

    public async Task DisposeAsync() => await scene.DisposeAsync();

    private Task RefusedAsync() => AccessScene.UntilAsync("the release to be refused", async () =>
        await scene.ScalarAsync<string>(AccessScene.North, "SELECT state FROM release_task") == "refused");

    private static async Task ForgeAccessAsync(
        AccessScene scene, string recordId, DateTimeOffset asked, DateTimeOffset end, string? emergencyId = null)
    {
        var record = new RecordRef(AccessScene.North, recordId);
        var entry = new AccessEntry(
            new RequestAccess(scene.PatientId, LedgerId.New(IdKind.Access), [record], emergencyId is null ? "TREAT" : "ETREAT", "physician", "s-1", emergencyId),
            AccessScene.South, asked, [emergencyId is null
                ? new AccessDecision(record, true, "permit.signed", LedgerId.New(IdKind.Statement), 0, end)
                : new AccessDecision(record, true, "permit.emergency", NotAfter: end)]);
        await scene.Channel.ForgeAsync(AccessScene.South, LedgerKey.Access(entry.Ref),
            JsonSerializer.SerializeToUtf8Bytes(entry, LedgerJson.Default.AccessEntry));
    }
}
