using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Peer;
using Microsoft.Extensions.Logging;
using MessageType = HealthShare.Fabric.Protocol.Peer.ChaincodeMessage.Types.Type;

namespace HealthShare.Chaincode.Shim.Server;

/// <summary>What all streams and transactions of a server share.</summary>
internal sealed record ServerParts(
    IChaincode Chaincode, ChaincodeServerOptions Options, TransactionSlots Slots, StatusBoard Status, TimeProvider Time,
    ILogger Logger);

/// <summary>
/// One peer's stream: registers, then runs the transactions that the peer sends, told apart by channel and transaction id. Only
/// this class reads from the stream; writes are made one after another by the stream itself.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A SemaphoreSlim holds nothing to free unless its wait handle is asked for.")]
internal sealed class PeerStream(
    IGrpcServerStream<ChaincodeMessage, ChaincodeMessage> stream, ServerParts parts, string peer)
{
    // Beyond what may run and wait, so many refusals may queue for a peer that reads slowly; then its messages wait too.
    private const int RefusalsInFlight = 64;

    /// <summary>A peer registers at once what it waits for; what it does not wait for it leaves without a word.</summary>
    internal static readonly TimeSpan RegistrationLimit = TimeSpan.FromSeconds(5);

    private readonly ILogger logger = parts.Logger;
    private readonly ConcurrentDictionary<(string Channel, string TransactionId), RunningTransaction> running = new();
    private readonly ConcurrentDictionary<Task, byte> answers = new();
    private readonly SemaphoreSlim inFlight =
        new(parts.Options.MaxConcurrentTransactions + parts.Options.MaxWaitingTransactions + RefusalsInFlight);
    private readonly TaskCompletionSource idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int open; // transactions that were taken in and are not answered yet
    private volatile StreamState state;
    private volatile bool stopping;
    private bool unregisteredReported;

    private enum StreamState
    {
        Created,
        Registered,
        Ready,
    }

    /// <summary>Serves the peer until it goes away or the server stops and what runs has been answered.</summary>
    /// <param name="gone">Cancelled when the peer's stream breaks.</param>
    /// <param name="stop">Cancelled when the server begins to stop.</param>
    /// <exception cref="RpcException">The peer does not keep to the protocol.</exception>
    public async Task ServeAsync(CancellationToken gone, CancellationToken stop)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(gone);
        using var drained = CancellationTokenSource.CreateLinkedTokenSource(gone);
        var draining = Task.CompletedTask;
        await using var onStop = stop.Register(() => draining = DrainAsync(drained));
        await using var unregistered = parts.Time.CreateTimer(
            _ => EndUnregistered(drained), null, RegistrationLimit, Timeout.InfiniteTimeSpan);
        try
        {
            var registration = new ChaincodeID { Name = parts.Options.PackageId };
            await SendAsync(new() { Type = MessageType.Register, Payload = registration.ToByteString() }, gone);
            await foreach (var message in stream.ReadAllAsync(drained.Token))
                await HandleAsync(message, ended.Token);
        }
        catch (OperationCanceledException) when (drained.IsCancellationRequested)
        {
            // The peer is gone, or the server stops: both end the stream without a fault.
        }
        catch (RpcException e)
        {
            unregisteredReported = true; // this peer's fault is another
            logger.LogBroken(peer, e.Status, e.Detail);
            throw;
        }
        finally
        {
            // Before what still runs is waited for: the peer is no longer there.
            if (state is StreamState.Ready)
                parts.Status.PeerGone();
            else
                ReportUnregistered();
            await ended.CancelAsync();
            await Task.WhenAll(answers.Keys);
            await draining;
            logger.LogClosed(peer);
        }
    }

    private async Task HandleAsync(ChaincodeMessage message, CancellationToken ended)
    {
        switch (message.Type, state)
        {
            case (MessageType.Keepalive, _):
                await SendAsync(message, ended);
                break;
            case (MessageType.Registered, StreamState.Created):
                state = StreamState.Registered;
                break;
            case (MessageType.Ready, StreamState.Registered):
                state = StreamState.Ready;
                parts.Status.PeerReady();
                logger.LogReady(peer, parts.Options.PackageId);
                break;
            case (MessageType.Transaction or MessageType.Init, StreamState.Ready):
                await BeginAsync(message, ended);
                break;
            case (MessageType.Response or MessageType.Error, StreamState.Ready):
                // An answer that nobody waits for belongs to a transaction that has ended meanwhile.
                if (!running.TryGetValue((message.ChannelId, message.Txid), out var asking) || !asking.Answer(message))
                    logger.LogLateAnswer(message.Txid);
                break;
            default:
                throw new RpcException(StatusCode.FailedPrecondition, $"A {message.Type} message is not expected while {state}.");
        }
    }

    private async Task BeginAsync(ChaincodeMessage request, CancellationToken ended)
    {
        await inFlight.WaitAsync(ended);
        Interlocked.Increment(ref open); // before the question below: a stop waits for this one, or is seen by it
        var key = (request.ChannelId, request.Txid);
        if (stopping)
        {
            Track(SendAnswerAsync(request, RunningTransaction.Failure(
                request, ShimCodes.TransactionCancelled, "The chaincode service is stopping; try again."), ended));
            return;
        }
        var transaction = new RunningTransaction(request, parts, SendAsync, ended);
        if (running.TryAdd(key, transaction))
        {
            Track(RunAsync(request, transaction, ended));
            return;
        }
        Leave();
        transaction.Dispose();
        if (running.TryGetValue(key, out var first))
            first.CancelAsDuplicate();
    }

    private async Task RunAsync(ChaincodeMessage request, RunningTransaction transaction, CancellationToken ended)
    {
        parts.Status.TransactionBegun();
        var answer = await transaction.RunAsync();
        parts.Status.TransactionEnded();
        running.TryRemove((request.ChannelId, request.Txid), out _);
        await SendAnswerAsync(request, answer, ended);
    }

    private async Task SendAnswerAsync(ChaincodeMessage request, ChaincodeMessage answer, CancellationToken ended)
    {
        try
        {
            try
            {
                await SendAsync(answer, ended);
            }
            catch (RpcException)
            {
                // Too large for the stream: nothing of it has been written, and the peer still waits.
                await SendAsync(RunningTransaction.Failure(request, ShimCodes.TransactionFailed, "The result is too large."), ended);
            }
        }
        catch (Exception e)
        {
            // The stream is broken; reading notices it too and ends what still runs.
            logger.LogNotDelivered(request.Txid, e.GetType().Name);
        }
        finally
        {
            Leave();
        }
    }

    private void Leave()
    {
        inFlight.Release();
        Close();
    }

    private void Close()
    {
        if (Interlocked.Decrement(ref open) == 0 && stopping)
            idle.TrySetResult();
    }

    private Task SendAsync(ChaincodeMessage message, CancellationToken ct) => stream.WriteAsync(message, ct);

    private void Track(Task answer)
    {
        answers.TryAdd(answer, 0);
        _ = answer.ContinueWith(
            done => answers.TryRemove(done, out _),
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Ends a stream that the peer does not use, so that its clients get an error and not a time-out.</summary>
    private void EndUnregistered(CancellationTokenSource drained)
    {
        if (state is not StreamState.Created)
            return;
        ReportUnregistered();
        _ = drained.CancelAsync();
    }

    /// <summary>A peer says nothing when it does not want the package id: it only never registers it, or hangs up.</summary>
    private void ReportUnregistered()
    {
        if (stopping || state is not StreamState.Created || Interlocked.Exchange(ref unregisteredReported, true))
            return;
        parts.Status.PackageIdRefused();
        logger.LogNotRegistered(peer, parts.Options.PackageId);
    }

    /// <summary>Refuses what is new, waits for what runs, then ends the stream.</summary>
    private async Task DrainAsync(CancellationTokenSource drained)
    {
        Interlocked.Increment(ref open); // counts as one itself, so that somebody finds none left after the stop is there to see
        stopping = true;
        Close();
        await idle.Task;
        await drained.CancelAsync();
    }
}
