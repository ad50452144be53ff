using System.Net;
using HealthShare.DevLedger.Chaincode;
using HealthShare.DevLedger.Hosting;
using HealthShare.DevLedger.Network;
using HealthShare.DevLedger.Ordering;
using HealthShare.DevLedger.Storage;
using HealthShare.DevLedger.Validation;
using HealthShare.Fabric.Protocol.Connection;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Msp;
using Microsoft.AspNetCore.Connections;
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
    private readonly SemaphoreSlim changing = new(1); // one change of members or users at a time
    private volatile Member[] members = [];
    private readonly DevLedgerOptions options;
    private readonly TimeProvider time;
    private readonly ILoggerFactory loggers;
    private readonly ILogger logger;
    private readonly TransientValues transient = new();
    private ChannelLedger ledger = null!;
    private BlockCommitter committer = null!;
    private Orderer orderer = null!;
    private ChannelConfig config = null!;
    private SigningIdentity? blockSigner;
    private StateFolderLock? folder;
    private Dictionary<string, ushort> remembered = [];
    private bool disposed;

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
        members.ToDictionary(member => member.Material.MspId, member => member.Listener.Endpoint, StringComparer.Ordinal);

    /// <summary>Number of blocks.</summary>
    public ulong Height => ledger.Height;

    /// <summary>
    /// Why the ledger takes no transactions at the moment; null while all is well. From a full or failing disk it recovers by
    /// itself, from anything else it does not.
    /// </summary>
    public Exception? Failure => orderer.Failure;

    /// <summary>Completes when ordering has ended by a fault that is not the disk's, and with it.</summary>
    internal Task<Exception> Fault => orderer.Fault;

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
        options.Validate(new AddedOrganizations(options.StateDirectory).Read());
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
    /// <returns>The user's name, and the files with certificate and key.</returns>
    /// <exception cref="ArgumentException">There is no such organization, or the name is not usable; Admin is the administrator's.</exception>
    public UserConnection IssueUser(string mspId, string name, IReadOnlyDictionary<string, string>? attributes = null)
    {
        var material = members.Select(member => member.Material).FirstOrDefault(material => material.MspId == mspId)
            ?? throw new ArgumentException($"'{mspId}' is not of the channel.");
        if (name is not { Length: > 0 and <= 64 } || !char.IsAsciiLetterOrDigit(name[0])
            || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_'))
            throw new ArgumentException($"'{name}' is no name for a user: letters, digits, dots, dashes, underscores.");
        // Whatever the case: some file systems make one folder of both.
        if (string.Equals(name, OrganizationMaterial.Administrator, StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException($"'{name}' is the administrator's identity; choose another name.");
        changing.Wait();
        try
        {
            material.IssueUser(name, "client", attributes);
            ConnectionFiles.Write(ConnectionFile, options.Channel, members);
            return ConnectionFiles.User(material, name);
        }
        finally
        {
            changing.Release();
        }
    }

    /// <summary>Stops listening, commits what was taken in, and closes the files.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, true))
            return;
        foreach (var member in members)
            await member.Listener.StopAsync();
        if (orderer is not null)
            await orderer.DisposeAsync();
        foreach (var member in members)
            await member.DisposeAsync();
        members = [];
        blockSigner?.Dispose();
        ledger?.Dispose();
        folder?.Dispose();
        changing.Dispose();
    }

    private async Task RunAsync(CancellationToken ct)
    {
        folder = StateFolderLock.Take(options.StateDirectory);
        StateFolderLock.Close(LedgerDirectory); // private values lie there in plain, and the state folder keeps the mode it has
        ledger = await Task.Run(() => ChannelLedger.Open(LedgerDirectory, ct), ct);
        if (ledger.BytesCut > 0)
            LogCut(ledger.BytesCut);
        var ordererMaterial = Material(options.OrdererMspId, options.OrdererDomain, "orderer", "orderer0");
        var organizations = ChannelStart.Members(ledger, options, new AddedOrganizations(options.StateDirectory).Read());
        var materials = organizations.AsParallel().AsOrdered().Select(PeerMaterial).ToList();
        config = ChannelStart.Configure(ledger, options, ordererMaterial, materials, time.GetUtcNow());
        var ports = new GatewayPorts(options.StateDirectory);
        remembered = ports.Read();
        await ListenAllAsync(organizations, materials, ct);
        ports.Write(members);

        var parts = Parts(config, members);
        blockSigner = ordererMaterial.Node;
        committer = new BlockCommitter(ledger, parts.Validator, transient, blockSigner, logger);
        ChannelStart.Define(ledger, committer, options.Channel, options.Chaincodes, members, parts.Peers, time.GetUtcNow());
        orderer = new Orderer(options.Batch, batch => committer.Commit(batch), time, logger);
        parts.Serve(orderer, options.Batch, time);
        ConnectionFiles.Write(ConnectionFile, options.Channel, members);
        LogStarted(options.Channel, ledger.Height, members.Length);
    }

    private OrganizationMaterial PeerMaterial(OrganizationOptions organization) =>
        Material(organization.MspId, organization.Domain, "peer", "peer0");

    private OrganizationMaterial Material(string mspId, string domain, string unit, string node) => OrganizationMaterial.Open(
        mspId, domain, Path.GetFullPath(Path.Combine(options.StateDirectory, "crypto", domain)), unit, node,
        unit == "peer" ? ["User1", "User2"] : [], time);

    private ChannelParts Parts(ChannelConfig configuration, IReadOnlyList<Member> of) =>
        new(configuration, ledger, transient, of, options.ExecuteTimeout, time);

    private async Task ListenAllAsync(
        IReadOnlyList<OrganizationOptions> organizations, IReadOnlyList<OrganizationMaterial> materials, CancellationToken ct)
    {
        var starting = organizations.Zip(materials, (organization, material) => ListenAsync(organization, material, ct)).ToList();
        try
        {
            members = await Task.WhenAll(starting);
        }
        catch
        {
            foreach (var started in starting.Where(start => start.IsCompletedSuccessfully))
                await (await started).DisposeAsync();
            throw;
        }
    }

    private async Task<Member> ListenAsync(OrganizationOptions organization, OrganizationMaterial material, CancellationToken ct)
    {
        await Task.Yield();
        var listener = await ListenAsync(organization.MspId, organization.Listen, material, ct);
        var chaincodes = organization.Endorses
            ? options.Chaincodes.ToDictionary(
                chaincode => chaincode.Name,
                chaincode => new ChaincodeConnection(organization.MspId, chaincode.ServiceOf(organization.MspId), time, logger),
                StringComparer.Ordinal)
            : [];
        return new Member(organization, material, listener, chaincodes);
    }

    // Where the system may choose, it listens where it did before, so that clients find it again.
    private async Task<GatewayListener> ListenAsync(string mspId, IPEndPoint wanted, OrganizationMaterial material, CancellationToken ct)
    {
        if (wanted.Port != 0 || remembered.GetValueOrDefault(mspId) is not (> 0 and var port))
            return await GatewayListener.StartAsync(wanted, material, loggers, ct);
        try
        {
            return await GatewayListener.StartAsync(new IPEndPoint(wanted.Address, port), material, loggers, ct);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            var listener = await GatewayListener.StartAsync(wanted, material, loggers, ct);
            LogPortTaken(mspId, port, listener.Endpoint.Port);
            return listener;
        }
    }

    [LoggerMessage(3011, LogLevel.Warning,
        "Port {Port}, where the gateway of {MspId} listened before, is taken. It listens on port {Now}; clients need the new connection file.")]
    private partial void LogPortTaken(string mspId, int port, int now);

    [LoggerMessage(3001, LogLevel.Information, "Channel {Channel} is ready at height {Height} with {Count} gateways.")]
    private partial void LogStarted(string channel, ulong height, int count);

    [LoggerMessage(3002, LogLevel.Warning, "The ledger was not closed cleanly: {Bytes} bytes of unfinished frames were cut off.")]
    private partial void LogCut(long bytes);
}
