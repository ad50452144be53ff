using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Ledger;
using HealthShare.Node.Patients;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Chaincode;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.UnitTests.Node.Patients;

public sealed class DelegateReadingTests : IAsyncLifetime
{
    private const string North = "NorthMSP", Token = "token-of-the-friend";
    private readonly MemoryChannel channel = new();
    private readonly SoftwareAuthenticator passkey = SoftwareAuthenticator.Create("north.example", "https://north.example");
    private readonly SoftwareAuthenticator friend = SoftwareAuthenticator.Create("south.example", "https://south.example");
    private readonly string delegateId = LedgerId.New(IdKind.Delegate);
    private NodeHost node = null!;
    private HttpClient client = null!;

    private static string Patient => $"/api/v1/patients/{NodeHost.PatientId}";

    [Fact]
    public async Task A_delegate_sees_what_is_not_confidential_while_in_power_and_nothing_that_tells_of_the_rest()
    {
        await HiddenAsync(HttpStatusCode.NotFound); // not appointed yet
        await AppointAsync();
        Assert.Equal(NodeHost.PatientId, (await client.GetOkAsync(Patient)).GetProperty("patientId").GetString());
        var seen = (await client.GetOkAsync($"{Patient}/records")).GetProperty("records").EnumerateArray();
        Assert.Equal(["N"], seen.Select(record => record.GetProperty("confidentiality").GetString()));
        using var patient = node.Client(HealthShare.Node.Auth.Role.Patient);
        Assert.Equal(3, (await patient.GetOkAsync($"{Patient}/records")).GetProperty("records").GetArrayLength());
        foreach (var path in (string[])["consents", "access-log", "delegates", "attested-signers"])
        {
            using var answer = await client.GetAsync($"{Patient}/{path}");
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }
        Assert.Equal(["deny"], (await client.GetOkAsync($"{Patient}/delegates/own")).GetProperty("scope").GetProperty("statements")
            .EnumerateArray().Select(act => act.GetString()));
        Assert.Empty(await OwnGrantsAsync());
        await SubmitAsync(LedgerTransactions.GrantConsent, Signed(new GrantBody(Effect.Deny, [new Provision()], new Period(LedgerTime.Truncate(DateTimeOffset.UtcNow)))),
            LedgerJson.Default.SignedStatement);
        Assert.Empty(await OwnGrantsAsync()); // the patient's own could tell of what is confidential
        foreach (var path in (string[])["consents/own", "delegates/own"])
        {
            using var others = await patient.GetAsync($"{Patient}/{path}");
            Assert.Equal(HttpStatusCode.NotFound, others.StatusCode); // who is no delegate has none
        }
        var deny = new GrantBody(Effect.Deny, [new Provision()], new Period(LedgerTime.Truncate(DateTimeOffset.UtcNow)));
        await client.PostAsync($"{Patient}/consents", friend.Signed(friend.Statement(NodeHost.PatientId, deny) with
        {
            Signer = new StatementSigner(friend.CredentialId, delegateId),
        }), HttpStatusCode.Created);
        Assert.Equal([delegateId], (await OwnGrantsAsync()).Select(grant => grant.GetProperty("delegate").GetString()));

        // Who was appointed confirms nothing; the patient confirms permits alone, and registrars have the whole list.
        Assert.Equal(0, (await patient.GetOkAsync($"{Patient}/consents/confirmations")).GetProperty("permits").GetArrayLength());
        using var registrar = node.Client(HealthShare.Node.Auth.Role.Registrar);
        foreach (var other in (HttpClient[])[client, registrar])
        {
            using var answer = await other.GetAsync($"{Patient}/consents/confirmations");
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }

        await SubmitAsync(LedgerTransactions.RevokeDelegate, Signed(new RevokeDelegateBody(delegateId)), LedgerJson.Default.SignedStatement);
        await HiddenAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_delegate_sees_nothing_any_more_once_the_credential_that_appointed_is_revoked()
    {
        using var stolen = SoftwareAuthenticator.Create("north.example", "https://north.example");
        await SubmitAsync(LedgerTransactions.AddCredential, Signed(DelegateScene.Own(stolen)), LedgerJson.Default.SignedStatement);
        await AppointAsync(stolen);
        await client.GetOkAsync(Patient);
        await client.GetOkAsync($"{Patient}/records");
        await SubmitAsync(LedgerTransactions.RevokeCredential, Signed(new RevokeCredentialBody(stolen.CredentialId)), LedgerJson.Default.SignedStatement);
        await HiddenAsync(HttpStatusCode.NotFound);
        await AppointAsync(); // the patient may mean it
        await client.GetOkAsync(Patient);
    }

    [Fact]
    public async Task A_delegate_whom_a_credential_appointed_that_this_hospital_never_accepted_sees_nothing()
    {
        await node.App.Services.GetRequiredService<TrustedCredentials>().ChangeAsync(
            transaction => transaction.Connection!.ExecuteAsync("DELETE FROM trusted_credential", transaction: transaction), default);
        await AppointAsync();
        await HiddenAsync(HttpStatusCode.NotFound);
    }

    public async Task InitializeAsync()
    {
        node = await NodeHost.StartOnAsync(channel, North, new Dictionary<string, string?>
        {
            ["HealthShare:Auth:Callers:20:Name"] = "friend",
            ["HealthShare:Auth:Callers:20:Role"] = "Patient",
            ["HealthShare:Auth:Callers:20:PatientId"] = NodeHost.PatientId,
            ["HealthShare:Auth:Callers:20:DelegateId"] = delegateId,
            ["HealthShare:Auth:Callers:20:TokenSha256"] = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Token))),
        });
        client = node.Client();
        client.DefaultRequestHeaders.Authorization = new("Bearer", Token);
        await channel.InitAsync((North, node));
        var credential = new Credential(passkey.CredentialId, passkey.Credential()["publicKey"]!.GetValue<string>(), passkey.RpId, [passkey.Origin]);
        await SubmitAsync(LedgerTransactions.EnrollPatient, new EnrollPatient(NodeHost.PatientId, [credential]), LedgerJson.Default.EnrollPatient);
        await node.App.Services.GetRequiredService<TrustedCredentials>().AddAsync(NodeHost.PatientId, credential, default);
        using var scene = new LedgerScene();
        await SubmitAsync(LedgerTransactions.RegisterRecords, new RegisterRecords(
        [
            .. new[] { "N", "R", "V" }.Select((code, number) => scene.Record(number + 1) with { PatientId = NodeHost.PatientId, Confidentiality = code }),
        ]), LedgerJson.Default.RegisterRecords);
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        await node.DisposeAsync();
        passkey.Dispose();
        friend.Dispose();
    }

    private async Task<List<JsonElement>> OwnGrantsAsync() =>
        [.. (await client.GetOkAsync($"{Patient}/consents/own")).GetProperty("consents").EnumerateArray()];

    private async Task AppointAsync(SoftwareAuthenticator? by = null)
    {
        var now = DateTimeOffset.UtcNow;
        var end = new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(3);
        await SubmitAsync(LedgerTransactions.AppointDelegate, Signed(new AppointDelegateBody(
            delegateId, [DelegateScene.Own(friend)], new DelegateScope(DelegateActs.Deny), end), by), LedgerJson.Default.SignedStatement);
    }

    private SignedStatement Signed(StatementBody body, SoftwareAuthenticator? by = null)
    {
        var bytes = StatementWriter.Write((by ?? passkey).Statement(NodeHost.PatientId, body));
        return LedgerScene.Signed(bytes, (by ?? passkey).Sign(bytes));
    }

    private async Task SubmitAsync<T>(string transaction, T argument, JsonTypeInfo<T> type)
    {
        var commit = await channel.As(North).SubmitAsync(new LedgerCall(transaction, JsonSerializer.SerializeToUtf8Bytes(argument, type)), default);
        await node.App.Services.GetRequiredService<IReadModel>().WaitForAsync(commit.Block, default).WaitAsync(TimeSpan.FromMinutes(1));
    }

    private async Task HiddenAsync(HttpStatusCode code)
    {
        foreach (var path in (string[])[Patient, $"{Patient}/records", $"{Patient}/consents/own", $"{Patient}/delegates/own", $"{Patient}/consents/confirmations"])
        {
            using var answer = await client.GetAsync(path);
            Assert.Equal(code, answer.StatusCode);
        }
    }
}
