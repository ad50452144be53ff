using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.Node.Auth;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Node.Access;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Consents;

/// <summary>A patient who signs a revocation again, for want of an answer to the first, is told that it is done.</summary>
public sealed class RepeatedRevocationTests : IAsyncLifetime
{
    private AccessScene scene = null!;

    private string Patient => $"/api/v1/patients/{scene.PatientId}";

    [Fact]
    public async Task One_that_is_signed_again_is_answered_with_the_first()
    {
        var grant = await scene.GrantAsync();
        using var registrar = scene.Client(AccessScene.North, Role.Registrar);
        var first = await registrar.PostAsync($"{Patient}/consents/{grant}/revocation", Signed(new RevokeBody(grant)), HttpStatusCode.OK);
        var height = await scene.Channel.As(AccessScene.North).HeightAsync(default);
        var again = await registrar.PostAsync($"{Patient}/consents/{grant}/revocation", Signed(new RevokeBody(grant)), HttpStatusCode.OK);
        Assert.Equal(first.GetRawText(), again.GetRawText());
        Assert.Equal(2, again.GetProperty("committedBy").GetArrayLength());
        Assert.Equal(height, await scene.Channel.As(AccessScene.North).HeightAsync(default));
        Assert.Equal(0, await scene.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM revocation_task"));

        // At another hospital too, and not before two members have the first.
        scene.Ledger(AccessScene.South).OnCommittedBy = static _ => [AccessScene.South];
        await scene.CaughtUpAsync();
        using var south = scene.Client(AccessScene.South, Role.Registrar);
        var elsewhere = await south.PostAsync($"{Patient}/consents/{grant}/revocation", Signed(new RevokeBody(grant)), HttpStatusCode.Accepted);
        Assert.Equal(first.GetProperty("revokedBy").GetString(), elsewhere.GetProperty("revokedBy").GetString());
    }

    [Fact]
    public async Task Several_at_once_are_all_answered_with_the_one_that_came_first()
    {
        var grant = await scene.GrantAsync();
        using var north = scene.Client(AccessScene.North, Role.Registrar);
        using var south = scene.Client(AccessScene.South, Role.Registrar);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            using var body = new StringContent(Signed(new RevokeBody(grant)).ToJsonString(), Encoding.UTF8, "application/json");
            using var answer = await (i % 2 == 0 ? north : south).PostAsync($"{Patient}/consents/{grant}/revocation", body);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.Single(answers.Select(static answer =>
        {
            using var consent = JsonDocument.Parse(answer.Item2);
            return consent.RootElement.GetProperty("revokedBy").GetString();
        }).Distinct());
    }

    [Fact]
    public async Task An_id_that_was_revoked_before_it_was_seen_is_done_too()
    {
        using var registrar = scene.Client(AccessScene.North, Role.Registrar);
        var unseen = LedgerId.New(IdKind.Statement);
        await scene.RevokeAsync(unseen);
        await registrar.PostAsync($"{Patient}/consents/{unseen}/revocation", Signed(new RevokeBody(unseen)), HttpStatusCode.OK);
    }

    [Fact]
    public async Task What_was_replaced_or_what_a_delegate_ended_was_not_revoked_by_the_patient_and_is_refused_as_before()
    {
        using var registrar = scene.Client(AccessScene.North, Role.Registrar);
        var old = await scene.GrantAsync();
        var now = LedgerTime.Truncate(DateTimeOffset.UtcNow);
        var permit = new GrantBody(Effect.Permit, [new Provision { Who = [new WhoOrg(AccessScene.South)], Records = [scene.Image] }], new Period(now, now.AddDays(1)));
        await scene.GrantAsync(permit with { Replaces = old });
        Assert.Equal("consent.already_revoked", await RefusedAsync(old, Signed(new RevokeBody(old)))); // what took its place stands

        using var friend = SoftwareAuthenticator.Create("north.example", "https://north.example");
        var id = LedgerId.New(IdKind.Delegate);
        await registrar.PostAsync($"{Patient}/delegates", Signed(new AppointDelegateBody(id,
            [new AddCredentialBody(friend.CredentialId, Base64Url.EncodeToString(friend.CoseKey.Span), friend.RpId, [friend.Origin])],
            new DelegateScope(DelegateActs.Revoke), new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(2))), HttpStatusCode.Created);
        var (byFriend, byPatient) = (await scene.GrantAsync(permit), await scene.GrantAsync(permit));
        await registrar.PostAsync($"{Patient}/consents/{byFriend}/revocation", SignedByFriend(byFriend), HttpStatusCode.OK);
        Assert.Equal("consent.already_revoked", await RefusedAsync(byFriend, Signed(new RevokeBody(byFriend))));
        await scene.RevokeAsync(byPatient);
        Assert.Equal("consent.already_revoked", await RefusedAsync(byPatient, SignedByFriend(byPatient))); // tells a delegate nothing of it

        Task<string?> RefusedAsync(string grant, JsonObject signed) =>
            registrar.RefusedAsync($"{Patient}/consents/{grant}/revocation", signed, HttpStatusCode.UnprocessableEntity);

        JsonObject SignedByFriend(string grant) => friend.Signed(friend.Statement(scene.PatientId, new RevokeBody(grant)) with
        {
            Signer = new StatementSigner(friend.CredentialId, id),
        });
    }

    [Fact]
    public async Task Credentials_and_delegates_likewise()
    {
        using var registrar = scene.Client(AccessScene.North, Role.Registrar);
        using var other = SoftwareAuthenticator.Create("north.example", "https://north.example");
        var added = new AddCredentialBody(other.CredentialId, Base64Url.EncodeToString(other.CoseKey.Span), other.RpId, [other.Origin]);
        await registrar.PostAsync($"{Patient}/credentials", Signed(added), HttpStatusCode.Created);
        await TwiceAsync($"{Patient}/credentials/{other.CredentialId}/revocation", new RevokeCredentialBody(other.CredentialId));

        using var friend = SoftwareAuthenticator.Create("north.example", "https://north.example");
        var id = LedgerId.New(IdKind.Delegate);
        await registrar.PostAsync($"{Patient}/delegates", Signed(new AppointDelegateBody(id,
            [new AddCredentialBody(friend.CredentialId, Base64Url.EncodeToString(friend.CoseKey.Span), friend.RpId, [friend.Origin])],
            new DelegateScope(DelegateActs.Permit), new DateTimeOffset(DateTimeOffset.UtcNow.Year, DateTimeOffset.UtcNow.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(2))),
            HttpStatusCode.Created);
        await TwiceAsync($"{Patient}/delegates/{id}/revocation", new RevokeDelegateBody(id));

        async Task TwiceAsync(string path, StatementBody body)
        {
            var first = await registrar.PostAsync(path, Signed(body), HttpStatusCode.OK);
            Assert.NotNull(first.GetProperty("revokedBy").GetString());
            Assert.Equal(first.GetRawText(), (await registrar.PostAsync(path, Signed(body), HttpStatusCode.OK)).GetRawText());
        }
    }

    public async Task InitializeAsync() => scene = await AccessScene.StartAsync();

    public async Task DisposeAsync() => await scene.DisposeAsync();

    private JsonObject Signed(StatementBody body) => scene.Passkey.Signed(scene.Passkey.Statement(scene.PatientId, body));
}
