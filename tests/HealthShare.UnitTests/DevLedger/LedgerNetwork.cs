using System.Text;
using Google.Protobuf;
using HealthShare.Chaincode.Shim.Server;
using HealthShare.DevLedger;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Connection;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Peer;
using Microsoft.Extensions.Logging;
using System.Security.Cryptography.X509Certificates;

namespace HealthShare.UnitTests.DevLedger;

/// <summary>A ledger of three endorsing members and one that only reads, with a chaincode, on ports the system chooses.</summary>
public sealed class LedgerNetwork : IAsyncLifetime, IAsyncDisposable
{
    public const string Channel = "trial";
    public const string PackageId = "asset_1:abc";
    private readonly List<IAsyncDisposable> open = [];
    private readonly List<SigningIdentity> identities = [];
    private Func<DevLedgerOptions, DevLedgerOptions> change = options => options;

    /// <summary>Limits that a busy machine does not come near.</summary>
    public static GatewayOptions Patient { get; } = new()
    {
        EvaluateTimeout = TimeSpan.FromMinutes(2), EndorseTimeout = TimeSpan.FromMinutes(2), SubmitTimeout = TimeSpan.FromMinutes(2),
        CommitTimeout = TimeSpan.FromMinutes(4),
    };

    public static string[] Endorsing { get; } = ["NorthMSP", "SouthMSP", "EastMSP"];

    public LedgerNetwork() => Directory = System.IO.Directory.CreateTempSubdirectory("ledger-").FullName;

    /// <summary>Keeps the ledger's state in a folder of the given one.</summary>
    internal LedgerNetwork(string parent) => Directory = Path.Combine(parent, "ledger");

    public string Directory { get; }

    public DevLedgerHost Host { get; private set; } = null!;

    internal ChaincodeServer Chaincode { get; private set; } = null!;

    public ConnectionProfile Connection => ConnectionFile.Read(Host.ConnectionFile);

    public static async Task<LedgerNetwork> StartAsync(Func<DevLedgerOptions, DevLedgerOptions>? change = null)
    {
        var network = new LedgerNetwork();
        network.change = change ?? network.change;
        await network.InitializeAsync();
        return network;
    }

    public async Task InitializeAsync()
    {
        await StartChaincodeAsync(port: 0);
        Host = await DevLedgerHost.StartAsync(Options());
    }

    public async Task StartChaincodeAsync(int port)
    {
        Chaincode = new ChaincodeServer(new AssetChaincode(), new ChaincodeServerOptions
        {
            Address = $"127.0.0.1:{port}",
            PackageId = PackageId,
            StopTimeout = TimeSpan.FromMilliseconds(100),
        });
        await Chaincode.StartAsync();
    }

    /// <summary>Stops the ledger, does something to its files, and starts it again.</summary>
    public async Task RestartAsync(Action? meanwhile = null, string? policy = null, ILoggerFactory? loggers = null)
    {
        if (policy is not null)
        {
            var before = change;
            change = options => before(options) with { Chaincodes = [options.Chaincodes[0] with { EndorsementPolicy = policy }] };
        }
        await CloseClientsAsync();
        await Host.DisposeAsync();
        meanwhile?.Invoke();
        Host = await DevLedgerHost.StartAsync(Options(), loggers);
    }

    public DevLedgerOptions Options() => change(new DevLedgerOptions
    {
        StateDirectory = Directory,
        Channel = Channel,
        Organizations =
        [
            .. Endorsing.Select(mspId => new OrganizationOptions { MspId = mspId, Domain = Domain(mspId) }),
            new OrganizationOptions { MspId = "WatchMSP", Domain = Domain("WatchMSP"), Endorses = false },
        ],
        Chaincodes =
        [
            new ChaincodeOptions
            {
                Name = "asset",
                EndorsementPolicy = "OutOf(2, 'NorthMSP.peer', 'SouthMSP.peer', 'EastMSP.peer')",
                Service = new ChaincodeService(new Uri($"http://{Chaincode.Endpoint}"), PackageId),
            },
        ],
        Batch = new BatchOptions { Timeout = TimeSpan.FromMilliseconds(10) },
    });

    public GatewayClient Client(string mspId = "NorthMSP", string user = "User1", GatewayOptions? options = null)
    {
        var client = new GatewayClient(Dial(mspId), Identity(mspId, user), Channel, options ?? Patient);
        open.Add(client);
        return client;
    }

    public GrpcChannel Dial(string mspId = "NorthMSP")
    {
        var peer = Connection.Organization(mspId).Peers[0];
        var channel = new GrpcChannel(peer.Address, new GrpcChannelOptions
        {
            TargetName = peer.TlsServerName,
            TrustedRoots = [X509CertificateLoader.LoadCertificateFromFile(peer.TlsCaCert!)],
        });
        open.Add(channel);
        return channel;
    }

    public SigningIdentity Identity(string mspId = "NorthMSP", string user = "User1")
    {
        var identity = Connection.Organization(mspId).LoadIdentity(user);
        identities.Add(identity);
        return identity;
    }

    /// <summary>Submits an envelope as it is and returns what became of it.</summary>
    public async Task<TxValidationCode> SubmitAsync(string transactionId, Envelope envelope)
    {
        await using var channel = Dial();
        await channel.UnaryAsync(FabricMethods.Submit, new SubmitRequest
        {
            TransactionId = transactionId,
            ChannelId = Channel,
            PreparedTransaction = envelope,
        });
        return (await Client().GetCommitStatusAsync(transactionId)).Code;
    }

    public static TransactionRequest Call(params string[] call) => new("asset", call[0], call[1..]);

    public static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    public static Envelope Sign(SigningIdentity identity, ByteString payload) =>
        new() { Payload = payload, Signature = ByteString.CopyFrom(identity.Sign(payload.Span)) };

    public async ValueTask DisposeAsync()
    {
        await CloseClientsAsync();
        if (Host is not null)
            await Host.DisposeAsync();
        await Chaincode.DisposeAsync();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    private static string Domain(string mspId) => $"{mspId[..^3].ToLowerInvariant()}.example";

    private async Task CloseClientsAsync()
    {
        foreach (var client in open)
            await client.DisposeAsync();
        open.Clear();
        identities.ForEach(identity => identity.Dispose());
        identities.Clear();
    }
}
