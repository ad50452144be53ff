using Google.Protobuf;
using HealthShare.Fabric.Client.Commits;
using HealthShare.Fabric.Client.Peers;
using HealthShare.Fabric.Client.Telemetry;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Peer;
using Microsoft.Extensions.Logging;

namespace HealthShare.Fabric.Client;

public sealed partial class GatewayClient
{
    // A peer that has not answered by then is no help in an emergency.
    private static readonly TimeSpan LongestLookup = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Third step: waits until a transaction is in a block and says whether it is valid. Repeats the question, of other peers
    /// where there are any, until <see cref="GatewayOptions.CommitTimeout"/> has passed. A transaction that was never ordered is
    /// waited for just as long.
    /// </summary>
    /// <exception cref="LedgerException">No answer in time; the transaction may have been committed.</exception>
    public Task<CommitStatus> GetCommitStatusAsync(string transactionId, CancellationToken ct = default) =>
        AskForCommitAsync(transactionId, SignStatusRequest(transactionId), options.CommitTimeout, ct);

    /// <summary>
    /// Looks a transaction up by its id in the peers' ledgers: the way out of an unknown outcome. Null where none of the peers
    /// that answer has it in a block so far; one that was handed over may still come.
    /// </summary>
    /// <exception cref="LedgerException">No peer could be asked.</exception>
    public async Task<LedgerTransaction?> GetTransactionAsync(string transactionId, CancellationToken ct = default)
    {
        const string Function = "GetTransactionByID";
        var request = new TransactionRequest(QueryChaincode, Function, ChannelName, transactionId);
        var proposal = Propose(LedgerStage.Evaluate, request);
        var limit = options.EvaluateTimeout < LongestLookup ? options.EvaluateTimeout : LongestLookup;
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(ct);
        LedgerException? failure = null;
        var absent = false;
        await foreach (var asked in peers.AskEach(FabricMethods.Evaluate, EvaluateRequestOf(request, proposal.TransactionId, proposal.Signed), limit, enough.Token))
        {
            try
            {
                var found = ReadQuery(Function, ProcessedTransaction.Parser, ResultOf(await asked, proposal.TransactionId));
                await enough.CancelAsync();
                return new LedgerTransaction(transactionId, (TxValidationCode)found.ValidationCode, found.TransactionEnvelope);
            }
            catch (Exception e) when (e is RpcException or LedgerException)
            {
                failure = e as LedgerException
                    ?? LedgerErrors.From(LedgerStage.Evaluate, proposal.TransactionId, (RpcException)e);
                absent |= failure.ChaincodeMessage?.Contains("no such transaction ID", StringComparison.Ordinal) == true;
            }
        }
        ct.ThrowIfCancellationRequested();
        return absent ? null : throw failure ?? LedgerErrors.NobodyToAsk(LedgerStage.Evaluate, proposal.TransactionId, peers.All);
    }

    private SignedCommitStatusRequest SignStatusRequest(string transactionId)
    {
        var signer = certificates.Check(Now, LedgerStage.CommitStatus, transactionId);
        var request = new CommitStatusRequest
        {
            TransactionId = transactionId,
            ChannelId = ChannelName,
            Identity = signer.Creator,
        }.ToByteString();
        return new SignedCommitStatusRequest { Request = request, Signature = Sign(signer, request) };
    }

    // The feed first, where there is one. It is never the last word: who hears nothing of it in time, asks.
    private async Task<CommitStatus> WaitForCommitAsync(string transactionId, ExpectedCommit? expected, TimeSpan timeout, CancellationToken ct)
    {
        var left = timeout;
        if (expected is not null)
        {
            var (clock, share) = (options.TimeProvider, options.CommitWaitPerPeer < timeout / 2 ? options.CommitWaitPerPeer : timeout / 2);
            var started = clock.GetTimestamp();
            if (await ExpectAsync(expected, share > TimeSpan.Zero ? share : TimeSpan.Zero, ct) is { } heard)
            {
                return heard;
            }
            left -= clock.GetElapsedTime(started);
        }
        var asked = await AskForCommitAsync(transactionId, SignStatusRequest(transactionId), left, ct);
        if (expected is { IsAnswered: false })
        {
            LogFeedSilent(transactionId, asked.BlockNumber);
            await feed!.RestAsync();
        }
        return asked;
    }

    private async Task<CommitStatus?> ExpectAsync(ExpectedCommit expected, TimeSpan limit, CancellationToken ct)
    {
        var span = StageSpan.Begin(LedgerStage.CommitStatus, ChannelName, expected.TransactionId, null, null);
        try
        {
            var heard = await expected.WaitAsync(limit, options.TimeProvider, ct);
            span.Succeed(heard?.BlockNumber);
            return heard;
        }
        catch (OperationCanceledException)
        {
            span.Cancel();
            throw;
        }
    }

    // Any peer of the channel can tell; one that fails, or says nothing for long, is left for the next.
    private async Task<CommitStatus> AskForCommitAsync(
        string transactionId, SignedCommitStatusRequest call, TimeSpan timeout, CancellationToken ct)
    {
        var (clock, started, pause, tried) = (options.TimeProvider, options.TimeProvider.GetTimestamp(), new Backoff(options), 0u);
        List<PeerFailure> failures = [];
        if (timeout <= TimeSpan.Zero)
        {
            throw LedgerErrors.NoTimeLeft(transactionId);
        }
        while (true)
        {
            var left = timeout - clock.GetElapsedTime(started);
            if (left > TimeSpan.Zero && peers.Choose(tried, PeerScope.Any) is { } peer)
            {
                tried |= 1u << peer.Index;
                var share = peers.All.Count > 1 && options.CommitWaitPerPeer < left ? options.CommitWaitPerPeer : left;
                var span = StageSpan.Begin(LedgerStage.CommitStatus, ChannelName, transactionId, null, peer);
                try
                {
                    var answer = await peer.WaitAsync(FabricMethods.CommitStatus, call, new GrpcCallOptions(share), ct);
                    span.Succeed(answer.BlockNumber);
                    return new CommitStatus(transactionId, answer.Result, answer.BlockNumber);
                }
                catch (OperationCanceledException)
                {
                    span.Cancel();
                    throw;
                }
                catch (RpcException e) when (PeerFailure.IsOfPeer(e, LedgerStage.CommitStatus))
                {
                    span.Fail(e);
                    failures.RemoveAll(failure => failure.Peer == peer);
                    failures.Add(new PeerFailure(peer, e));
                    LogAsksAgain(transactionId, peer.Name, e.Detail);
                }
                catch (RpcException e)
                {
                    span.Fail(e);
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

    [LoggerMessage(2012, LogLevel.Warning, "{TransactionId} is in block {Block}, of which the filtered blocks said nothing in time; commits are asked for, for a while.")]
    private partial void LogFeedSilent(string transactionId, ulong block);

    [LoggerMessage(2003, LogLevel.Information, "The commit status of {TransactionId} is asked for again, not of {Peer}: {Reason}")]
    private partial void LogAsksAgain(string transactionId, string peer, string reason);
}
