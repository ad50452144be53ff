using System.Buffers.Text;
using System.Net;
using System.Text.Json;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Access;

/// <summary>What the ledger permits and the custodian's own clock still holds back is released later, and is no incident.</summary>
public sealed class ReleaseWaitingTests : IAsyncLifetime
{
    private AccessScene scene = null!;

    [Fact]
    public async Task A_broad_permit_that_a_majority_lets_count_at_once_is_released_when_the_custodians_own_time_is_over()
    {
        await SetNoWaitingAsync();
        await scene.GrantAsync(Broad(scene.Image));
        var (id, records) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Image));
        Assert.Equal([scene.Image], records); // the ledger permits
        await HeldAsync();
        Assert.Empty(await ReleasesAsync());

        await AgeAsync("replica", 23);
        await scene.ExecuteAsync(AccessScene.North, "UPDATE release_task SET attempts = 0, next_at = 0");
        await HeldAsync();
        await AgeAsync("replica", 2);
        Assert.Equal(AccessScene.TextOf(scene.Image), await scene.ReadAsync(AccessScene.South, id, scene.Image));
        Assert.Equal(0, await IncidentsAsync());
    }

    [Fact]
    public async Task A_second_signature_that_does_not_count_here_makes_nobody_wait_longer()
    {
        await SetNoWaitingAsync();
        var broad = await scene.GrantAsync(Broad(scene.Image));
        var (id, _) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Image));
        await HeldAsync();
        await AgeAsync("replica", 23);
        var key = LedgerKey.Statement(scene.PatientId, broad);
        var entry = await scene.Service<Replica>(AccessScene.North).GetAsync(key, LedgerJson.Default.StatementEntry, default);
        await scene.Channel.ForgeAsync(AccessScene.South, key, JsonSerializer.SerializeToUtf8Bytes(
            entry! with { CoSigned = new CoSignature(entry.Signed.Assertion with { Credential = "AAAA" }, AccessScene.South, LedgerTime.Truncate(DateTimeOffset.UtcNow)) },
            LedgerJson.Default.StatementEntry));
        await scene.CaughtUpAsync();
        await scene.ExecuteAsync(AccessScene.North, "UPDATE release_task SET attempts = 0, next_at = 0");
        await HeldAsync();
        await AgeAsync("replica", 2); // 25 hours from the permit, 2 from the second signature
        Assert.Equal(AccessScene.TextOf(scene.Image), await scene.ReadAsync(AccessScene.South, id, scene.Image));
    }

    [Fact]
    public async Task A_requester_whose_kind_the_members_changed_since_gets_nothing_and_that_is_no_incident()
    {
        await scene.GrantAsync();
        scene.SetStale(AccessScene.North, true);
        await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose));
        var south = await scene.Service<Replica>(AccessScene.North).GetAsync(
            LedgerKey.Organization(AccessScene.South), LedgerJson.Default.OrganizationEntry, default);
        await scene.Channel.ForgeAsync(AccessScene.North, LedgerKey.Organization(AccessScene.South), JsonSerializer.SerializeToUtf8Bytes(
            south! with { Kind = OrganizationKind.Regulator }, LedgerJson.Default.OrganizationEntry));
        await scene.CaughtUpAsync();
        scene.SetStale(AccessScene.North, false);
        await HeldAsync();
        Assert.Empty(await ReleasesAsync());
        Assert.Equal(0, await IncidentsAsync());
    }

    [Fact]
    public async Task What_waits_is_released_later_on_its_own_while_the_rest_is_released_at_once()
    {
        await SetNoWaitingAsync();
        await scene.GrantAsync();
        await scene.GrantAsync(Broad(scene.Image));
        var (id, records) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Image, scene.Glucose));
        Assert.Equal(2, records.Length);
        Assert.Equal(AccessScene.TextOf(scene.Glucose), await scene.ReadAsync(AccessScene.South, id, scene.Glucose));
        await HeldAsync();
        Assert.Equal([scene.Glucose], Assert.Single(await ReleasesAsync()).Release.RecordIds);

        await scene.RestartAsync(AccessScene.North);
        await AgeAsync("replica", 25);
        Assert.Equal(AccessScene.TextOf(scene.Image), await scene.ReadAsync(AccessScene.South, id, scene.Image));
        Assert.Equal([scene.Glucose, scene.Image], (await ReleasesAsync()).SelectMany(entry => entry.Release.RecordIds).OrderBy(record => record == scene.Image));
        Assert.Equal(2, await scene.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM release_task"));
        Assert.Equal(0, await IncidentsAsync());
    }

    [Fact]
    public async Task What_is_revoked_while_it_waits_is_never_released_and_is_no_incident()
    {
        await SetNoWaitingAsync();
        var broad = await scene.GrantAsync(Broad(scene.Image));
        await scene.AskAsync(AccessScene.South, scene.Records(scene.Image));
        await HeldAsync();
        await scene.RevokeAsync(broad);
        await AgeAsync("replica", 25);
        await AccessScene.UntilAsync("the refusal", async () => await scene.ScalarAsync<string>(AccessScene.North, "SELECT state FROM release_task") == "refused");
        Assert.Empty(await ReleasesAsync());
        Assert.Equal(0, await IncidentsAsync());
    }

    [Fact]
    public async Task A_guardian_whose_three_days_are_over_by_the_ledger_but_not_here_is_waited_for()
    {
        // By the times of proposals the word is older than this node, which sees its block only now, can know.
        using var parent = SoftwareAuthenticator.Create("north.example", "https://north.example");
        var delegateId = LedgerId.New(IdKind.Delegate);
        var now = LedgerTime.Truncate(DateTimeOffset.UtcNow);
        var since = now.AddHours(-72).AddSeconds(-1);
        var end = new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(6);
        await scene.Channel.ForgeAsync(AccessScene.North, LedgerKey.VouchedSigner(scene.PatientId, delegateId), JsonSerializer.SerializeToUtf8Bytes(
            new VouchedEntry(new AttestSigner(scene.PatientId, delegateId, VouchedKind.Guardian, [new Credential(parent.CredentialId,
                    Base64Url.EncodeToString(parent.CoseKey.Span), parent.RpId, [parent.Origin])], end),
                [new Voucher(AccessScene.North, since), new Voucher(AccessScene.South, since)], 2, since), LedgerJson.Default.VouchedEntry));
        using var registrar = scene.Client(AccessScene.North, Role.Registrar);
        var permit = new GrantBody(Effect.Permit, [new Provision { Who = [new WhoOrg(AccessScene.South)], Records = [scene.Glucose] }],
            new Period(now, now.AddDays(30)));
        await registrar.PostAsync($"/api/v1/patients/{scene.PatientId}/consents", parent.Signed(parent.Statement(scene.PatientId, permit) with
        {
            Signer = new StatementSigner(parent.CredentialId, delegateId),
        }), HttpStatusCode.Created);
        await scene.CaughtUpAsync();
        var (id, records) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose));
        Assert.Equal([scene.Glucose], records);
        await HeldAsync();
        Assert.Empty(await ReleasesAsync());

        await AgeAsync("vouched_signer", 72);
        await AgeAsync("replica", 72);
        Assert.Equal(AccessScene.TextOf(scene.Glucose), await scene.ReadAsync(AccessScene.South, id, scene.Glucose));
        Assert.Equal(0, await IncidentsAsync());
    }

    [Theory]
    [InlineData(true)] // a hospital that vouched is suspended
    [InlineData(false)] // one hospital's word was enough, until the patient's first passkey
    public async Task A_guardian_whose_words_are_no_longer_enough_is_no_incident(bool suspended)
    {
        const string east = "EastMSP";
        using var parent = SoftwareAuthenticator.Create("north.example", "https://north.example");
        var (child, delegateId) = (suspended ? scene.PatientId : LedgerId.New(IdKind.Patient), LedgerId.New(IdKind.Delegate));
        var now = LedgerTime.Truncate(DateTimeOffset.UtcNow);
        var since = now.AddHours(-72).AddSeconds(-1);
        var end = new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(6);
        var member = await scene.Service<Replica>(AccessScene.North).GetAsync(LedgerKey.Organization(AccessScene.North), LedgerJson.Default.OrganizationEntry, default);
        var record = await scene.Service<Replica>(AccessScene.North).GetAsync(
            LedgerKey.Record(scene.PatientId, AccessScene.North, scene.Glucose), LedgerJson.Default.RecordEntry, default);
        await ForgeAsync(LedgerKey.Organization(east), member! with { MspId = east }, LedgerJson.Default.OrganizationEntry);
        await ForgeAsync(LedgerKey.Patient(child), new PatientEntry(child, AccessScene.North, since), LedgerJson.Default.PatientEntry);
        await ForgeAsync(LedgerKey.Affiliation(child, AccessScene.North), new AffiliationEntry(child, AccessScene.North, since), LedgerJson.Default.AffiliationEntry);
        await ForgeAsync(LedgerKey.Record(child, AccessScene.North, scene.Glucose),
            record! with { Record = record.Record with { PatientId = child } }, LedgerJson.Default.RecordEntry);
        await ForgeAsync(LedgerKey.VouchedSigner(child, delegateId), new VouchedEntry(new AttestSigner(child, delegateId, VouchedKind.Guardian,
            [new Credential(parent.CredentialId, Base64Url.EncodeToString(parent.CoseKey.Span), parent.RpId, [parent.Origin])], end),
            suspended ? [new Voucher(AccessScene.North, since), new Voucher(east, since)] : [new Voucher(AccessScene.North, since)],
            suspended ? 2 : 1, since), LedgerJson.Default.VouchedEntry);
        using var registrar = scene.Client(AccessScene.North, Role.Registrar);
        await registrar.PostAsync($"/api/v1/patients/{child}/consents", parent.Signed(parent.Statement(child,
            new GrantBody(Effect.Permit, [new Provision { Who = [new WhoOrg(AccessScene.South)] }], new Period(now, now.AddDays(30)))) with
        {
            Signer = new StatementSigner(parent.CredentialId, delegateId),
        }), HttpStatusCode.Created);
        await scene.CaughtUpAsync();
        var request = new RequestAccess(child, LedgerId.New(IdKind.Access), [new RecordRef(AccessScene.North, scene.Glucose)], "TREAT", "physician", "s-1");
        var asked = await scene.Channel.As(AccessScene.South).SubmitAsync(new LedgerCall(LedgerTransactions.RequestAccess,
            JsonSerializer.SerializeToUtf8Bytes(request, LedgerJson.Default.RequestAccess)), default);
        Assert.True(JsonSerializer.Deserialize(asked.Result.Span, LedgerJson.Default.AccessEntry)!.Decisions[0].Permitted);
        await HeldAsync();

        if (suspended)
            await ForgeAsync(LedgerKey.Organization(east), member! with { MspId = east, SuspendedAt = now }, LedgerJson.Default.OrganizationEntry);
        else
        {
            await scene.Channel.As(AccessScene.North).SubmitAsync(new LedgerCall(LedgerTransactions.PinCredential, JsonSerializer.SerializeToUtf8Bytes(
                new PinCredential(child, new Credential(scene.Passkey.CredentialId, Base64Url.EncodeToString(scene.Passkey.CoseKey.Span),
                    scene.Passkey.RpId, [scene.Passkey.Origin])), LedgerJson.Default.PinCredential)), default);
        }
        await scene.CaughtUpAsync();
        await AgeAsync("vouched_signer", 72);
        await AgeAsync("replica", 72);
        await scene.ExecuteAsync(AccessScene.North, "UPDATE release_task SET attempts = 0, next_at = 0");
        await HeldAsync();
        Assert.Empty(await ReleasesAsync());
        Assert.Equal(0, await IncidentsAsync());

        Task ForgeAsync<T>(string key, T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
            scene.Channel.ForgeAsync(AccessScene.North, key, JsonSerializer.SerializeToUtf8Bytes(value, type));
    }

    public async Task InitializeAsync() => scene = await AccessScene.StartAsync(followAnything: true);

    public async Task DisposeAsync() => await scene.DisposeAsync();

    private static GrantBody Broad(string recordId)
    {
        var now = LedgerTime.Truncate(DateTimeOffset.UtcNow);
        return new GrantBody(Effect.Permit, [new Provision { Who = [WhoAnyHospital.Instance], Records = [recordId] }], new Period(now, now.AddDays(30)));
    }

    /// <summary>All members agree that broad permits count at once.</summary>
    private async Task SetNoWaitingAsync()
    {
        var proposal = new ProposeChange(LedgerId.New(IdKind.Proposal), new GovernanceChange(Settings: new ChannelSettings(BroadPermitWaitHours: 0)));
        await scene.Channel.As(AccessScene.North).SubmitAsync(new LedgerCall(LedgerTransactions.ProposeChange,
            JsonSerializer.SerializeToUtf8Bytes(proposal, LedgerJson.Default.ProposeChange)), default);
        await scene.Channel.As(AccessScene.South).SubmitAsync(new LedgerCall(LedgerTransactions.ApproveChange,
            JsonSerializer.SerializeToUtf8Bytes(new ApproveChange(proposal.ProposalId), LedgerJson.Default.ApproveChange)), default);
        await scene.CaughtUpAsync();
    }

    /// <summary>The custodian looked at it and put it off.</summary>
    private Task HeldAsync() => AccessScene.UntilAsync("a task that is put off", async () =>
        await scene.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM release_task WHERE state = 'noted' AND attempts > 0") == 1);

    /// <summary>As if the custodian's node had seen everything so much earlier.</summary>
    private Task AgeAsync(string table, int hours) => scene.ExecuteAsync(AccessScene.North,
        $"UPDATE {table} SET seen_at = seen_at - {hours * 3_600_000L}"
        + (table == "replica" ? $", first_seen_at = first_seen_at - {hours * 3_600_000L}" : ""));

    private async Task<IReadOnlyList<ReleaseEntry>> ReleasesAsync()
    {
        await scene.CaughtUpAsync();
        return await scene.Service<Replica>(AccessScene.North).ListAsync(LedgerKind.Release, [scene.PatientId], LedgerJson.Default.ReleaseEntry, default);
    }

    private Task<long> IncidentsAsync() => scene.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM incident");
}
