using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.Node.Auth;
using HealthShare.Node.Consents;
using HealthShare.Node.Database;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Node.Access;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Consents;

/// <summary>A revocation that a node has taken gets to the channel, whoever waits for it and whether or not the node stops in between.</summary>
public sealed class RevocationResumeTests
{
    private const string Under = "SELECT count(*) FROM revocation_task";

    public static TheoryData<DatabaseProvider> Providers => KeyedNode.Providers;

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task A_node_that_stops_goes_on_with_it_when_it_starts(DatabaseProvider provider)
    {
        await using var scene = await AccessScene.StartAsync(provider);
        var grant = await scene.GrantAsync();
        var ledger = scene.Ledger(AccessScene.North);
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ledger.BeforeSubmit = ledger.BeforeElsewhere = (call, ct) =>
            call.Transaction == LedgerTransactions.RevokeConsent ? open.Task.WaitAsync(ct) : Task.CompletedTask;
        using var registrar = scene.Client(AccessScene.North, Role.Registrar);
        using var page = new CancellationTokenSource();
        var answer = SendAsync(scene, registrar, grant, page.Token);
        await AccessScene.UntilAsync("the own way to be tried", () => Task.FromResult(ledger.CountOf(LedgerTransactions.RevokeConsent) > 0));
        Assert.Equal(1, await scene.ScalarAsync<long>(AccessScene.North, Under)); // before it is sent

        await scene.RestartAsync(AccessScene.North);
        await Assert.ThrowsAnyAsync<Exception>(async () => (await answer).EnsureSuccessStatusCode());
        Assert.NotNull(await scene.Service<Replica>(AccessScene.South).FindAsync(LedgerKey.Statement(scene.PatientId, grant), default));
        open.SetResult();
        await AccessScene.UntilAsync("the revocation", async () =>
            await scene.Service<Replica>(AccessScene.South).FindAsync(LedgerKey.Statement(scene.PatientId, grant), default) is null);
        await AccessScene.UntilAsync("an empty list", async () => await scene.ScalarAsync<long>(AccessScene.North, Under) == 0);
        // Whoever signs it again is told that it is done.
        using var next = scene.Client(AccessScene.North, Role.Registrar);
        using (var again = await SendAsync(scene, next, grant, default))
            Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(0, await scene.ScalarAsync<long>(AccessScene.North, Under));
    }

    [Fact]
    public async Task One_that_failed_is_kept_where_nobody_was_told_and_forgotten_where_somebody_was()
    {
        await using var scene = await AccessScene.StartAsync();
        var (told, untold) = (await scene.GrantAsync(), await scene.GrantAsync());
        var ledger = scene.Ledger(AccessScene.North);
        ledger.Closed[LedgerTransactions.RevokeConsent] = true;
        ledger.BeforeElsewhere = static (call, _) => call.Transaction == LedgerTransactions.RevokeConsent
            ? throw FakeLedger.Away(LedgerStage.Endorse) : Task.CompletedTask;
        using var registrar = scene.Client(AccessScene.North, Role.Registrar);
        using (var failed = await SendAsync(scene, registrar, told, default))
            Assert.Equal(HttpStatusCode.ServiceUnavailable, failed.StatusCode);
        Assert.Equal(0, await scene.ScalarAsync<long>(AccessScene.North, Under));

        var (tried, away) = (ledger.Elsewhere.Count, ledger.BeforeElsewhere);
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ledger.BeforeElsewhere = async (call, ct) =>
        {
            await gone.Task.WaitAsync(ct);
            await away(call, ct);
        };
        using var page = new CancellationTokenSource();
        var answer = SendAsync(scene, registrar, untold, page.Token);
        await AccessScene.UntilAsync("another way to be tried", () => Task.FromResult(ledger.Elsewhere.Count > tried));
        await page.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        await UnheardAsync(scene);
        gone.SetResult();
        await AccessScene.UntilAsync("another attempt", async () => await scene.ScalarAsync<long>(AccessScene.North,
            "SELECT count(*) FROM revocation_task WHERE attempts > 0") == 1);
        ledger.Closed.Clear();
        await AccessScene.UntilAsync("the revocation", async () =>
            await scene.Service<Replica>(AccessScene.South).FindAsync(LedgerKey.Statement(scene.PatientId, untold), default) is null);
        Assert.NotNull(await scene.Service<Replica>(AccessScene.South).FindAsync(LedgerKey.Statement(scene.PatientId, told), default));
        await AccessScene.UntilAsync("an empty list", async () => await scene.ScalarAsync<long>(AccessScene.North, Under) == 0);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task One_that_the_channel_refuses_is_sent_once_one_too_old_never_and_officer_and_patient_hear_of_what_is_not_there(DatabaseProvider provider)
    {
        await using var scene = await AccessScene.StartAsync(provider);
        var grant = await scene.GrantAsync();
        await scene.RevokeAsync(grant);
        var ledger = scene.Ledger(AccessScene.North);
        var sent = ledger.CountOf(LedgerTransactions.RevokeConsent);
        using var stranger = SoftwareAuthenticator.Create("north.example", "https://north.example");
        var (away, old) = (scene.Passkey.Statement(scene.PatientId, new RevokeBody(grant)), scene.Passkey.Statement(scene.PatientId, new RevokeBody(grant)));
        var refused = stranger.Statement(scene.PatientId, new RevokeBody(grant));
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        await InsertAsync(scene, scene.Passkey.Signed(away).ToJsonString(), now);
        await InsertAsync(scene, stranger.Signed(refused).ToJsonString(), now);
        await InsertAsync(scene, scene.Passkey.Signed(old).ToJsonString(), 0);
        await AccessScene.UntilAsync("an empty list", async () => await scene.ScalarAsync<long>(AccessScene.North, Under) == 0);
        Assert.Equal(sent + 2, ledger.CountOf(LedgerTransactions.RevokeConsent));
        // What is away already is as the patient wanted it.
        Assert.Equal(0, await scene.ScalarAsync<long>(AccessScene.North, $"SELECT count(*) FROM incident WHERE subject = '{away.Id}'"));
        using var officer = scene.Client(AccessScene.North, Role.PrivacyOfficer);
        var told = await officer.GetOkAsync($"/api/v1/patients/{scene.PatientId}/notifications");
        foreach (var statement in new[] { refused, old })
        {
            Assert.Equal(1, await scene.ScalarAsync<long>(AccessScene.North,
                $"SELECT count(*) FROM incident WHERE code = 'revocation.not_relayed' AND patient_id = '{scene.PatientId}' AND subject = '{statement.Id}'"));
            Assert.Equal(1, await scene.ScalarAsync<long>(AccessScene.North,
                $"SELECT count(*) FROM event WHERE topic = 'notification' AND kind = 'revocationNotRelayed' AND subject = '{statement.Id}'"));
            Assert.Contains(told.GetProperty("items").EnumerateArray(), item => item.GetProperty("kind").GetString() == "revocationNotRelayed"
                && item.GetProperty("subject").GetString() == statement.Id && item.GetProperty("member").GetString() == AccessScene.North);
        }
    }

    [Fact]
    public async Task A_delegate_who_was_ended_by_another_statement_is_ended_and_nobody_is_alarmed()
    {
        await using var scene = await AccessScene.StartAsync();
        using var friend = SoftwareAuthenticator.Create("north.example", "https://north.example");
        var id = LedgerId.New(IdKind.Delegate);
        using var registrar = scene.Client(AccessScene.North, Role.Registrar);
        var patient = $"/api/v1/patients/{scene.PatientId}";
        await registrar.PostAsync($"{patient}/delegates", scene.Passkey.Signed(scene.Passkey.Statement(scene.PatientId, new AppointDelegateBody(id,
            [new AddCredentialBody(friend.CredentialId, Base64Url.EncodeToString(friend.CoseKey.Span), friend.RpId, [friend.Origin])],
            new DelegateScope(DelegateActs.Permit), new DateTimeOffset(DateTimeOffset.UtcNow.Year, DateTimeOffset.UtcNow.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(2)))), HttpStatusCode.Created);
        await registrar.PostAsync($"{patient}/delegates/{id}/revocation",
            scene.Passkey.Signed(scene.Passkey.Statement(scene.PatientId, new RevokeDelegateBody(id))), HttpStatusCode.OK);
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        await InsertAsync(scene, scene.Passkey.Signed(scene.Passkey.Statement(scene.PatientId, new RevokeDelegateBody(id))).ToJsonString(), now, LedgerTransactions.RevokeDelegate);
        await AccessScene.UntilAsync("an empty list", async () => await scene.ScalarAsync<long>(AccessScene.North, Under) == 0);
        Assert.Equal(0, await scene.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM incident"));
        // The same code about one who signs says that nothing was done.
        await InsertAsync(scene, friend.Signed(friend.Statement(scene.PatientId, new RevokeDelegateBody(id)) with
        {
            Signer = new StatementSigner(friend.CredentialId, id),
        }).ToJsonString(), now, LedgerTransactions.RevokeDelegate);
        await AccessScene.UntilAsync("an empty list", async () => await scene.ScalarAsync<long>(AccessScene.North, Under) == 0);
        Assert.Equal(1, await scene.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM incident WHERE code = 'revocation.not_relayed'"));
    }

    [Fact]
    public async Task One_that_is_refused_for_now_and_that_nobody_waits_for_is_sent_again_and_taken()
    {
        await using var scene = await AccessScene.StartAsync();
        var grant = await scene.GrantAsync();
        var ledger = scene.Ledger(AccessScene.North);
        var refusals = 0;
        ledger.BeforeSubmit = (call, _) => call.Transaction == LedgerTransactions.RevokeConsent && Interlocked.Increment(ref refusals) == 1
            ? throw FakeLedger.Refusal("statement.issued_ahead") : Task.CompletedTask;
        await InsertAsync(scene, scene.Passkey.Signed(scene.Passkey.Statement(scene.PatientId, new RevokeBody(grant))).ToJsonString(),
            DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        await AccessScene.UntilAsync("an empty list", async () => await scene.ScalarAsync<long>(AccessScene.North, Under) == 0);
        await scene.CaughtUpAsync();
        Assert.Null(await scene.Service<Replica>(AccessScene.South).FindAsync(LedgerKey.Statement(scene.PatientId, grant), default));
        Assert.Equal(0, await scene.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM incident"));
    }

    [Fact]
    public async Task A_database_that_does_not_answer_keeps_nothing_from_the_channel()
    {
        await using var scene = await AccessScene.StartAsync();
        var grant = await scene.GrantAsync();
        var tasks = scene.Service<RevocationTasks>(AccessScene.North);
        tasks.Patience = TimeSpan.FromMilliseconds(50);
        using var registrar = scene.Client(AccessScene.North, Role.Registrar);
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var held = scene.Service<IDatabase>(AccessScene.North).WriteAsync(_ => open.Task, default); // SQLite has one writer
        var answer = SendAsync(scene, registrar, grant, default);
        await AccessScene.UntilAsync("the revocation", async () =>
            await scene.Service<Replica>(AccessScene.South).FindAsync(LedgerKey.Statement(scene.PatientId, grant), default) is null);
        open.SetResult();
        await held;
        using (var done = await answer)
            Assert.Equal(HttpStatusCode.OK, done.StatusCode);
        Assert.Equal(0, tasks.Busy);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task How_far_it_has_come_is_told_also_after_a_restart(DatabaseProvider provider)
    {
        await using var scene = await AccessScene.StartAsync(provider);
        var grant = await scene.GrantAsync();
        var ledger = scene.Ledger(AccessScene.North);
        ledger.OnCommittedBy = static _ => [AccessScene.North];
        using (var registrar = scene.Client(AccessScene.North, Role.Registrar))
        using (var waits = await SendAsync(scene, registrar, grant, default))
            Assert.Equal(HttpStatusCode.Accepted, waits.StatusCode);
        Assert.Equal(1, await ToldAsync("waiting"));
        await scene.RestartAsync(AccessScene.North);
        Assert.Equal((0, 1), (await ToldAsync("done"), await scene.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM revocation_followed")));
        ledger.OnCommittedBy = null;
        await AccessScene.UntilAsync("the last word", async () => await ToldAsync("done") == 1);
        Assert.Equal((1, 0), (await ToldAsync("waiting"), await scene.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM revocation_followed")));

        Task<long> ToldAsync(string kind) => scene.ScalarAsync<long>(AccessScene.North, $"SELECT count(*) FROM event WHERE topic = 'revocation' AND kind = '{kind}'");
    }

    [Fact]
    public async Task An_objection_that_the_patient_signed_and_that_is_not_there_is_told_to_the_patient_and_one_of_a_hospital_to_the_officer()
    {
        await using var scene = await AccessScene.StartAsync();
        var signer = LedgerId.New(IdKind.Delegate); // for whom nobody vouches: the channel refuses
        var objection = scene.Passkey.Statement(scene.PatientId, new RevokeDelegateBody(signer));
        var patient = $"/api/v1/patients/{scene.PatientId}/notifications";
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        await InsertAsync(scene, ArgumentOf(null), now, LedgerTransactions.ObjectToSigner);
        // As after a restart, and as one whose caller leaves.
        await InsertAsync(scene, ArgumentOf(objection), now, LedgerTransactions.ObjectToSigner);
        await AccessScene.UntilAsync("an empty list", async () => await scene.ScalarAsync<long>(AccessScene.North, Under) == 0);
        Assert.Equal([objection.Id], await ToldAsync());
        Assert.Equal(2, await scene.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM incident WHERE code = 'revocation.not_relayed'"));

        var ledger = scene.Ledger(AccessScene.North);
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ledger.BeforeSubmit = (call, _) => call.Transaction == LedgerTransactions.ObjectToSigner ? open.Task : Task.CompletedTask;
        using var registrar = scene.Client(AccessScene.North, Role.Registrar);
        using var page = new CancellationTokenSource();
        using var body = new StringContent($$"""{"statement":{{scene.Passkey.Signed(objection with { Id = LedgerId.New(IdKind.Statement) }).ToJsonString()}}}""",
            Encoding.UTF8, "application/json");
        var answer = registrar.PostAsync($"/api/v1/patients/{scene.PatientId}/attested-signers/{signer}/objection", body, page.Token);
        await AccessScene.UntilAsync("the own way to be tried", async () => await scene.ScalarAsync<long>(AccessScene.North, Under) == 1);
        await page.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        await UnheardAsync(scene);
        open.SetResult();
        await AccessScene.UntilAsync("an empty list", async () => await scene.ScalarAsync<long>(AccessScene.North, Under) == 0);
        Assert.Equal(2, (await ToldAsync()).Length);

        string ArgumentOf(Statement? statement) => JsonSerializer.Serialize(new ObjectToSigner(scene.PatientId, signer, statement is null ? null
            : JsonSerializer.Deserialize(scene.Passkey.Signed(statement).ToJsonString(), LedgerJson.Default.SignedStatement)), LedgerJson.Default.ObjectToSigner);

        async Task<string[]> ToldAsync()
        {
            using var officer = scene.Client(AccessScene.North, Role.PrivacyOfficer);
            return [.. (await officer.GetOkAsync(patient)).GetProperty("items").EnumerateArray()
                .Where(item => item.GetProperty("kind").GetString() == "revocationNotRelayed").Select(item => item.GetProperty("subject").GetString()!)];
        }
    }

    private static Task UnheardAsync(AccessScene scene) => AccessScene.UntilAsync("the node to see that nobody waits",
        () => Task.FromResult(scene.Service<RevocationRelay>(AccessScene.North).Unheard == 1));

    // As one whose caller is gone.
    private static async Task InsertAsync(AccessScene scene, string argument, long begunAt, string name = LedgerTransactions.RevokeConsent)
    {
        var id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{name}\n{argument}")));
        await scene.Service<IDatabase>(AccessScene.North).WriteAsync(transaction => transaction.Connection!.ExecuteAsync("""
            INSERT INTO revocation_task (id, transaction_name, argument, begun_at, attempts, next_at, unheard)
            VALUES (@id, @name, @argument, @begunAt, 0, 0, 1)
            """, new { id, name, argument = Encoding.UTF8.GetBytes(argument), begunAt }, transaction), default);
    }

    private static async Task<HttpResponseMessage> SendAsync(AccessScene scene, HttpClient client, string grant, CancellationToken ct)
    {
        using var body = new StringContent(scene.Passkey.Signed(scene.Passkey.Statement(scene.PatientId, new RevokeBody(grant))).ToJsonString(),
            Encoding.UTF8, "application/json");
        return await client.PostAsync($"/api/v1/patients/{scene.PatientId}/consents/{grant}/revocation", body, ct);
    }
}
