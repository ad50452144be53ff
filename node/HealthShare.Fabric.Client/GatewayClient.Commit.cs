using HealthShare.Fabric.Client.Peers;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using Microsoft.Extensions.Logging;

namespace HealthShare.Fabric.Client;

public sealed partial class GatewayClient
{
    // Any peer of the channel can tell; one that fails, or says nothing for long, is left for the next.
    private async Task<CommitStatus> WaitForCommitAsync(
        string transactionId, SignedCommitStatusRequest call, TimeSpan timeout, CancellationToken ct)
    {
        var (clock, started, pause, tried) = (options.TimeProvider, options.TimeProvider.GetTimestamp(), new Backoff(options), 0u);
        List<PeerFailure> failures = [];
        while (true)
        {
            var left = timeout - clock.GetElapsedTime(started);
            if (left > TimeSpan.Zero && peers.Choose(tried, PeerScope.Any) is { } peer)
            {
                tried |= 1u << peer.Index;
                var share = peers.All.Count > 1 && options.CommitWaitPerPeer < left ? options.CommitWaitPerPeer : left;
                try
                {
                    var answer = await peer.WaitAsync(FabricMethods.CommitStatus, call, new GrpcCallOptions(share), ct);
                    return new CommitStatus(transactionId, answer.Result, answer.BlockNumber);
                }
                catch (RpcException e) when (PeerFailure.IsOfPeer(e, LedgerStage.CommitStatus))
                {
                    failures.RemoveAll(failure => failure.Peer == peer);
                    failures.Add(new PeerFailure(peer, e));
                    LogAsksAgain(transactionId, peer.Name, e.Detail);
                }
                catch (RpcException e)
                {
                    throw LedgerErrors.From(LedgerStage.CommitStatus, transactionId, e);
                }
                continue;
            }
            if (left <= pause.Next)
            {
                throw failures.Count > 0
                    ? LedgerErrors.From(LedgerStage.CommitStatus, transactionId, failures)
                    : LedgerErrors.NobodyToAsk(LedgerStage.CommitStatus, transactionId, peers.All);
            }
            tried = 0;
            await pause.WaitAsync(ct);
        }
    }

    [LoggerMessage(2003, LogLevel.Information, "The commit status of {TransactionId} is asked for again, not of {Peer}: {Reason}")]
    private partial void LogAsksAgain(string transactionId, string peer, string reason);
}
