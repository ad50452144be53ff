using System.Net;
using HealthShare.DevLedger.Chaincode;
using HealthShare.DevLedger.Endorsement;
using HealthShare.DevLedger.Gateway;
using HealthShare.DevLedger.Hosting;
using HealthShare.DevLedger.Network;
using HealthShare.DevLedger.Ordering;
using HealthShare.DevLedger.Simulation;
using HealthShare.DevLedger.Storage;
using HealthShare.DevLedger.Validation;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Msp;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace HealthShare.DevLedger;

/// <summary>
/// A Fabric channel in one process, for development, evaluation and tests: clients and chaincodes cannot tell it from peers.
/// Signatures, policies, validation, block format and storage are real; ordering is done by this one process, and the world
/// state lives in memory and is rebuilt from the blocks at every start.
/// </summary>
public sealed partial class DevLedgerHost : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> running = [];
    private readonly List<(OrganizationMaterial Material, GatewayListener Listener)> peers = [];
    private readonly Lock issuing = new();
    private readonly DevLedgerOptions options;
    private readonly TimeProvider time;
    private readonly ILoggerFactory loggers;
    private readonly ILogger logger;
    private ChannelLedger ledger = null!;
    private Orderer orderer = null!;
    private SigningIdentity? blockSigner;
    private StateFolderLock? folder;

    private DevLedgerHost(DevLedgerOptions options, ILoggerFactory loggers, TimeProvider time)
    {
        (this.options, this.loggers, this.time) = (options, loggers, time);
        logger = loggers.CreateLogger<DevLedgerHost>();
        ConnectionFile = Path.GetFullPath(options.ConnectionFile ?? Path.Combine(options.StateDirectory, "connection.json"));
        LedgerDirectory = Path.GetFullPath(Path.Combine(options.StateDirectory, "ledger"));
    }

    /// <summary>File that tells clients where to go and with which keys.</summary>
    public string ConnectionFile { get; }

    /// <summary>Folder of the block file.</summary>
    public string LedgerDirectory { get; }

    /// <summary>Where each organization's gateway listens, by MSP id.</summary>
    public IReadOnlyDictionary<string, IPEndPoint> Gateways =>
        peers.ToDictionary(peer => peer.Material.MspId, peer => peer.Listener.Endpoint, StringComparer.Ordinal);

    /// <summary>Number of blocks.</summary>
    public ulong Height => ledger.Height;

    /// <summary>Why the ledger takes no transactions at the moment, such as a full disk; null while all is well. It recovers by itself.</summary>
    public Exception? Failure => orderer.Failure;

    /// <summary>Opens or makes the channel and starts to listen.</summary>
    /// <param name="options">What the channel is to be.</param>
    /// <param name="loggers">Where logs go: ids, sizes and addresses, never arguments or values. Default: nowhere.</param>
    /// <param name="time">Clock of certificates, batches and time limits. Default: the system's.</param>
    /// <param name="ct">Gives the start up.</param>
    /// <exception cref="ArgumentException">A setting is wrong; the message names all that are.</exception>
    /// <exception cref="InvalidOperationException">The state directory holds another channel.</exception>
    /// <exception cref="LedgerCorruptException">The state directory holds damaged blocks or values.</exception>
    /// <exception cref="IOException">A file or an address cannot be used, or another process uses the state directory.</exception>
    public static async Task<DevLedgerHost> StartAsync(
        DevLedgerOptions options, ILoggerFactory? loggers = null, TimeProvider? time = null, CancellationToken ct = default)
    {
        options.Validate();
        var host = new DevLedgerHost(options, loggers ?? NullLoggerFactory.Instance, time ?? TimeProvider.System);
        try
        {
            await host.RunAsync(ct);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Issues a client identity with Fabric attributes and adds it to the connection file. One of the same
    /// name is kept where it has the same attributes, otherwise replaced.
    /// </summary>
    /// <param name="mspId">The organization.</param>
    /// <param name="name">Name of the user: letters, digits, dots, dashes and underscores.</param>
    /// <param name="attributes">Attributes by name, such as <c>role</c>; none by default.</param>
    /// <exception cref="ArgumentException">There is no such organization, or the name is not usable.</exception>
    public void IssueUser(string mspId, string name, IReadOnlyDictionary<string, string>? attributes = null)
    {
        var material = peers.Select(peer => peer.Material).FirstOrDefault(material => material.MspId == mspId)
            ?? throw new ArgumentException($"'{mspId}' is not of the channel.", nameof(mspId));
        if (name is not { Length: > 0 and <= 64 } || !char.IsAsciiLetterOrDigit(name[0])
            || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_'))
            throw new ArgumentException($"'{name}' is no name for a user: letters, digits, dots, dashes, underscores.", nameof(name));
        lock (issuing)
        {
            material.IssueUser(name, "client", attributes);
            ConnectionFiles.Write(ConnectionFile, options.Channel, peers);
        }
    }

    /// <summary>Stops listening, commits what was taken in, and closes the files.</summary>
    public async ValueTask DisposeAsync()
    {
        for (var i = running.Count - 1; i >= 0; i--)
            await running[i].DisposeAsync();
        running.Clear();
        blockSigner?.Dispose();
        ledger?.Dispose();
        folder?.Dispose();
    }

    private async Task RunAsync(CancellationToken ct)
    {
        folder = StateFolderLock.Take(options.StateDirectory);
        ledger = await Task.Run(() => ChannelLedger.Open(LedgerDirectory, ct), ct);
        if (ledger.BytesCut > 0)
            LogCut(ledger.BytesCut);
        var ordererMaterial = Material(options.OrdererMspId, options.OrdererDomain, "orderer", "orderer0");
        var materials = options.Organizations.Select(o => Material(o.MspId, o.Domain, "peer", "peer0")).ToList();
        var config = ChannelStart.Configure(ledger, options, ordererMaterial, materials, time.GetUtcNow());

        var definitions = new ChaincodeDefinitions(config);
        var transient = new TransientValues();
        var check = new ProposalCheck(config, ledger, time);
        var systemChaincodes = new SystemChaincodes(config, ledger);
        var shared = new EndorserServices(ledger, new ChannelMembers(options.Organizations.Select(o => o.MspId)), definitions,
            check, systemChaincodes, transient, options.ExecuteTimeout);
        var endorsers = options.Organizations.Zip(materials, (o, material) => CreatePeer(o, material, config, shared)).ToList();

        blockSigner = ordererMaterial.Node;
        var committer = new BlockCommitter(ledger, new TransactionValidator(config, definitions), transient, blockSigner, logger);
        ChannelStart.Define(ledger, committer, options, materials[0], endorsers, time.GetUtcNow());
        orderer = Track(new Orderer(options.Batch, batch => committer.Commit(batch), time, logger));

        var services = new GatewayServices(config, ledger, definitions,
            [.. endorsers.Zip(options.Organizations).Where(pair => pair.Second.Endorses).Select(pair => pair.First)],
            systemChaincodes, new Broadcast(config, orderer, transient, options.Batch, time), orderer);
        for (var i = 0; i < materials.Count; i++)
            await ListenAsync(options.Organizations[i], materials[i], endorsers[i], services, ct);
        ConnectionFiles.Write(ConnectionFile, options.Channel, peers);
        LogStarted(options.Channel, ledger.Height, peers.Count);
    }

    private OrganizationMaterial Material(string mspId, string domain, string unit, string node) => OrganizationMaterial.Open(
        mspId, domain, Path.GetFullPath(Path.Combine(options.StateDirectory, "crypto", domain)), unit, node,
        unit == "peer" ? ["User1", "User2"] : [], time);

    private Endorser CreatePeer(
        OrganizationOptions organization, OrganizationMaterial material, ChannelConfig config, EndorserServices shared)
    {
        var identity = material.Node;
        var chaincodes = organization.Endorses
            ? options.Chaincodes.ToDictionary(
                chaincode => chaincode.Name,
                chaincode => new ChaincodeConnection(organization.MspId, chaincode.ServiceOf(organization.MspId), time, logger),
                StringComparer.Ordinal)
            : [];
        return Track(new Endorser(identity, config.Identities.Read(identity.Creator), chaincodes, shared));
    }

    private async Task ListenAsync(
        OrganizationOptions organization, OrganizationMaterial material, Endorser peer, GatewayServices services, CancellationToken ct)
    {
        var gateway = new GatewayService(organization.MspId, peer, services);
        var listener = Track(new GatewayListener(
            organization.Listen, material, gateway, new DeliverService(services, time), loggers));
        await listener.StartAsync(organization.Listen, ct);
        peer.Address = listener.Endpoint.ToString();
        peers.Add((material, listener));
    }

    private T Track<T>(T part) where T : IAsyncDisposable
    {
        running.Add(part);
        return part;
    }

    [LoggerMessage(3001, LogLevel.Information, "Channel {Channel} is ready at height {Height} with {Count} gateways.")]
    private partial void LogStarted(string channel, ulong height, int count);

    [LoggerMessage(3002, LogLevel.Warning, "The ledger was not closed cleanly: {Bytes} bytes of unfinished frames were cut off.")]
    private partial void LogCut(long bytes);
}
