using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using HealthShare.Chaincode;
using HealthShare.Chaincode.Ledger;
using HealthShare.Chaincode.Shim;
using HealthShare.Chaincode.Shim.Testing;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Policy.WebAuthn;
using HealthShare.Sandbox.Authenticator;

namespace HealthShare.UnitTests.Chaincode;

/// <summary>
/// A channel with three hospitals and a regulator over the in-memory ledger. Every call goes through the router with its
/// JSON, as a peer sends it.
/// </summary>
internal sealed class LedgerScene : IDisposable
{
    public const string North = "NorthMSP", South = "SouthMSP", East = "EastMSP", Regulator = "RegulatorMSP", Stranger = "WestMSP";
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);
    private static readonly byte[] LabelKey = SHA256.HashData("the patient's label key"u8);
    private readonly SceneClock clock;
    private readonly ChaincodeRouter router;

    public LedgerScene()
    {
        clock = new SceneClock(this);
        router = ContractCatalog.CreateRouter(clock);
        Ledger = new InMemoryLedger { ChannelId = "health", Now = Start };
        Passkey = SoftwareAuthenticator.Create("north.example", "https://north.example");
        PatientId = LedgerId.From(IdKind.Patient, "patient 00000001"u8);
    }

    public InMemoryLedger Ledger { get; }

    public SoftwareAuthenticator Passkey { get; }

    public string PatientId { get; }

    public TimeSpan ClockAhead { get; set; }

    public static string Lab => TokenOf(TokenDimension.Category, "LAB");

    public static string Image => TokenOf(TokenDimension.Category, "IMG");

    public static string Hiv => TokenOf(TokenDimension.Label, "HIV");

    /// <summary>Attributes in the certificates of all callers from now on.</summary>
    public (string Name, string Value)[] CallersAttributes { get; set; } = [];

    public static string KeyIdOf(string mspId) => $"{mspId}.1";

    public static string TokenOf(TokenDimension dimension, string code) => Token.Compute(LabelKey, dimension, code);

    public static InitNetwork Founders => new([.. new[] { North, South, East, Regulator }.Select(msp => new OrganizationEntry(
        msp, $"{msp} Hospital", msp == Regulator ? OrganizationKind.Regulator : OrganizationKind.Hospital, SealingKeyOf(msp)))]);

    /// <summary>A channel with its members.</summary>
    public static async Task<LedgerScene> WithMembersAsync()
    {
        var scene = new LedgerScene();
        await scene.SubmitAsync(North, LedgerTransactions.InitNetwork, Founders, LedgerJson.Default.InitNetwork);
        return scene;
    }

    /// <summary>A patient enrolled at North with a passkey.</summary>
    public static async Task<LedgerScene> WithPatientAsync()
    {
        var scene = await WithMembersAsync();
        await scene.SubmitAsync(North, LedgerTransactions.EnrollPatient,
            new EnrollPatient(scene.PatientId, [scene.Credential()]), LedgerJson.Default.EnrollPatient);
        return scene;
    }

    /// <summary>The patient with a glucose result, an HIV result and an image at North.</summary>
    public static async Task<LedgerScene> WithRecordsAsync()
    {
        var scene = await WithPatientAsync();
        await scene.SubmitAsync(North, LedgerTransactions.RegisterRecords,
            new RegisterRecords([scene.Record(1), scene.Record(2) with { Labels = [Hiv] }, scene.Record(3) with { Categories = [Image] }]),
            LedgerJson.Default.RegisterRecords);
        return scene;
    }

    public Credential Credential(SoftwareAuthenticator? passkey = null)
    {
        passkey ??= Passkey;
        return new Credential(passkey.CredentialId, Base64Url.EncodeToString(passkey.CoseKey.Span), passkey.RpId, [passkey.Origin]);
    }

    public static string RecordId(int number) => LedgerId.From(IdKind.Record, Encoding.ASCII.GetBytes($"record {number:D9}"));

    public NewRecord Record(int number) => new(
        PatientId, RecordId(number), [Lab], [], "N", Start.AddDays(-number), "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy",
        1000 + number, Base64Url.EncodeToString(SHA256.HashData(BitConverter.GetBytes(number))));

    /// <summary>The story's grant: South's physicians, laboratory, treatment, thirty days, without HIV.</summary>
    public static GrantBody StoryGrant => new(Effect.Permit,
        [new Provision
        {
            Who = [new WhoOrg(South, "physician")], Purpose = ["TREAT"], Category = [Lab], Except = [new Provision { Labels = [Hiv] }],
        }],
        new Period(Start, Start.AddDays(30)));

    /// <summary>A custodian that trusts every credential, knows everything since the start and waits as long as is usual.</summary>
    public static CustodianView Custodian(Func<CredentialEntry, bool>? isTrusted = null, Func<string, DateTimeOffset?>? seenAt = null) => new(
        "health", entry => isTrusted is null || isTrusted(entry) ? CustodianView.Always : null, _ => CustodianView.Always,
        (key, _) => Task.FromResult(seenAt is null ? Start : seenAt(key)), TimeSpan.FromHours(24), TimeSpan.FromDays(90));

    public Statement Statement(StatementBody body) => new(
        "health", LedgerId.New(IdKind.Statement), PatientId, new StatementSigner(Passkey.CredentialId), Ledger.Now, body);

    public SignedStatement Sign(StatementBody body) => Sign(Statement(body));

    public SignedStatement Sign(Statement statement) => Sign(StatementWriter.Write(statement));

    /// <summary>Signed by another credential than the patient's first.</summary>
    public SignedStatement SignWith(SoftwareAuthenticator passkey, StatementBody body)
    {
        var bytes = StatementWriter.Write(Statement(body) with { Signer = new StatementSigner(passkey.CredentialId) });
        return Signed(bytes, passkey.Sign(bytes));
    }

    /// <summary>The addition of a credential, by the first one's signature.</summary>
    public AddCredentialBody Addition(SoftwareAuthenticator passkey) =>
        new(passkey.CredentialId, Base64Url.EncodeToString(passkey.CoseKey.Span), passkey.RpId, [passkey.Origin]);

    public SignedStatement Sign(byte[] statement) => Signed(statement, Passkey.Sign(statement));

    public static SignedStatement Signed(byte[] statement, Assertion assertion) => new(Base64Url.EncodeToString(statement),
        new SignedAssertion(assertion.Credential, Base64Url.EncodeToString(assertion.AuthenticatorData.Span),
            Base64Url.EncodeToString(assertion.ClientDataJson.Span), Base64Url.EncodeToString(assertion.Signature.Span)));

    public Task<StatementEntry> GrantAsync(StatementBody body) => GrantAsync(Sign(body));

    public async Task<StatementEntry> GrantAsync(SignedStatement signed) => Read(
        await SubmitAsync(South, LedgerTransactions.GrantConsent, signed, LedgerJson.Default.SignedStatement), LedgerJson.Default.StatementEntry);

    public RequestAccess Request(params int[] records) => new(PatientId, LedgerId.New(IdKind.Access),
        [.. records.Select(number => new RecordRef(North, RecordId(number)))], "TREAT", "physician", "s-1");

    public async Task<AccessEntry> AskAsync(RequestAccess request, string caller = South) => Read(
        await SubmitAsync(caller, LedgerTransactions.RequestAccess, request, LedgerJson.Default.RequestAccess), LedgerJson.Default.AccessEntry);

    /// <summary>Runs and commits a transaction that must succeed.</summary>
    public async Task<byte[]> SubmitAsync<T>(string caller, string name, T argument, JsonTypeInfo<T> type, byte[]? envelope = null)
    {
        var stub = Begin(caller, name, Json(argument, type), envelope);
        var response = await router.InvokeAsync(stub, CancellationToken.None);
        Assert.True(response.IsSuccess, response.Message);
        Assert.Equal(TxValidationCode.Valid, stub.Commit());
        return response.Payload.ToArray();
    }

    /// <summary>Runs a transaction without committing it.</summary>
    public async Task<(ChaincodeResponse Response, TestStub Stub)> RunAsync(
        string caller, string name, string? argument, byte[]? envelope = null)
    {
        var stub = Begin(caller, name, argument, envelope);
        return (await router.InvokeAsync(stub, CancellationToken.None), stub);
    }

    public Task<(ChaincodeResponse Response, TestStub Stub)> RunAsync<T>(
        string caller, string name, T argument, JsonTypeInfo<T> type, byte[]? envelope = null) =>
        RunAsync(caller, name, Json(argument, type), envelope);

    /// <summary>Evaluates a query that must succeed.</summary>
    public async Task<T> QueryAsync<T>(string caller, string name, string? argument, JsonTypeInfo<T> type)
    {
        var (response, stub) = await RunAsync(caller, name, argument);
        Assert.True(response.IsSuccess, response.Message);
        Assert.Empty(stub.Writes);
        return Read(response.Payload.ToArray(), type);
    }

    public Task<TResult> QueryAsync<T, TResult>(
        string caller, string name, T argument, JsonTypeInfo<T> type, JsonTypeInfo<TResult> result) =>
        QueryAsync(caller, name, Json(argument, type), result);

    /// <summary>Runs a transaction that must be refused with this code, and checks that it wrote nothing.</summary>
    public async Task RefusedAsync(string code, string caller, string name, string? argument, byte[]? envelope = null)
    {
        var (response, stub) = await RunAsync(caller, name, argument, envelope);
        Assert.Equal(500, response.Status);
        Assert.StartsWith($"{code}: ", response.Message, StringComparison.Ordinal);
        Assert.Empty(stub.Writes);
        Assert.Null(stub.Event);
    }

    public Task RefusedAsync<T>(string code, string caller, string name, T argument, JsonTypeInfo<T> type, byte[]? envelope = null) =>
        RefusedAsync(code, caller, name, Json(argument, type), envelope);

    public static string Json<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.Serialize(value, type);

    public static T Read<T>(byte[] json, JsonTypeInfo<T> type) => JsonSerializer.Deserialize(json, type)!;

    public void Dispose() => Passkey.Dispose();

    private static SealingKey SealingKeyOf(string mspId)
    {
        using var key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        return SealingKeys.GetOrAdd(mspId, _ =>
        {
            var point = key.ExportParameters(includePrivateParameters: false).Q;
            return new SealingKey(KeyIdOf(mspId), Base64Url.EncodeToString([4, .. point.X!, .. point.Y!]));
        });
    }

    private static System.Collections.Concurrent.ConcurrentDictionary<string, SealingKey> SealingKeys { get; } = new(StringComparer.Ordinal);

    private TestStub Begin(string caller, string name, string? argument, byte[]? envelope)
    {
        var creator = TestIdentity.Create(caller, attributes: CallersAttributes);
        var stub = argument is null ? Ledger.Begin(creator, name) : Ledger.Begin(creator, name, argument);
        if (envelope is not null)
            stub.Transient[LedgerTransactions.EnvelopeField] = envelope;
        return stub;
    }

    /// <summary>The endorser's clock: the ledger's time, or ahead of it.</summary>
    private sealed class SceneClock(LedgerScene scene) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => scene.Ledger.Now + scene.ClockAhead;
    }
}
