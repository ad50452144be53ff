using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.Chaincode.Host;
using HealthShare.Chaincode.Ledger;
using HealthShare.Chaincode.Shim.Server;
using HealthShare.DevLedger;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Connection;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Node.Auth;
using HealthShare.Node.Hosting;
using HealthShare.Node.Keys;
using HealthShare.Node.Ledger;
using HealthShare.Node.Receipts;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.DevLedger;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace HealthShare.UnitTests.Node.Receipts;

/// <summary>Tests of this collection share one ledger and its nodes.</summary>
[CollectionDefinition(Name)]
public sealed class ReceiptCollection : ICollectionFixture<ReceiptScene>
{
    public const string Name = "Receipts";
}

/// <summary>
/// A development ledger with the chaincode, and the nodes of North and South with their real identities on it. The patient enrolled at
/// South signs a grant and its revocation, and South attests a consent. South knows North's address; North knows nobody's.
/// </summary>
public sealed class ReceiptScene : IAsyncLifetime
{
    private const string Patients = "/api/v1/patients";
    private readonly DirectoryInfo state = Directory.CreateTempSubdirectory("hs-receipts-");
    private DevLedgerHost ledger = null!;
    private ChaincodeServer chaincode = null!;

    internal NodeHost North { get; private set; } = null!;

    internal NodeHost South { get; private set; } = null!;

    internal SoftwareAuthenticator Passkey { get; } = SoftwareAuthenticator.Create("south.example", "https://south.example");

    internal SoftwareAuthenticator Second { get; } = SoftwareAuthenticator.Create("authority.test", "https://authority.test");

    public string PatientId { get; private set; } = "";

    public string GrantId { get; private set; } = "";

    public string RevocationId { get; private set; } = "";

    public string AttestationId { get; private set; } = "";

    /// <summary>A broad permit that South brought and North's passkey of the patient signed, too.</summary>
    public string BroadId { get; private set; } = "";

    /// <summary>A guardian for whom South vouched first and North then, who objected later.</summary>
    public string SignerId { get; } = LedgerId.New(IdKind.Delegate);

    /// <summary>The receipt of the grant.</summary>
    internal Receipt Receipt { get; private set; } = null!;

    /// <summary>The genesis block's hash and who the hospitals are.</summary>
    internal ReceiptTrust Trust { get; private set; } = null!;

    public static string PathOf(string patientId, string id) => $"{Patients}/{patientId}/consents/{id}/receipt";

    /// <summary>An identity of a member on the channel.</summary>
    internal SigningIdentity Identity(string mspId, string user = "User1") =>
        ConnectionFile.Read(ledger.ConnectionFile).Organization(mspId).LoadIdentity(user);

    public Task<byte[]> DownloadAsync(string id) => DownloadAsync($"consents/{id}/receipt", $"{id}.receipt.json");

    public async Task<byte[]> DownloadAsync(string path, string name)
    {
        using var client = South.Client(Role.Registrar);
        for (var attempt = 0; ; attempt++)
        {
            using var answer = await client.GetAsync($"{Patients}/{PatientId}/{path}");
            var body = await answer.Content.ReadAsByteArrayAsync();
            if (answer.StatusCode is HttpStatusCode.OK)
            {
                Assert.Equal($"attachment; filename=\"{name}\"", answer.Content.Headers.ContentDisposition?.ToString());
                return body;
            }
            // North's copy may be a moment behind, and answer late beside other work: 202 and 503 both say to ask again.
            Assert.True(answer.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.ServiceUnavailable && attempt < 600, System.Text.Encoding.UTF8.GetString(body));
            await Task.Delay(100);
        }
    }

    public async Task InitializeAsync()
    {
        await StartLedgerAsync();
        North = await StartAsync("NorthMSP", null);
        South = await StartAsync("SouthMSP", North.App.Urls.Single());
        await using (var client = GatewayClient.Connect(ConnectionFile.Read(ledger.ConnectionFile), "NorthMSP", "Admin", LedgerNetwork.Patient))
        {
            await client.SubmitAsync(new TransactionRequest("healthshare", LedgerTransactions.InitNetwork, JsonSerializer.Serialize(
                new InitNetwork([Entry("NorthMSP", North), Entry("SouthMSP", South)], new ChannelSettings(BroadPermitWaitHours: 0)), LedgerJson.Default.InitNetwork)), default);
        }
        await SignAsync();
        await SpeakLaterAsync();
        Receipt = JsonSerializer.Deserialize(await DownloadAsync(GrantId), ReceiptJson.Default.Receipt)!;
        var report = ReceiptVerifier.Verify(JsonSerializer.SerializeToUtf8Bytes(Receipt, ReceiptJson.Default.Receipt), new ReceiptTrust());
        Trust = new ReceiptTrust(report.Receipt!.GenesisHash, ["NorthMSP", "SouthMSP", "EastMSP"]);
    }

    public async Task DisposeAsync()
    {
        if (South is not null)
            await South.DisposeAsync();
        if (North is not null)
            await North.DisposeAsync();
        await ledger.DisposeAsync();
        await chaincode.DisposeAsync();
        Passkey.Dispose();
        Second.Dispose();
        state.Delete(recursive: true);
    }

    private async Task StartLedgerAsync()
    {
        const string packageId = "healthshare_test:0";
        chaincode = ChaincodeHost.Create(new ChaincodeServerOptions { Address = "127.0.0.1:0", PackageId = packageId }, NullLoggerFactory.Instance);
        await chaincode.StartAsync();
        ledger = await DevLedgerHost.StartAsync(new DevLedgerOptions
        {
            StateDirectory = state.FullName,
            Channel = "health",
            Organizations =
            [
                .. new[] { "NorthMSP", "SouthMSP", "EastMSP", "RegulatorMSP" }.Select(mspId => new OrganizationOptions
                {
                    MspId = mspId, Domain = $"{mspId[..^3].ToLowerInvariant()}.example", Endorses = mspId != "RegulatorMSP",
                }),
            ],
            Chaincodes =
            [
                new ChaincodeOptions
                {
                    Name = "healthshare", EndorsementPolicy = "OutOf(2, 'NorthMSP.peer', 'SouthMSP.peer', 'EastMSP.peer')",
                    Service = new ChaincodeService(new Uri($"http://{chaincode.Endpoint}"), packageId),
                },
            ],
            Batch = new BatchOptions { Timeout = TimeSpan.FromMilliseconds(10) },
        });
    }

    private async Task SignAsync()
    {
        using var registrar = South.Client(Role.Registrar);
        JsonElement patient = default;
        for (var attempt = 0; patient.ValueKind is JsonValueKind.Undefined; attempt++)
        {
            using var answer = await registrar.PostAsync(Patients, new StringContent("{\"number\":\"4711\"}", null, "application/json"));
            if (answer.IsSuccessStatusCode)
                patient = await answer.JsonAsync();
            Assert.True(attempt < 600, "South never enrolled the patient.");
            await Task.Delay(100);
        }
        PatientId = patient.GetProperty("patientId").GetString()!;
        await registrar.PostAsync($"{Patients}/{PatientId}/first-credential", Passkey.Credential(), HttpStatusCode.Created);
        var now = LedgerTime.Truncate(DateTimeOffset.UtcNow);
        var grant = Passkey.Statement(PatientId, new GrantBody(
            Effect.Permit, [new Provision { Who = [new WhoOrg("NorthMSP")], Purpose = ["TREAT"] }], new Period(now, now.AddDays(30))));
        await registrar.PostAsync($"{Patients}/{PatientId}/consents", Passkey.Signed(grant), HttpStatusCode.Created);
        var revocation = Passkey.Statement(PatientId, new RevokeBody(grant.Id));
        await registrar.PostAsync($"{Patients}/{PatientId}/consents/{grant.Id}/revocation", Passkey.Signed(revocation), HttpStatusCode.OK);
        using var signed = JsonDocument.Parse(StatementWriter.Write(grant));
        var body = JsonNode.Parse(signed.RootElement.GetProperty("body").GetRawText())!;
        var attested = await registrar.PostAsync($"{Patients}/{PatientId}/consents/attestations",
            new JsonObject { ["form"] = "paper", ["body"] = body }, HttpStatusCode.Created);
        (GrantId, RevocationId, AttestationId) = (grant.Id, revocation.Id, attested.GetProperty("id").GetString()!);
    }

    // What comes after a first word: a second signature, another hospital's word and its objection, a withdrawal.
    private async Task SpeakLaterAsync()
    {
        using var south = South.Client(Role.Registrar);
        using var north = North.Client(Role.Registrar);
        await south.PostAsync($"{Patients}/{PatientId}/links", Passkey.Signed(Passkey.Statement(PatientId, new LinkBody("NorthMSP"))), HttpStatusCode.Created);
        var own = new AddCredentialBody(Second.CredentialId, Convert.ToBase64String(Second.CoseKey.Span).TrimEnd('=').Replace('+', '-').Replace('/', '_'),
            Second.RpId, [Second.Origin]);
        await CaughtUpAsync(North);
        await north.PostAsync($"{Patients}/{PatientId}/credentials", Passkey.Signed(Passkey.Statement(PatientId, own)), HttpStatusCode.Created);
        var now = LedgerTime.Truncate(DateTimeOffset.UtcNow);
        var broad = Passkey.Statement(PatientId, new GrantBody(Effect.Permit, [new Provision { Who = [WhoAnyHospital.Instance] }], new Period(now, now.AddDays(30))));
        await CaughtUpAsync(South);
        await south.PostAsync($"{Patients}/{PatientId}/consents", Passkey.Signed(broad), HttpStatusCode.Created);
        await CaughtUpAsync(North);
        BroadId = broad.Id;
        var assertion = Second.Signed(broad)["assertion"]!.DeepClone();
        await north.PostAsync($"{Patients}/{PatientId}/consents/{BroadId}/co-signature", assertion, HttpStatusCode.OK);
        using var parent = SoftwareAuthenticator.Create("south.example", "https://south.example");
        var guardian = new JsonObject
        {
            ["kind"] = "guardian", ["credentials"] = new JsonArray(parent.Credential()), ["signerId"] = SignerId,
            ["end"] = LedgerTime.Format(new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(2)),
        };
        foreach (var hospital in (HttpClient[])[south, north])
        {
            await CaughtUpAsync(North);
            await hospital.PostAsync($"{Patients}/{PatientId}/attested-signers", guardian.DeepClone(), HttpStatusCode.Created);
        }
        await north.PostAsync($"{Patients}/{PatientId}/attested-signers/{SignerId}/objection", new JsonObject(), HttpStatusCode.OK);
        await south.PostAsync($"{Patients}/{PatientId}/consents/attestations/{AttestationId}/withdrawal", new JsonObject(), HttpStatusCode.OK);
        await CaughtUpAsync(South);
    }

    // The node's copy has what came through the other's.
    private static async Task CaughtUpAsync(NodeHost node)
    {
        var (height, copy) = (await node.App.Services.GetRequiredService<ILedger>().HeightAsync(default), node.App.Services.GetRequiredService<HealthShare.Node.ReadModel.IReadModel>());
        for (var reached = copy.Height; reached < height; reached = copy.Height)
            await copy.WaitForAsync(reached, default);
    }

    private Task<NodeHost> StartAsync(string mspId, string? other)
    {
        var settings = new Dictionary<string, string?> { ["HealthShare:Node:MspId"] = mspId };
        if (other is not null)
            (settings["HealthShare:Receipts:Nodes:0:MspId"], settings["HealthShare:Receipts:Nodes:0:Url"]) = ("NorthMSP", other);
        return NodeHost.StartAsync(settings, services => services.AddSingleton<ILedger>(_ => GatewayLedgerFactory.Create(
            new FabricOptions
            {
                ConnectionFile = ledger.ConnectionFile, User = "User1", // and limits that a busy machine does not come near
                EvaluateTimeout = TimeSpan.FromMinutes(1), EndorseTimeout = TimeSpan.FromMinutes(1), CommitTimeout = TimeSpan.FromMinutes(2),
            },
            new NodeOptions { MspId = mspId },
            TimeProvider.System, NullLogger<GatewayClient>.Instance)));
    }

    private static OrganizationEntry Entry(string mspId, NodeHost node)
    {
        var key = node.App.Services.GetRequiredService<NodeKeys>().SealingKey;
        return new OrganizationEntry(mspId, mspId, OrganizationKind.Hospital, new SealingKey(key.KeyId, key.ToString()));
    }
}
