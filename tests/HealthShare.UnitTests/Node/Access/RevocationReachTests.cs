using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Node.Consents;
using HealthShare.Node.Keys;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.Options;

namespace HealthShare.UnitTests.Node.Access;

/// <summary>How far a revocation reaches: what is open, what is on its way, and what must not depend on one member alone.</summary>
public sealed class RevocationReachTests : IAsyncLifetime
{
    private const int LargeBytes = 48 * 1024 * 1024; // more than the buffers between two sockets hold
    private AccessScene scene = null!;

    private string Consents => $"/api/v1/patients/{scene.PatientId}/consents";

    [Fact]
    public async Task A_download_in_progress_is_cut_by_the_block_that_revokes()
    {
        var large = LedgerId.New(IdKind.Record);
        await scene.RegisterAsync(AccessScene.North, _ => new byte[LargeBytes], (large, "laboratory", null));
        var grant = await scene.GrantAsync();
        var (id, _) = await scene.AskAsync(AccessScene.South, scene.Records(large, scene.Glucose));
        await scene.ReadAsync(AccessScene.South, id, scene.Glucose); // the keys have arrived
        using var physician = scene.Client(AccessScene.South, Role.Physician);
        using var answer = await physician.GetAsync($"{AccessScene.Requests}/{id}/records/{large}", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal((HttpStatusCode.OK, LargeBytes), (answer.StatusCode, answer.Content.Headers.ContentLength));
        await using var body = await answer.Content.ReadAsStreamAsync();
        await body.ReadExactlyAsync(new byte[1024]);

        await scene.RevokeAsync(grant);
        var failure = await Assert.ThrowsAnyAsync<IOException>(() => body.CopyToAsync(Stream.Null));
        Assert.NotNull(failure);
        await AccessScene.ProblemAsync(physician, $"{AccessScene.Requests}/{id}/records/{large}");
        Assert.Equal(0, await scene.ScalarAsync<long>(AccessScene.South, "SELECT count(*) FROM received_key"));
        Assert.Empty(await scene.Service<ReceivedKeys>(AccessScene.South).RecordsOfAsync(id, default));
    }

    [Theory]
    [InlineData(true)] // its key was here
    [InlineData(false)] // its key was released and never delivered
    public async Task What_was_revoked_stays_away_from_its_request_though_a_later_consent_permits_it(bool keyHadCome)
    {
        var grant = await scene.GrantAsync();
        var custodian = scene.Ledger(AccessScene.North);
        if (!keyHadCome)
            custodian.Closed[LedgerTransactions.DeliverKeys] = true;
        var (old, asked) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose));
        Assert.Equal([scene.Glucose], asked);
        if (keyHadCome)
            await scene.ReadAsync(AccessScene.South, old, scene.Glucose);
        else
            await AccessScene.UntilAsync("a first attempt", () => Task.FromResult(custodian.CountOf(LedgerTransactions.DeliverKeys) > 0));
        await scene.RevokeAsync(grant);
        await AccessScene.UntilAsync("the end of the release", async () => await scene.ScalarAsync<long>(
            AccessScene.North, "SELECT count(*) FROM release_task WHERE state IN ('delivered', 'refused')") == 1);
        custodian.Closed.Clear();
        await scene.GrantAsync();

        using var physician = scene.Client(AccessScene.South, Role.Physician);
        await AccessScene.ProblemAsync(physician, $"{AccessScene.Requests}/{old}/records/{scene.Glucose}");
        using (var view = JsonDocument.Parse(await physician.GetStringAsync($"{AccessScene.Requests}/{old}")))
            Assert.Empty(view.RootElement.GetProperty("records").EnumerateArray());
        var (anew, _) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose));
        Assert.Equal(AccessScene.TextOf(scene.Glucose), await scene.ReadAsync(AccessScene.South, anew, scene.Glucose));
        await AccessScene.ProblemAsync(physician, $"{AccessScene.Requests}/{old}/records/{scene.Glucose}");
    }

    [Fact]
    public async Task A_download_goes_on_through_blocks_that_change_nothing_about_it()
    {
        var large = LedgerId.New(IdKind.Record);
        await scene.RegisterAsync(AccessScene.North, _ => new byte[LargeBytes], (large, "laboratory", null));
        await scene.GrantAsync();
        var (id, _) = await scene.AskAsync(AccessScene.South, scene.Records(large));
        using var physician = scene.Client(AccessScene.South, Role.Physician);
        await AccessScene.UntilAsync("the key", async () =>
            (await scene.Service<ReceivedKeys>(AccessScene.South).RecordsOfAsync(id, default)).Count == 1);
        using var answer = await physician.GetAsync($"{AccessScene.Requests}/{id}/records/{large}", HttpCompletionOption.ResponseHeadersRead);
        await using var body = await answer.Content.ReadAsStreamAsync();
        await body.ReadExactlyAsync(new byte[1024]);
        await scene.GrantAsync(new GrantBody(Effect.Deny, [new Provision { Records = [scene.Image] }], new Period(LedgerTime.Truncate(DateTimeOffset.UtcNow))));
        using var rest = new CountingStream();
        await body.CopyToAsync(rest);
        Assert.Equal(LargeBytes - 1024, rest.Count);
    }

    [Fact]
    public async Task A_revocation_is_done_when_two_members_have_it_and_goes_through_another_one_when_that_takes_too_long()
    {
        using var delays = new Delays(scene.Service<RevocationMetrics>(AccessScene.North).Meter);
        var ledger = scene.Ledger(AccessScene.North);
        Assert.Equal((HttpStatusCode.OK, 2, 0), await RevokedAsync());
        ledger.OnCommittedBy = time => time == 1 ? [AccessScene.North] : [AccessScene.North, AccessScene.South];
        Assert.Equal((HttpStatusCode.OK, 2, 1), await RevokedAsync());
        ledger.OnCommittedBy = _ => [AccessScene.North];
        Assert.Equal((HttpStatusCode.Accepted, 1, 2), await RevokedAsync());
        ledger.OnCommittedBy = null;
        ledger.Closed[LedgerTransactions.RevokeConsent] = true; // this member's own peers are away
        Assert.Equal((HttpStatusCode.OK, 2, 3), await RevokedAsync());
        Assert.Equal(["done own", "done other", "pending other", "done other"], delays.Seen);

        async Task<(HttpStatusCode, int CommittedBy, int Elsewhere)> RevokedAsync()
        {
            var grant = await scene.GrantAsync();
            var (id, _) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose));
            using var registrar = scene.Client(AccessScene.North, Role.Registrar);
            using var answer = await registrar.PostAsync($"{Consents}/{grant}/revocation", new StringContent(
                scene.Passkey.Signed(scene.Passkey.Statement(scene.PatientId, new RevokeBody(grant))).ToJsonString(), System.Text.Encoding.UTF8, "application/json"));
            var consent = await answer.JsonAsync();
            Assert.Equal("revoked", consent.GetProperty("status").GetString());
            await scene.CaughtUpAsync();
            using var physician = scene.Client(AccessScene.South, Role.Physician);
            await AccessScene.ProblemAsync(physician, $"{AccessScene.Requests}/{id}/records/{scene.Glucose}");
            return (answer.StatusCode, consent.GetProperty("committedBy").GetArrayLength(), ledger.Elsewhere.Count);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // this member's own peers are away
    public async Task Whatever_takes_something_away_is_done_when_two_members_have_it(bool ownPeersAway)
    {
        using var registrar = scene.Client(AccessScene.North, Role.Registrar);
        using var friend = SoftwareAuthenticator.Create("south.example", "https://south.example");
        using var lost = SoftwareAuthenticator.Create("south.example", "https://south.example");
        var (patient, friendId, guardianId) = ($"/api/v1/patients/{scene.PatientId}", LedgerId.New(IdKind.Delegate), LedgerId.New(IdKind.Delegate));
        var nextMonth = new DateTimeOffset(DateTime.UtcNow.Year, DateTime.UtcNow.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(2);
        var permit = await registrar.PostAsync($"{patient}/credentials", Signed(OwnOf(lost)), HttpStatusCode.Created);
        Assert.False(permit.TryGetProperty("committedBy", out _)); // what gives does not wait for others
        await registrar.PostAsync($"{patient}/delegates",
            Signed(new AppointDelegateBody(friendId, [OwnOf(friend)], new DelegateScope(DelegateActs.Permit), nextMonth)), HttpStatusCode.Created);
        await registrar.PostAsync($"{patient}/attested-signers", new JsonObject
        {
            ["kind"] = "guardian", ["end"] = LedgerTime.Format(nextMonth), ["signerId"] = guardianId,
            ["credentials"] = new JsonArray(JsonSerializer.SerializeToNode(new Credential(friend.CredentialId,
                System.Buffers.Text.Base64Url.EncodeToString(friend.CoseKey.Span), friend.RpId, [friend.Origin]), LedgerJson.Default.Credential)),
        }, HttpStatusCode.Created);
        var ledger = scene.Ledger(AccessScene.North);
        if (ownPeersAway)
        {
            foreach (var transaction in (string[])[LedgerTransactions.GrantConsent, LedgerTransactions.RevokeCredential,
                LedgerTransactions.RevokeDelegate, LedgerTransactions.ObjectToSigner])
                ledger.Closed[transaction] = true;
        }
        await DoneAsync("credentials/" + lost.CredentialId + "/revocation", Signed(new RevokeCredentialBody(lost.CredentialId)));
        await DoneAsync($"delegates/{friendId}/revocation", Signed(new RevokeDelegateBody(friendId)));
        await DoneAsync($"attested-signers/{guardianId}/objection", new JsonObject { ["statement"] = Signed(new RevokeDelegateBody(guardianId)) });
        await DoneAsync("consents", Signed(Deny()), HttpStatusCode.Created);
        Assert.Equal(ownPeersAway ? 4 : 0, ledger.Elsewhere.Count);

        ledger.Closed.Clear();
        ledger.OnCommittedBy = _ => [AccessScene.North];
        var pending = await registrar.PostAsync($"{patient}/consents", Signed(Deny()), HttpStatusCode.Accepted);
        Assert.Equal(AccessScene.North, Assert.Single(pending.GetProperty("committedBy").EnumerateArray()).GetString());

        async Task DoneAsync(string path, JsonObject body, HttpStatusCode done = HttpStatusCode.OK)
        {
            var answer = await registrar.PostAsync($"{patient}/{path}", body, done);
            Assert.Equal(2, answer.GetProperty("committedBy").EnumerateArray().Select(member => member.GetString()).Distinct().Count());
        }

        JsonObject Signed(StatementBody body) => scene.Passkey.Signed(scene.Passkey.Statement(scene.PatientId, body));
        GrantBody Deny() => new(Effect.Deny, [new Provision { Records = [scene.Image] }], new Period(LedgerTime.Truncate(DateTimeOffset.UtcNow)));
        static AddCredentialBody OwnOf(SoftwareAuthenticator key) => new(
            key.CredentialId, System.Buffers.Text.Base64Url.EncodeToString(key.CoseKey.Span), key.RpId, [key.Origin]);
    }

    [Fact]
    public async Task A_revocation_goes_on_by_another_way_though_whoever_sent_it_is_gone()
    {
        var grant = await scene.GrantAsync();
        var ledger = scene.Ledger(AccessScene.North);
        // So long the own way is waited for, and twice as long the other one, which is open once whoever sent it is gone.
        scene.Service<IOptions<ConsentsOptions>>(AccessScene.North).Value.RevocationPatience = TimeSpan.FromSeconds(10);
        ledger.BeforeSubmit = (call, ct) => call.Transaction == LedgerTransactions.RevokeConsent ? Task.Delay(Timeout.Infinite, ct) : Task.CompletedTask;
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ledger.BeforeElsewhere = (_, ct) => gone.Task.WaitAsync(ct);
        using var registrar = scene.Client(AccessScene.North, Role.Registrar);
        using var page = new CancellationTokenSource();
        using var body = new StringContent(
            scene.Passkey.Signed(scene.Passkey.Statement(scene.PatientId, new RevokeBody(grant))).ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        var answer = registrar.PostAsync($"{Consents}/{grant}/revocation", body, page.Token);
        await AccessScene.UntilAsync("the own way to be tried", () => Task.FromResult(ledger.CountOf(LedgerTransactions.RevokeConsent) > 0));
        await page.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        await AccessScene.UntilAsync("the node to see that nobody waits", () => Task.FromResult(scene.Service<RevocationRelay>(AccessScene.North).Unheard == 1));
        gone.SetResult();
        await AccessScene.UntilAsync("the revocation", async () =>
            await scene.Service<Replica>(AccessScene.South).FindAsync(LedgerKey.Statement(scene.PatientId, grant), default) is null);
        Assert.Equal([LedgerTransactions.RevokeConsent], ledger.Elsewhere);
    }

    [Fact]
    public async Task What_replaces_a_grant_or_withdraws_an_attestation_and_an_erasure_get_through_though_the_own_peers_are_away()
    {
        using var registrar = scene.Client(AccessScene.North, Role.Registrar);
        var (patient, start) = ($"/api/v1/patients/{scene.PatientId}", LedgerTime.Truncate(DateTimeOffset.UtcNow));
        var wide = await scene.GrantAsync();
        var attested = await registrar.PostAsync($"{Consents}/attestations", new JsonObject
        {
            ["form"] = "paper",
            ["body"] = JsonNode.Parse($$"""
                {"effect":"permit","period":{"start":"{{LedgerTime.Format(start)}}"},"scope":[{"who":[{"org":"SouthMSP"}],"records":["{{scene.Image}}"]}]}
                """),
        }, HttpStatusCode.Created);
        var ledger = scene.Ledger(AccessScene.North);
        foreach (var transaction in (string[])[LedgerTransactions.GrantConsent, LedgerTransactions.WithdrawAttestation, LedgerTransactions.ErasePatient])
            ledger.Closed[transaction] = true;

        var narrow = await registrar.PostAsync($"{patient}/consents", Signed(new GrantBody(Effect.Permit,
            [new Provision { Who = [new WhoOrg(AccessScene.South)], Records = [scene.Glucose] }], new Period(start, start.AddDays(1))) { Replaces = wide }), HttpStatusCode.Created);
        Assert.Equal(2, narrow.GetProperty("committedBy").GetArrayLength());
        var withdrawn = await registrar.PostAsync(
            $"{Consents}/attestations/{attested.GetProperty("id").GetString()}/withdrawal", new JsonObject(), HttpStatusCode.OK);
        Assert.Equal(("revoked", 2), (withdrawn.GetProperty("status").GetString(), withdrawn.GetProperty("committedBy").GetArrayLength()));
        await registrar.PostAsync($"{patient}/erasure", Signed(new EraseBody()), HttpStatusCode.Accepted);
        Assert.Equal([LedgerTransactions.GrantConsent, LedgerTransactions.WithdrawAttestation, LedgerTransactions.ErasePatient], ledger.Elsewhere);
        await scene.CaughtUpAsync();
        Assert.True((await scene.Service<Replica>(AccessScene.South).GetAsync(
            LedgerKey.Patient(scene.PatientId), LedgerJson.Default.PatientEntry, default))!.IsErased);

        JsonObject Signed(StatementBody body) => scene.Passkey.Signed(scene.Passkey.Statement(scene.PatientId, body));
    }

    [Fact]
    public async Task What_the_contract_refuses_is_not_tried_elsewhere()
    {
        var grant = await scene.GrantAsync();
        using var stranger = SoftwareAuthenticator.Create("north.example", "https://north.example");
        using var registrar = scene.Client(AccessScene.North, Role.Registrar);
        Assert.Equal("credential.unknown", await registrar.RefusedAsync($"{Consents}/{grant}/revocation",
            stranger.Signed(stranger.Statement(scene.PatientId, new RevokeBody(grant))), HttpStatusCode.UnprocessableEntity));
        Assert.Empty(scene.Ledger(AccessScene.North).Elsewhere);
    }

    public async Task InitializeAsync() => scene = await AccessScene.StartAsync();

    public async Task DisposeAsync() => await scene.DisposeAsync();

    private sealed class CountingStream : MemoryStream
    {
        public long Count { get; private set; }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Count += buffer.Length;
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>What the metric of revocations was told.</summary>
    private sealed class Delays : IDisposable
    {
        private readonly MeterListener listener = new();
        private readonly List<string> seen = [];

        public Delays(Meter meter)
        {
            listener.InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter == meter) // other tests' nodes have theirs
                    self.EnableMeasurementEvents(instrument);
            };
            listener.SetMeasurementEventCallback<double>((_, seconds, tags, _) =>
            {
                Assert.True(seconds >= 0);
                var named = tags.ToArray().ToDictionary(tag => tag.Key, tag => tag.Value);
                lock (seen)
                    seen.Add($"{named["outcome"]} {named["way"]}");
            });
            listener.Start();
        }

        public IReadOnlyList<string> Seen { get { lock (seen) return [.. seen]; } }

        public void Dispose() => listener.Dispose();
    }
}
