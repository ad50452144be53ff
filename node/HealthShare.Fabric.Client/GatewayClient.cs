using System.Globalization;
using Google.Protobuf;
using HealthShare.Fabric.Client.Certificates;
using HealthShare.Fabric.Client.Commits;
using HealthShare.Fabric.Client.Peers;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Peer;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace HealthShare.Fabric.Client;

/// <summary>
/// A client of one channel through the Gateway service of one or several peers (Fabric 2.4 and later). Takes transactions from
/// proposal to commit, asks queries, and follows blocks and events. Thread-safe; one instance serves a whole application.
/// </summary>
/// <remarks>
/// With several peers the first that is well is asked; where it is out of reach, silent or overloaded, the next one is, within
/// the same time limit. A peer that fails again and again is left alone for a while and found again by itself.
/// Every method throws <see cref="LedgerException"/> where the ledger or the way to it fails, and
/// <see cref="OperationCanceledException"/> where the caller cancelled. Cancelling stops the wait, not an ordered transaction.
/// </remarks>
public sealed partial class GatewayClient : IAsyncDisposable
{
    private const string QueryChaincode = "qscc";

    private readonly GatewayPeers peers;
    private readonly CertificateWatch certificates;
    private readonly GatewayOptions options;
    private readonly MemoryOutcomeStore memory = new();
    private readonly ILogger logger;
    private readonly CommitFeed? feed;
    /// <summary>Joins a connection, an identity and a channel.</summary>
    /// <param name="grpc">Connection to the gateway peer; disposed with this client.</param>
    /// <param name="identity">Who signs, until <see cref="Renew"/>; stays the caller's.</param>
    /// <param name="channelName">Name of the channel.</param>
    /// <param name="options">Limits; null for the defaults.</param>
    /// <param name="logger">Where commits and reconnections are logged, by ids only; null for nowhere.</param>
    public GatewayClient(
        IGrpcChannel grpc, SigningIdentity identity, string channelName, GatewayOptions? options = null,
        ILogger<GatewayClient>? logger = null)
        : this([new PeerSetup(grpc, grpc.Address.Authority)], identity, channelName, options, logger)
    {
    }

    private GatewayClient(
        IEnumerable<PeerSetup> peers, SigningIdentity identity, string channelName, GatewayOptions? options,
        ILogger<GatewayClient>? logger)
    {
        ArgumentException.ThrowIfNullOrEmpty(channelName);
        ChannelName = channelName;
        (this.options, this.logger) = (options ?? new GatewayOptions(), logger ?? NullLogger<GatewayClient>.Instance);
        this.options.Validate();
        this.peers = new GatewayPeers(
            peers.Select((peer, index) => new GatewayPeer(index, peer, this.options)),
            identity.MspId, channelName, this.options.TimeProvider, this.logger);
        certificates = new CertificateWatch(identity, this.peers.All, this.options, this.logger);
        feed = this.options.FollowCommits ? new CommitFeed(FilteredBlocks, this.options, this.logger) : null;
        GatewayTelemetry.Add(this);
    }

    /// <summary>Name of the channel.</summary>
    public string ChannelName { get; }

    /// <summary>Address of the preferred gateway peer.</summary>
    public Uri Address => peers.All[0].Address;

    /// <summary>The gateway peers in order of preference, with what is known of their health now.</summary>
    public IReadOnlyList<GatewayPeerHealth> Peers => [.. peers.All.Select(peer => peer.Health)];

    /// <summary>
    /// When the certificates end that this client depends on: the signer's, its own for TLS, and the peers' as far as known.
    /// One that ends within <see cref="GatewayOptions.CertificateWarning"/> is logged once, too.
    /// </summary>
    public IReadOnlyList<CertificateExpiry> Certificates => [.. certificates.All];

    internal DateTimeOffset Now => options.TimeProvider.GetUtcNow();

    /// <summary>Runs a query on one peer. Changes nothing, and nothing of it reaches a block.</summary>
    /// <returns>What the chaincode returned, not copied.</returns>
    /// <exception cref="LedgerException">The chaincode refused, or the query did not get through.</exception>
    public async Task<ReadOnlyMemory<byte>> EvaluateAsync(TransactionRequest request, CancellationToken ct = default)
    {
        var proposal = Propose(LedgerStage.Evaluate, request);
        return await EvaluateSignedAsync(request, proposal.TransactionId, proposal.Signed, ct);
    }

    private async Task<ReadOnlyMemory<byte>> EvaluateSignedAsync(
        TransactionRequest request, string transactionId, SignedProposal signed, CancellationToken ct)
    {
        var call = EvaluateRequestOf(request, transactionId, signed);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var answer = await peers.CallAsync(
                    LedgerStage.Evaluate, transactionId, FabricMethods.Evaluate, call, options.EvaluateTimeout, new PeerScope(request), ct);
                return ResultOf(answer, transactionId);
            }
            catch (LedgerException e) when (e.Code is LedgerCodes.Busy && attempt < options.Retry.Attempts)
            {
                GatewayTelemetry.Retries.Add(1, new("fabric.channel", ChannelName), new("error.type", e.Code));
                LogTriesAgain(request.Chaincode, request.Function, e.TransactionId, attempt, e.Code);
            }
            await Task.Delay(options.Retry.DelayAfter(attempt), options.TimeProvider, ct);
        }
    }

    /// <summary>First step: proposes the transaction, collects endorsements and signs what came back.</summary>
    /// <exception cref="LedgerException">A peer refused, or too few could be asked; nothing was ordered.</exception>
    public async Task<EndorsedTransaction> EndorseAsync(TransactionRequest request, CancellationToken ct = default)
    {
        var now = Now;
        var signer = certificates.Check(now, LedgerStage.Endorse, ""); // signs the transaction, too: both are to be by one creator
        var proposal = Proposal.Create(signer, ChannelName, request, now);
        var envelope = await EndorseSignedAsync(request, proposal.TransactionId, proposal.Signed, ct);
        var result = PreparedTransaction.ReadResult(envelope, proposal);
        envelope.Signature = Sign(signer, envelope.Payload);
        return new EndorsedTransaction(proposal.TransactionId, envelope, result);
    }

    private async Task<Protocol.Common.Envelope> EndorseSignedAsync(
        TransactionRequest request, string transactionId, SignedProposal signed, CancellationToken ct)
    {
        var call = new EndorseRequest
        {
            TransactionId = transactionId,
            ChannelId = ChannelName,
            ProposedTransaction = signed,
            EndorsingOrganizations = { request.Organizations },
        };
        var answer = await peers.CallAsync(
            LedgerStage.Endorse, transactionId, FabricMethods.Endorse, call, options.EndorseTimeout, new PeerScope(request), ct);
        return answer.PreparedTransaction;
    }

    /// <summary>Second step: hands an endorsed transaction to the ordering service.</summary>
    /// <exception cref="LedgerException">
    /// It may have been ordered nevertheless: look it up before sending the same content as another transaction. The same
    /// <paramref name="transaction"/> may safely be submitted again, since its id can become valid only once.
    /// </exception>
    public Task SubmitEndorsedAsync(EndorsedTransaction transaction, CancellationToken ct = default)
    {
        var call = new SubmitRequest
        {
            TransactionId = transaction.TransactionId,
            ChannelId = ChannelName,
            PreparedTransaction = transaction.Envelope,
        };
        return peers.CallAsync(
            LedgerStage.Submit, transaction.TransactionId, FabricMethods.Submit, call, options.SubmitTimeout, PeerScope.Any, ct);
    }

    /// <summary>Height and hashes of the chain as the gateway peer holds it; the newest block is <c>Height - 1</c>.</summary>
    /// <exception cref="LedgerException">The peer could not be asked.</exception>
    public Task<BlockchainInfo> GetChainInfoAsync(CancellationToken ct = default) =>
        QueryAsync("GetChainInfo", BlockchainInfo.Parser, ct);

    /// <summary>Reads one block from the gateway peer's ledger.</summary>
    /// <exception cref="LedgerException">There is no such block yet, or the peer could not be asked.</exception>
    public Task<Block> GetBlockAsync(ulong number, CancellationToken ct = default) =>
        QueryAsync("GetBlockByNumber", Block.Parser, ct, number.ToString(CultureInfo.InvariantCulture));

    /// <summary>What was loaded for this client alone, and ends with it.</summary>
    internal IReadOnlyList<IDisposable> Owned { get; private set; } = [];

    /// <summary>Closes the connection and ends what is still under way.</summary>
    public async ValueTask DisposeAsync()
    {
        GatewayTelemetry.Remove(this);
        if (feed is not null)
        {
            await feed.DisposeAsync();
        }
        await peers.DisposeAsync();
        foreach (var part in Owned)
        {
            part.Dispose();
        }
    }

    private async Task<T> QueryAsync<T>(string function, MessageParser<T> parser, CancellationToken ct, params string[] arguments)
        where T : class, IMessage<T>
    {
        var bytes = await EvaluateAsync(new TransactionRequest(QueryChaincode, function, [ChannelName, .. arguments]), ct);
        return ReadQuery(function, parser, bytes);
    }

    private static T ReadQuery<T>(string function, MessageParser<T> parser, ReadOnlyMemory<byte> bytes)
        where T : class, IMessage<T>
    {
        try
        {
            return parser.ParseFrom(bytes.Span);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw LedgerErrors.BadAnswer(LedgerStage.Evaluate, "", $"the answer to {function} cannot be read.", e);
        }
    }

    private EvaluateRequest EvaluateRequestOf(TransactionRequest request, string transactionId, SignedProposal signed) => new()
    {
        TransactionId = transactionId,
        ChannelId = ChannelName,
        ProposedTransaction = signed,
        TargetOrganizations = { request.Organizations },
    };

    private static ReadOnlyMemory<byte> ResultOf(EvaluateResponse answer, string transactionId) =>
        answer.Result is not { Status: >= 400 } failed
            ? answer.Result?.Payload.Memory ?? ReadOnlyMemory<byte>.Empty
            : throw LedgerErrors.FromResponse(LedgerStage.Evaluate, transactionId, failed);

    private Proposal Propose(LedgerStage stage, TransactionRequest request)
    {
        var now = Now;
        return Proposal.Create(certificates.Check(now, stage, ""), ChannelName, request, now);
    }

    private static ByteString Sign(SigningIdentity signer, ByteString bytes) =>
        UnsafeByteOperations.UnsafeWrap(signer.Sign(bytes.Span));
}
