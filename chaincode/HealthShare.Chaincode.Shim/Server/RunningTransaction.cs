using Google.Protobuf;
using HealthShare.Fabric.Protocol.Peer;
using Microsoft.Extensions.Logging;
using MessageType = HealthShare.Fabric.Protocol.Peer.ChaincodeMessage.Types.Type;

namespace HealthShare.Chaincode.Shim.Server;

/// <summary>
/// One transaction from the peer's request to the one answer it gets, whatever the chaincode does. A peer that gets no answer
/// holds the client until its own time limit.
/// </summary>
internal sealed class RunningTransaction : IDisposable
{
    private readonly ChaincodeMessage request;
    private readonly ServerParts parts;
    private readonly ILogger logger;
    private readonly CancellationTokenSource limit;
    private readonly CancellationTokenSource over;
    private readonly TransactionSession session;
    private readonly Lock ending = new();
    private Task<ChaincodeResponse>? execution;
    private bool duplicated;
    private bool answered;

    /// <param name="request">The TRANSACTION or INIT message.</param>
    /// <param name="parts">What all transactions of the server share.</param>
    /// <param name="send">Writes to the peer's stream.</param>
    /// <param name="gone">Cancelled when the peer's stream ends.</param>
    public RunningTransaction(
        ChaincodeMessage request, ServerParts parts, Func<ChaincodeMessage, CancellationToken, Task> send, CancellationToken gone)
    {
        (this.request, this.parts, logger) = (request, parts, parts.Logger);
        limit = new CancellationTokenSource(parts.Options.ExecutionTimeout, parts.Time);
        over = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, gone);
        session = new TransactionSession(request.ChannelId, request.Txid, send, over.Token);
    }

    /// <summary>Hands the peer's answer to the call that waits for it. False when none does.</summary>
    public bool Answer(ChaincodeMessage message) => session.Answer(message);

    /// <summary>
    /// Ends the transaction because the peer began another of the same id. A peer knows one transaction by an id, so their calls
    /// could not be told apart; the single answer stands for both.
    /// </summary>
    public void CancelAsDuplicate()
    {
        lock (ending)
        {
            if (answered)
                return;
            duplicated = true;
            _ = over.CancelAsync();
        }
    }

    /// <summary>Runs the chaincode and returns the message to answer with. Never throws.</summary>
    public async Task<ChaincodeMessage> RunAsync()
    {
        var started = parts.Time.GetTimestamp();
        var answer = await AnswerAsync();
        lock (ending)
            answered = true;
        await over.CancelAsync(); // from here on the chaincode can ask nothing more
        ReleaseAfterExecution();
        logger.LogAnswered(request.Txid, answer.Type, parts.Time.GetElapsedTime(started).TotalMilliseconds);
        return answer;
    }

    /// <summary>The message that answers a request with a failure.</summary>
    public static ChaincodeMessage Failure(ChaincodeMessage request, string code, string text) =>
        Completed(request, ChaincodeResponse.Error(code, text), raised: null);

    private async Task<ChaincodeMessage> AnswerAsync()
    {
        PeerStub stub;
        try
        {
            stub = new PeerStub(session, ProposalFacts.Read(request));
        }
        catch (ContractException e)
        {
            return new ChaincodeMessage
            {
                Type = MessageType.Error, Txid = request.Txid, ChannelId = request.ChannelId,
                Payload = ByteString.CopyFromUtf8($"{e.Code}: {e.Message}"),
            };
        }
        var response = await RespondAsync(stub);
        return Completed(request, response, response.IsSuccess ? stub.Event : null);
    }

    private async Task<ChaincodeResponse> RespondAsync(PeerStub stub)
    {
        try
        {
            if (!await parts.Slots.TryEnterAsync(over.Token))
                return ChaincodeResponse.Error(ShimCodes.TransactionOverload, "Too many transactions run at once; try again.");
            // On a thread of its own: chaincode that blocks must hold up neither the stream nor the time limit.
            execution = Task.Run(() => ExecuteAsync(stub), CancellationToken.None);
            var response = await execution.WaitAsync(over.Token);
            return session.IsAsking
                ? Failed("A contract returned before the peer had answered all its calls.")
                : response;
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            return Cancelled();
        }
        catch (ContractException e)
        {
            return ChaincodeResponse.Error(e.Code, e.Message);
        }
        catch (LedgerCallException e)
        {
            logger.LogLedgerRefused(request.Txid, e.Call);
            return ChaincodeResponse.Error(ShimCodes.LedgerRefused, e.Message);
        }
        catch (Exception e)
        {
            return Failed($"{e.GetType().FullName}{Environment.NewLine}{e.StackTrace}");
        }
    }

    private async Task<ChaincodeResponse> ExecuteAsync(PeerStub stub) => await (request.Type is MessageType.Init
        ? parts.Chaincode.InitAsync(stub, over.Token)
        : parts.Chaincode.InvokeAsync(stub, over.Token)) ?? throw new InvalidOperationException("The chaincode returned no response.");

    private ChaincodeResponse Cancelled()
    {
        if (duplicated)
        {
            logger.LogDuplicate(request.Txid);
            return ChaincodeResponse.Error(ShimCodes.TransactionCancelled, "The peer began this transaction twice.");
        }
        if (!limit.IsCancellationRequested)
            return ChaincodeResponse.Error(ShimCodes.TransactionCancelled, "The peer's stream ended.");
        logger.LogTimeout(request.Txid, parts.Options.ExecutionTimeout.TotalSeconds);
        return ChaincodeResponse.Error(
            ShimCodes.TransactionTimeout, $"The transaction took longer than {parts.Options.ExecutionTimeout.TotalSeconds:0.###} s.");
    }

    // Messages of exceptions may quote arguments or state; type and place are enough to find a fault.
    private ChaincodeResponse Failed(string what)
    {
        logger.LogFailed(request.Txid, what);
        return ChaincodeResponse.Error(ShimCodes.TransactionFailed, "The transaction failed; the chaincode's log says where.");
    }

    /// <summary>Chaincode that ignores its cancellation keeps its slot until it really ends.</summary>
    private void ReleaseAfterExecution()
    {
        if (execution is null)
        {
            Dispose();
            return;
        }
        _ = execution.ContinueWith(
            ended =>
            {
                _ = ended.Exception; // observed: it was reported, or nobody waits for it any more
                parts.Slots.Leave();
                Dispose();
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Frees the timers of a transaction that was never run; a run one does so itself.</summary>
    public void Dispose()
    {
        over.Dispose();
        limit.Dispose();
    }

    private static ChaincodeMessage Completed(ChaincodeMessage request, ChaincodeResponse response, ChaincodeEvent? raised)
    {
        var body = new Response
        {
            Status = response.Status, Message = response.Message ?? "", Payload = ByteString.CopyFrom(response.Payload.Span),
        };
        return new ChaincodeMessage
        {
            Type = MessageType.Completed, Txid = request.Txid, ChannelId = request.ChannelId,
            Payload = body.ToByteString(), ChaincodeEvent = raised,
        };
    }
}
