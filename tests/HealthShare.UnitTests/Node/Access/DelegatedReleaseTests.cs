using System.Buffers.Text;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Access;

/// <summary>What a decided permit rests on may change before the keys are released: then they are not, or for the shorter time, and nobody is blamed.</summary>
public sealed class DelegatedReleaseTests : IAsyncLifetime
{
    private const string East = "EastMSP";
    private readonly SoftwareAuthenticator lost = SoftwareAuthenticator.Create("north.example", "https://north.example");
    private readonly SoftwareAuthenticator friend = SoftwareAuthenticator.Create("north.example", "https://north.example");
    private readonly SoftwareAuthenticator parent = SoftwareAuthenticator.Create("north.example", "https://north.example");
    private AccessScene scene = null!;
    private HttpClient registrar = null!;

    private string Patient => $"/api/v1/patients/{scene.PatientId}";

    [Theory]
    [InlineData(false)] // the credential that appointed the delegate
    [InlineData(true)] // the credential that confirmed a permit whose delegate is revoked
    public async Task A_revoked_credential_that_a_delegates_permit_stands_on_is_no_incident(bool confirmed)
    {
        var (delegateId, now) = (LedgerId.New(IdKind.Delegate), LedgerTime.Truncate(DateTimeOffset.UtcNow));
        await SignAsync("credentials", scene.Passkey, OwnOf(lost));
        await SignAsync("delegates", confirmed ? scene.Passkey : lost,
            new AppointDelegateBody(delegateId, [OwnOf(friend)], new DelegateScope(DelegateActs.Permit), MonthAhead(now)));
        var permit = await SignAsync("consents", friend, Permit(now, now.AddDays(30)), delegateId);
        if (confirmed)
        {
            await SignAsync("consents/confirmations", lost, new ConfirmBody([permit]));
            await SignAsync($"delegates/{delegateId}/revocation", scene.Passkey, new RevokeDelegateBody(delegateId), expected: HttpStatusCode.OK);
        }
        await AskedAsync();
        await SignAsync($"credentials/{lost.CredentialId}/revocation", scene.Passkey, new RevokeCredentialBody(lost.CredentialId), expected: HttpStatusCode.OK);
        await CheckedAsync();
        Assert.Empty(await ReleasesAsync());
        Assert.Equal(0, await IncidentsAsync());
    }

    [Theory]
    [InlineData(false)] // somebody objects to the second guardian
    [InlineData(true)] // a hospital that vouched for the second guardian is suspended
    public async Task A_joint_permit_whose_second_guardian_is_gone_is_no_incident(bool suspended)
    {
        var (now, ids) = (LedgerTime.Truncate(DateTimeOffset.UtcNow), new[] { LedgerId.New(IdKind.Delegate), LedgerId.New(IdKind.Delegate) });
        var since = now.AddHours(-72).AddSeconds(-1);
        var replica = scene.Service<Replica>(AccessScene.North);
        var member = await replica.GetAsync(LedgerKey.Organization(AccessScene.North), LedgerJson.Default.OrganizationEntry, default);
        await ForgeAsync(LedgerKey.Organization(East), member! with { MspId = East }, LedgerJson.Default.OrganizationEntry);
        await ForgeAsync(LedgerKey.VouchedSigner(scene.PatientId, ids[0]), Guardian(ids[0], parent, AccessScene.South), LedgerJson.Default.VouchedEntry);
        await ForgeAsync(LedgerKey.VouchedSigner(scene.PatientId, ids[1]), Guardian(ids[1], friend, East), LedgerJson.Default.VouchedEntry);
        var permit = await SignAsync("consents", parent, Permit(now, now.AddDays(30)), ids[0]);
        await SignAsync("consents/confirmations", friend, new ConfirmBody([permit]), ids[1]);
        await scene.CaughtUpAsync();
        foreach (var table in (string[])["vouched_signer", "replica"])
        {
            await scene.ExecuteAsync(AccessScene.North, $"UPDATE {table} SET seen_at = seen_at - {72 * 3_600_000L}"
                + (table == "replica" ? $", first_seen_at = first_seen_at - {72 * 3_600_000L}" : ""));
        }
        await AskedAsync();
        if (suspended)
            await ForgeAsync(LedgerKey.Organization(East), member with { MspId = East, SuspendedAt = now }, LedgerJson.Default.OrganizationEntry);
        else
            await SignAsync($"attested-signers/{ids[1]}/objection", scene.Passkey, new RevokeDelegateBody(ids[1]), expected: HttpStatusCode.OK);
        await CheckedAsync();
        Assert.Empty(await ReleasesAsync());
        Assert.Equal(0, await IncidentsAsync());

        VouchedEntry Guardian(string id, SoftwareAuthenticator key, string other) => new(
            new AttestSigner(scene.PatientId, id, VouchedKind.Guardian, [new Credential(
                key.CredentialId, Base64Url.EncodeToString(key.CoseKey.Span), key.RpId, [key.Origin])], MonthAhead(now), Joint: true),
            [new Voucher(AccessScene.North, since), new Voucher(other, since)], 2, since);
    }

    [Fact]
    public async Task A_permit_that_is_signed_for_a_shorter_time_than_the_attested_one_lets_the_keys_come_for_that_time()
    {
        var now = LedgerTime.Truncate(DateTimeOffset.UtcNow);
        await registrar.PostAsync($"{Patient}/consents/attestations", new JsonObject
        {
            ["form"] = "paper", ["body"] = JsonNode.Parse(StatementWriter.WriteGrant(Permit(now, now.AddDays(30)))),
        }, HttpStatusCode.Created);
        await AskedAsync();
        await SignAsync("consents", scene.Passkey, Permit(now, now.AddHours(1)));
        await scene.CaughtUpAsync();
        scene.SetStale(AccessScene.North, false);
        await AccessScene.UntilAsync("the release", async () => (await ReleasesAsync()).Count == 1);
        Assert.Equal(now.AddHours(1), (await ReleasesAsync())[0].NotAfter);
        Assert.Equal(0, await IncidentsAsync());
    }

    public async Task InitializeAsync()
    {
        scene = await AccessScene.StartAsync(followAnything: true);
        registrar = scene.Client(AccessScene.North, Role.Registrar);
    }

    public async Task DisposeAsync()
    {
        registrar.Dispose();
        lost.Dispose();
        friend.Dispose();
        parent.Dispose();
        await scene.DisposeAsync();
    }

    private GrantBody Permit(DateTimeOffset start, DateTimeOffset end) =>
        new(Effect.Permit, [new Provision { Who = [new WhoOrg(AccessScene.South)], Records = [scene.Glucose] }], new Period(start, end));

    private static AddCredentialBody OwnOf(SoftwareAuthenticator key) =>
        new(key.CredentialId, Base64Url.EncodeToString(key.CoseKey.Span), key.RpId, [key.Origin]);

    private static DateTimeOffset MonthAhead(DateTimeOffset now) => new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(3);

    private async Task<string> SignAsync(
        string path, SoftwareAuthenticator key, StatementBody body, string? delegateId = null, HttpStatusCode expected = HttpStatusCode.Created)
    {
        var statement = key.Statement(scene.PatientId, body) with { Signer = new StatementSigner(key.CredentialId, delegateId) };
        var signed = key.Signed(statement);
        await registrar.PostAsync($"{Patient}/{path}", path.EndsWith("/objection", StringComparison.Ordinal) ? new JsonObject { ["statement"] = signed } : signed, expected);
        return statement.Id;
    }

    /// <summary>South has its decision, and North has not looked at it.</summary>
    private async Task AskedAsync()
    {
        await scene.CaughtUpAsync();
        scene.SetStale(AccessScene.North, true);
        Assert.Equal([scene.Glucose], (await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose))).Records);
    }

    /// <summary>North looks at it, and puts it off.</summary>
    private async Task CheckedAsync()
    {
        await scene.CaughtUpAsync();
        scene.SetStale(AccessScene.North, false);
        await AccessScene.UntilAsync("a task that is looked at", async () =>
            await scene.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM release_task WHERE state <> 'noted' OR attempts > 0") == 1);
    }

    private Task ForgeAsync<T>(string key, T value, JsonTypeInfo<T> type) =>
        scene.Channel.ForgeAsync(AccessScene.North, key, JsonSerializer.SerializeToUtf8Bytes(value, type));

    private async Task<IReadOnlyList<ReleaseEntry>> ReleasesAsync()
    {
        await scene.CaughtUpAsync();
        return await scene.Service<Replica>(AccessScene.North).ListAsync(LedgerKind.Release, [scene.PatientId], LedgerJson.Default.ReleaseEntry, default);
    }

    private Task<long> IncidentsAsync() => scene.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM incident");
}
