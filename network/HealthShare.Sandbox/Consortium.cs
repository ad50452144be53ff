using System.Net.Sockets;
using System.Text.Json;
using HealthShare.Chaincode;
using HealthShare.Chaincode.Ledger;
using HealthShare.DevLedger;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Connection;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Node.Keys;
using HealthShare.Node.Receipts;
using HealthShare.Sandbox.Issuer;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace HealthShare.Sandbox;

/// <summary>Ledger, chaincode and four nodes in one process.</summary>
internal sealed class Consortium : IAsyncDisposable
{
    /// <summary>The file that <c>healthshare receipt verify --trust</c> takes, in the state folder.</summary>
    public const string TrustFile = "trust.json";

    private readonly ILoggerFactory loggers;
    private readonly ConsortiumLedger ledger;
    private readonly SandboxContent content;
    private SandboxIssuer? issuer;
    private readonly Dictionary<SandboxMember, SandboxNode> nodes = [];

    private Consortium(SandboxOptions options, ILoggerFactory loggers, SandboxContent content, ConsortiumLedger ledger) =>
        (State, Ports, this.loggers, this.content, this.ledger) =
            (options.State, new SandboxPorts(options.PortBase), loggers, content, ledger);

    public DirectoryInfo State { get; }

    public SandboxPorts Ports { get; }

    public DevLedgerHost Ledger => ledger.Host;

    public SandboxContent Content => content;

    public IReadOnlyList<SignIn> SignIns { get; private set; } = [];

    private string SignInPath => Path.Combine(State.FullName, SignInFile.Name);

    /// <summary>Starts everything on the state folder, whatever an earlier run left there.</summary>
    /// <exception cref="SandboxException">A port is taken, or the state cannot be used.</exception>
    public static async Task<Consortium> StartAsync(SandboxOptions options, TextWriter progress, CancellationToken ct)
    {
        var ports = new SandboxPorts(options.PortBase);
        var loggers = LoggerFactory.Create(logging => logging
            .AddSimpleConsole(console => console.SingleLine = true)
            .SetMinimumLevel(LogLevel.Warning)
            // Why a start failed is said once, by the exception that ends it.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None));
        Consortium? consortium = null;
        SandboxContent? content = null;
        try
        {
            content = await SandboxContent.StartAsync(options, progress, ct);
            consortium = new Consortium(options, loggers, content, await ConsortiumLedger.StartAsync(options.State, ports, loggers, ct));
            await consortium.StartNodesAsync(ct);
            return consortium;
        }
        catch (Exception e)
        {
            if (consortium is not null)
            {
                await consortium.DisposeAsync();
            }
            else
            {
                if (content is not null)
                    await content.DisposeAsync();
                loggers.Dispose();
            }
            if (e is IOException or SocketException)
                throw new SandboxException($"The sandbox could not start: {e.Message} Another --port-base or --state may help.", e);
            if (e is InvalidDataException) // such as label rules that somebody edited
                throw new SandboxException($"The sandbox could not start: {e.Message}", e);
            throw;
        }
    }

    public SandboxNode Node(SandboxMember member) => nodes[member];

    public SignIn SignIn(SandboxMember at, string role) =>
        SignIns.First(signIn => signIn.Node == at.Key && signIn.Role == role);

    /// <summary>A client of the channel as this member's node identity, for what no node does.</summary>
    public GatewayClient Connect(SandboxMember member, string user = "User1") =>
        GatewayClient.Connect(ConnectionFile.Read(Ledger.ConnectionFile), member.MspId, user);

    /// <summary>What the members publish once: the hash of the genesis block, and which of them are hospitals.</summary>
    public async Task<ReceiptTrust> TrustAsync(CancellationToken ct)
    {
        await using var client = Connect(SandboxMember.Regulator);
        await foreach (var genesis in client.BlocksAsync(0, 0, ct))
        {
            return new ReceiptTrust(Convert.ToHexStringLower(new BlockView(genesis).Hash.Span),
                [.. SandboxMember.All.Where(member => member.IsHospital).Select(member => member.MspId)]);
        }
        throw new SandboxException("The channel has no genesis block.");
    }

    /// <summary>Writes down what changed about those who may sign in.</summary>
    public void Note(IReadOnlyList<SignIn> signIns)
    {
        SignIns = signIns;
        SignInFile.Write(SignInPath, SignIns);
    }

    /// <summary>Lets somebody in, now and at later starts.</summary>
    public void Admit(SignIn signIn)
    {
        SignIns = [.. SignIns, signIn];
        SignInFile.Write(SignInPath, SignIns);
        Node(MemberOf(signIn)).Admit(SignIns);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes.Values)
            await node.DisposeAsync();
        if (issuer is not null)
            await issuer.DisposeAsync();
        await ledger.DisposeAsync();
        await content.DisposeAsync();
        loggers.Dispose();
    }

    private static SandboxMember MemberOf(SignIn signIn) => SandboxMember.All.First(member => member.Key == signIn.Node);

    private async Task StartNodesAsync(CancellationToken ct)
    {
        var staff = Staff.Create(Ports).ToList();
        if (!File.Exists(SignInPath))
            SignInFile.Write(SignInPath, staff);
        // A kept state may be started on other ports than the ones it was made with.
        SignIns = [.. SignInFile.Read(SignInPath).Select(signIn => signIn with { Url = SandboxNode.UrlOf(MemberOf(signIn), Ports) })];
        // Somebody may have been taken on since that state was made.
        SignIns = [.. SignIns, .. staff.Where(person => SignIns.All(signIn => (signIn.Node, signIn.Person) != (person.Node, person.Person)))];
        SignInFile.Write(SignInPath, SignIns);
        issuer = await SandboxIssuer.StartAsync(
            Ports.Issuer, [.. SandboxMember.All.Select(member => SandboxNode.OriginOf(member, Ports))], State, ct);
        foreach (var member in SandboxMember.All)
            nodes[member] = await SandboxNode.StartAsync(member, Ports, State, Ledger.ConnectionFile, issuer.Issuer, content, SignIns, ct);
        await FoundAsync(ct);
        foreach (var node in nodes.Values)
            await node.WaitUntilReadyAsync(ct);
        await File.WriteAllBytesAsync(Path.Combine(State.FullName, TrustFile),
            JsonSerializer.SerializeToUtf8Bytes(await TrustAsync(ct), ReceiptTrustJson.Default.ReceiptTrust), ct);
    }

    private async Task FoundAsync(CancellationToken ct)
    {
        var founders = nodes.Values.Select(node => new OrganizationEntry(
            node.Member.MspId, node.Member.Name, node.Member.IsHospital ? OrganizationKind.Hospital : OrganizationKind.Regulator,
            SealingKeyOf(node)));
        await using var client = Connect(SandboxMember.North, "Admin");
        var known = await client.EvaluateAsync(new TransactionRequest(ContractCatalog.ChaincodeName, LedgerTransactions.ListOrganizations), ct);
        if (JsonSerializer.Deserialize(known.Span, LedgerJson.Default.Network)?.Settings is not null)
            return;
        await client.SubmitAsync(
            new TransactionRequest(
                ContractCatalog.ChaincodeName, LedgerTransactions.InitNetwork,
                JsonSerializer.Serialize(new InitNetwork([.. founders]), LedgerJson.Default.InitNetwork)),
            ct);
    }

    private static SealingKey SealingKeyOf(SandboxNode node)
    {
        var key = node.Services.GetRequiredService<NodeKeys>().SealingKey;
        return new SealingKey(key.KeyId, key.ToString());
    }
}
