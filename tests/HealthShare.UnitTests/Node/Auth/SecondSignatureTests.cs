using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace HealthShare.UnitTests.Node.Auth;

/// <summary>A regulator's node brings second signatures of patients whom it does not know.</summary>
public sealed class SecondSignatureTests : IAsyncLifetime, IDisposable
{
    private const string Regulator = "NorthMSP", South = "SouthMSP", East = "EastMSP", Path = "second-keys/co-signatures";
    private readonly MovedClock clock = new();
    private readonly SoftwareAuthenticator first = SoftwareAuthenticator.Create("south.example", "https://south.example");
    private readonly SoftwareAuthenticator second = SoftwareAuthenticator.Create(SignInScene.RpId, SignInScene.Origin);
    private readonly SoftwareAuthenticator fresh = SoftwareAuthenticator.Create(SignInScene.RpId, SignInScene.Origin);
    private readonly string patientId = LedgerId.New(IdKind.Patient);
    private MemoryChannel channel = null!;
    private NodeHost node = null!;
    private TestBrowser browser = null!;

    public async Task InitializeAsync()
    {
        channel = new MemoryChannel(clock);
        node = await NodeHost.StartAsync(
            new Dictionary<string, string?>
            {
                ["HealthShare:SignIn:Origin"] = SignInScene.Origin, ["HealthShare:SignIn:AttemptsPerMinute"] = "10000", ["HealthShare:Node:Kind"] = "Regulator",
            },
            services =>
            {
                services.AddSingleton(channel.As(Regulator));
                services.AddSingleton<TimeProvider>(clock);
            });
        await channel.InitAsync((Regulator, node), (South, node), (East, node));
        browser = new TestBrowser(node.Client());
        await SubmitAsync(South, LedgerTransactions.EnrollPatient, new JsonObject
        {
            ["patientId"] = patientId, ["credentials"] = new JsonArray(first.Credential()),
        });
        await AddAsync(second);
    }

    [Fact]
    public async Task What_a_passkey_of_this_site_signed_a_second_time_comes_to_the_channel_through_this_node()
    {
        clock.Forward(TimeSpan.FromHours(25));
        var bytes = await GrantAsync(Broad);
        using (var answer = await browser.SendAsync(HttpMethod.Post, Path, second.Signed(bytes)))
            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(Regulator, (await EntryAsync(bytes)).CoSigned?.RelayedBy);
        Assert.Equal("consent.already_cosigned", await browser.RefusedAsync(Path, second.Signed(bytes), HttpStatusCode.UnprocessableEntity)); // another signature
    }

    [Fact]
    public async Task What_the_channel_refuses_has_its_code()
    {
        clock.Forward(TimeSpan.FromHours(25));
        await AddAsync(fresh);
        Assert.Equal("consent.cosigner_too_new", await browser.RefusedAsync(Path, fresh.Signed(await GrantAsync(Broad)), HttpStatusCode.UnprocessableEntity));
        Assert.Equal("consent.not_broad", await browser.RefusedAsync(Path, second.Signed(await GrantAsync(Narrow)), HttpStatusCode.UnprocessableEntity));
    }

    [Fact]
    public async Task Whoever_holds_no_passkey_of_this_site_or_not_the_permit_learns_nothing_and_moves_nothing()
    {
        clock.Forward(TimeSpan.FromHours(25));
        var bytes = await GrantAsync(Broad);
        using var stranger = SoftwareAuthenticator.Create(SignInScene.RpId, SignInScene.Origin);
        var permit = StatementReader.Read(bytes);
        var other = StatementWriter.Write(permit with { Issued = permit.Issued.AddSeconds(-1) });
        var foreign = second.Signed(bytes);
        foreign["assertion"] = stranger.Signed(bytes)["assertion"]!.DeepClone();
        foreign["assertion"]!["credential"] = second.CredentialId;
        var odd = second.Signed(bytes);
        odd["assertion"]!["credential"] = "%%";
        foreach (var wrong in new[]
        {
            stranger.Signed(bytes), first.Signed(bytes), second.Signed(other), foreign, odd,
            stranger.Signed(StatementWriter.Write(permit with { Id = LedgerId.New(IdKind.Statement) })),
            second.Signed(StatementWriter.Write(permit with { Patient = LedgerId.New(IdKind.Patient) })),
        })
            Assert.Equal("access.not_available", await browser.RefusedAsync(Path, wrong, HttpStatusCode.NotFound));
        browser.Origin = "https://south.example";
        Assert.Equal("csrf.refused", await browser.RefusedAsync(Path, second.Signed(bytes), HttpStatusCode.Forbidden));
        Assert.Null((await EntryAsync(bytes)).CoSigned);
    }

    [Fact]
    public async Task A_permit_that_this_nodes_copy_does_not_have_yet_is_waited_for_and_not_for_ever()
    {
        clock.Forward(TimeSpan.FromHours(25));
        var options = node.App.Services.GetRequiredService<IOptions<ReadModelOptions>>().Value;
        options.WaitForBlock = TimeSpan.FromSeconds(60);
        var bytes = StatementWriter.Write(first.Statement(patientId, Broad) with { Issued = Now });
        var asked = browser.SendAsync(HttpMethod.Post, Path, second.Signed(bytes));
        Assert.False(asked.IsCompleted);
        await SubmitAsync(South, LedgerTransactions.GrantConsent, first.Signed(bytes));
        using (var answer = await asked)
            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(Regulator, (await EntryAsync(bytes)).CoSigned?.RelayedBy);

        // Who is not the patient waits for nothing: the wait is far longer than the test.
        options.WaitForBlock = TimeSpan.FromHours(1);
        var unknown = StatementWriter.Write(first.Statement(patientId, Broad) with { Issued = Now });
        using var stranger = SoftwareAuthenticator.Create(SignInScene.RpId, SignInScene.Origin);
        Assert.Equal("access.not_available", await browser.RefusedAsync(Path, stranger.Signed(unknown), HttpStatusCode.NotFound));
        await SubmitAsync(South, LedgerTransactions.RevokeConsent, first.Signed(first.Statement(patientId, new RevokeBody(StatementReader.Read(bytes).Id)) with { Issued = Now }));
        Assert.Equal("access.not_available", await browser.RefusedAsync(Path, second.Signed(bytes), HttpStatusCode.NotFound)); // it is over
        options.WaitForBlock = TimeSpan.FromMilliseconds(1);
        using var late = await browser.SendAsync(HttpMethod.Post, Path, second.Signed(unknown));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "readmodel.behind"), (late.StatusCode, (await late.JsonAsync()).GetProperty("code").GetString()));
        Assert.NotNull(late.Headers.RetryAfter);
    }

    public async Task DisposeAsync() => await node.DisposeAsync();

    public void Dispose()
    {
        foreach (var one in new IDisposable[] { first, second, fresh, browser })
            one.Dispose();
    }

    private GrantBody Broad => new(Effect.Permit, [new Provision { Who = [WhoAnyHospital.Instance] }], new Period(Now, Now.AddDays(30)));

    private GrantBody Narrow => new(Effect.Permit, [new Provision { Who = [new WhoOrg(East)] }], new Period(Now, Now.AddDays(30)));

    private DateTimeOffset Now => LedgerTime.Truncate(clock.GetUtcNow());

    private async Task<byte[]> GrantAsync(GrantBody grant)
    {
        var bytes = StatementWriter.Write(first.Statement(patientId, grant) with { Issued = Now });
        await SubmitAsync(South, LedgerTransactions.GrantConsent, first.Signed(bytes));
        return bytes;
    }

    // Through a third member: a passkey that the permit's own member brought is no second one.
    private Task AddAsync(SoftwareAuthenticator passkey)
    {
        var added = passkey.Credential();
        var body = new AddCredentialBody(passkey.CredentialId, added["publicKey"]!.GetValue<string>(), passkey.RpId, [passkey.Origin]);
        return SubmitAsync(East, LedgerTransactions.AddCredential, first.Signed(first.Statement(patientId, body) with { Issued = Now }));
    }

    private async Task SubmitAsync(string mspId, string transaction, JsonObject argument)
    {
        var commit = await channel.As(mspId).SubmitAsync(new LedgerCall(transaction, JsonSerializer.SerializeToUtf8Bytes(argument)), default);
        await node.App.Services.GetRequiredService<IReadModel>().WaitForAsync(commit.Block, default).WaitAsync(TimeSpan.FromSeconds(60));
    }

    private async Task<StatementEntry> EntryAsync(byte[] bytes)
    {
        var height = await channel.As(Regulator).HeightAsync(default);
        await node.App.Services.GetRequiredService<IReadModel>().WaitForAsync(height - 1, default).WaitAsync(TimeSpan.FromSeconds(60));
        return (await node.App.Services.GetRequiredService<Replica>()
            .GetAsync(LedgerKey.Statement(patientId, StatementReader.Read(bytes).Id), LedgerJson.Default.StatementEntry, default))!;
    }
}
