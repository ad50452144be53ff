using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using HealthShare.AssetChaincode;
using HealthShare.Chaincode;
using HealthShare.Chaincode.Host;
using HealthShare.Chaincode.Ledger;
using HealthShare.Chaincode.Shim.Server;
using HealthShare.DevLedger;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Connection;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.IntegrationTests.Support;

namespace HealthShare.IntegrationTests.Fabric;

/// <summary>Tests of this collection share one channel with the asset chaincode.</summary>
[CollectionDefinition(Name)]
public sealed class AssetCollection : ICollectionFixture<AssetChannel>
{
    public const string Name = "Assets on a channel";
}

/// <summary>
/// A channel with the chaincode <c>asset</c>, which offers every call there is, endorsed by two of three hospitals: a development
/// ledger, or the network that the environment names. Keys of a test begin with a prefix that no other run has.
/// </summary>
public sealed class AssetChannel : IAsyncLifetime
{
    public const string AssetName = "asset";

    private static readonly (string MspId, string Domain, bool Endorses)[] Members =
    [
        ("NorthMSP", "north.example", true), ("SouthMSP", "south.example", true), ("EastMSP", "east.example", true),
        ("RegulatorMSP", "regulator.example", false),
    ];

    // What hangs is still at it when the fault comes that a test is about.
    private static readonly TimeSpan HangsFor = TimeSpan.FromMinutes(4);

    private readonly DirectoryInfo state = Directory.CreateTempSubdirectory("healthshare-assets-");
    private readonly List<IAsyncDisposable> running = [];
    private readonly Dictionary<string, GatewayClient> clients = [];

    public ConnectionProfile Profile { get; private set; } = null!;

    public string North => Profile.Organizations[0].MspId;

    public string South => Profile.Organizations[1].MspId;

    public string East => Profile.Organizations[2].MspId;

    /// <summary>A key, or a prefix of keys, that nobody used before.</summary>
    public static string NewKey() => $"t{Guid.NewGuid():N}";

    public static TransactionRequest Call(string function, params string[] arguments) => new(AssetName, function, arguments);

    public static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    public GatewayClient As(string mspId)
    {
        lock (clients)
        {
            if (!clients.TryGetValue(mspId, out var client))
                clients[mspId] = client = GatewayClient.Connect(Profile, mspId, "User1", Patient.Options);
            return client;
        }
    }

    /// <summary>A client that acts for a member and cannot sign.</summary>
    public GatewayClient WithoutKey(string mspId)
    {
        var member = Profile.Organization(mspId);
        using var identity = member.LoadIdentity("User1");
        return GatewayClient.Connect([.. member.Peers.Select(peer => GatewayEndpoint.From(peer, mspId))],
            SigningIdentity.WithoutKey(mspId, identity.CertificatePem), Profile.Channel, Patient.Options);
    }

    /// <summary>A link to a member's gateway peer, and a client that knows no other way.</summary>
    internal (FaultyLink Link, GatewayClient Client) Faulty(string mspId, GatewayOptions? options = null)
    {
        var member = Profile.Organization(mspId);
        var link = new FaultyLink(member.Peers[0].Endpoint);
        var detour = member.Peers[0] with { Endpoint = link.Endpoint, TlsServerName = member.Peers[0].TlsServerName ?? member.Peers[0].Address.Host };
        var profile = Profile with { Organizations = [member with { Peers = [detour] }] };
        return (link, GatewayClient.Connect(profile, mspId, "User1", options ?? Patient.Options));
    }

    /// <summary>Takes a transaction to its commit; what only a peer that is a block behind refuses is tried again.</summary>
    public async Task<TransactionResult> SubmitAsync(string mspId, TransactionRequest request)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await As(mspId).SubmitAsync(request);
            }
            catch (LedgerException e) when (e.Code is LedgerCodes.Mismatch && attempt < 20)
            {
                await Task.Delay(100);
            }
        }
    }

    public async Task<string> EvaluateAsync(string mspId, string function, params string[] arguments) =>
        Text(await As(mspId).EvaluateAsync(Call(function, arguments)));

    /// <summary>Evaluates until the answer is as expected: another member's peer may be a block behind.</summary>
    public async Task EventuallyAsync(string mspId, string expected, TransactionRequest request)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var answer = Text(await As(mspId).EvaluateAsync(request));
            if (answer == expected || Stopwatch.GetElapsedTime(started) > TimeSpan.FromMinutes(4))
            {
                Assert.Equal(expected, answer);
                return;
            }
            await Task.Delay(100);
        }
    }

    /// <summary>Transaction ids that wrote or deleted a key, newest first: what really took effect.</summary>
    public async Task<string[]> HistoryAsync(string mspId, string key) =>
        [.. JsonNode.Parse(await EvaluateAsync(mspId, "history", key))!.AsArray().Select(change => change!["txId"]!.GetValue<string>())];

    public async Task InitializeAsync()
    {
        Backend.Require();
        Backend.RequireAsset();
        Profile = ConnectionFile.Read(Backend.ConnectionPath ?? await StartAsync());
        foreach (var member in (string[])[North, South, East])
        {
            await Patient.AskAsync(As(member), Call("echo", "ready") with { Organizations = [member] });
            await Patient.AskAsync(As(member),
                new TransactionRequest(ContractCatalog.ChaincodeName, LedgerTransactions.ListOrganizations) { Organizations = [member] });
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var client in clients.Values)
            await client.DisposeAsync();
        for (var i = running.Count - 1; i >= 0; i--)
            await running[i].DisposeAsync();
        state.Delete(recursive: true);
    }

    private async Task<string> StartAsync()
    {
        var assets = new ChaincodeServer(AssetContract.CreateChaincode(), new ChaincodeServerOptions
        {
            Address = "127.0.0.1:0", PackageId = "asset:1", ExecutionTimeout = HangsFor,
        });
        running.Add(assets);
        await assets.StartAsync();
        var contracts = ChaincodeHost.Create(new ChaincodeServerOptions { Address = "127.0.0.1:0", PackageId = "healthshare:1" });
        running.Add(contracts);
        await contracts.StartAsync();
        var host = await DevLedgerHost.StartAsync(new DevLedgerOptions
        {
            StateDirectory = state.FullName,
            Channel = "health",
            ExecuteTimeout = HangsFor,
            Organizations = [.. Members.Select(member => new OrganizationOptions
            {
                MspId = member.MspId, Domain = member.Domain, Endorses = member.Endorses, Listen = new IPEndPoint(IPAddress.Loopback, 0),
            })],
            Chaincodes =
            [
                Define(AssetName, "asset:1", assets) with
                {
                    Collections = CollectionOptions.ReadFile(Path.Combine(AppContext.BaseDirectory, "collections.json")),
                },
                Define(ContractCatalog.ChaincodeName, "healthshare:1", contracts),
            ],
        });
        running.Add(host);
        return host.ConnectionFile;
    }

    private static ChaincodeOptions Define(string name, string packageId, ChaincodeServer server) => new()
    {
        Name = name,
        EndorsementPolicy = $"OutOf(2, {string.Join(", ", Members.Where(member => member.Endorses).Select(member => $"'{member.MspId}.peer'"))})",
        Service = new ChaincodeService(new Uri($"http://{server.Endpoint}"), packageId),
    };
}
