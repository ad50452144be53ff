using System.Numerics;
using Google.Protobuf;
using HealthShare.Fabric.Client.Telemetry;
using HealthShare.Fabric.Protocol.Grpc;
using Microsoft.Extensions.Logging;

namespace HealthShare.Fabric.Client.Peers;

/// <summary>
/// The gateway peers of one client, in order of preference. A request goes to the first that is well, and on to the next where
/// that one is out of reach, silent, shutting down or overloaded.
/// </summary>
internal sealed partial class GatewayPeers : IAsyncDisposable
{
    /// <summary>More peers than this serve nobody; the mark of those already tried has as many bits.</summary>
    public const int MaxPeers = 32;

    private readonly GatewayPeer[] peers;
    private readonly string mspId;
    private readonly string channel;
    private readonly TimeProvider clock;
    private readonly ILogger logger;

    public GatewayPeers(IEnumerable<GatewayPeer> peers, string mspId, string channel, TimeProvider clock, ILogger logger)
    {
        (this.peers, this.mspId, this.channel, this.clock, this.logger) = ([.. peers], mspId, channel, clock, logger);
        ArgumentOutOfRangeException.ThrowIfZero(this.peers.Length, nameof(peers));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(this.peers.Length, MaxPeers, nameof(peers));
    }

    public IReadOnlyList<GatewayPeer> All => peers;

    /// <summary>The peer to open a stream at where none is well: the first that may be asked, else the first.</summary>
    public GatewayPeer ForStream(PeerScope scope) => peers.FirstOrDefault(peer => scope.Allows(peer, mspId)) ?? peers[0];

    /// <summary>
    /// Makes a call at one peer after the other until one answers for good. All of them share the time: while another one is
    /// left, a peer gets half of what remains.
    /// </summary>
    /// <exception cref="LedgerException">The call was refused, or nobody could be asked.</exception>
    public async Task<TResponse> CallAsync<TRequest, TResponse>(
        LedgerStage stage, string transactionId, GrpcMethod<TRequest, TResponse> method, TRequest request, TimeSpan timeout,
        PeerScope scope, CancellationToken ct)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        var (started, left, tried) = (clock.GetTimestamp(), timeout, 0u);
        List<PeerFailure>? failures = null;
        while (Choose(tried, scope) is { } peer)
        {
            tried |= 1u << peer.Index;
            var share = HasMore(tried, scope) ? left / 2 : left;
            var span = StageSpan.Begin(stage, channel, transactionId, scope.Request, peer);
            try
            {
                var answer = await peer.UnaryAsync(method, request, new GrpcCallOptions(share), ct);
                span.Succeed();
                return answer;
            }
            catch (OperationCanceledException)
            {
                span.Cancel();
                throw;
            }
            catch (RpcException e) when (PeerFailure.IsOfPeer(e, stage))
            {
                span.Fail(e);
                (failures ??= []).Add(new PeerFailure(peer, e));
            }
            catch (RpcException e)
            {
                span.Fail(e);
                throw LedgerErrors.From(stage, transactionId, e, isFirstAttempt: failures is null);
            }
            left = timeout - clock.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
            {
                break;
            }
            if (HasMore(tried, scope))
            {
                GatewayTelemetry.Failovers.Add(1, new("fabric.channel", channel), new("fabric.peer", peer.Name));
                LogFailover(stage, transactionId, peer.Name, failures[^1].Error.Detail);
            }
        }
        throw failures is null
            ? LedgerErrors.NobodyToAsk(stage, transactionId, [.. peers.Where(peer => scope.Allows(peer, mspId))])
            : LedgerErrors.From(stage, transactionId, failures);
    }

    /// <summary>Asks every peer that may be asked at the same time; the calls come back as they end.</summary>
    public IAsyncEnumerable<Task<TResponse>> AskEach<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, TRequest request, TimeSpan timeout, CancellationToken ct)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        var asked = peers.Where(peer => peer.Admit() is not GatewayPeerState.Open).ToList();
        if (asked.Count == 0)
        {
            asked.AddRange(peers.Where(peer => peer.MayOnlyBeLate));
        }
        return Task.WhenEach(asked.Select(peer => peer.UnaryAsync(method, request, new GrpcCallOptions(timeout), ct)).ToArray());
    }

    /// <summary>The peer to ask next; null where none is left that may be asked now.</summary>
    public GatewayPeer? Choose(uint tried, PeerScope scope)
    {
        GatewayPeer? fallback = null, late = null;
        foreach (var peer in peers)
        {
            if ((tried & (1u << peer.Index)) != 0 || !scope.Allows(peer, mspId))
            {
                continue;
            }
            switch (peer.Admit())
            {
                case GatewayPeerState.Healthy:
                    return peer;
                case GatewayPeerState.Degraded:
                    fallback ??= peer;
                    break;
                case GatewayPeerState.Open when tried == 0 && peer.MayOnlyBeLate:
                    late ??= peer;
                    break;
            }
        }
        return fallback ?? late;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var peer in peers)
        {
            await peer.DisposeAsync();
        }
    }

    private bool HasMore(uint tried, PeerScope scope)
    {
        if (BitOperations.PopCount(tried) == peers.Length)
        {
            return false;
        }
        foreach (var peer in peers)
        {
            if ((tried & (1u << peer.Index)) == 0 && peer.State is not GatewayPeerState.Open && scope.Allows(peer, mspId))
            {
                return true;
            }
        }
        return false;
    }

    [LoggerMessage(2010, LogLevel.Warning, "{Stage} of {TransactionId} goes on at another peer than {Peer}: {Reason}")]
    private partial void LogFailover(LedgerStage stage, string transactionId, string peer, string reason);
}
