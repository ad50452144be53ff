using System.Collections.Concurrent;
using System.Threading.Channels;
using Google.Protobuf;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Peer;
using Type = HealthShare.Fabric.Protocol.Peer.ChaincodeMessage.Types.Type;

namespace HealthShare.DevLedger.Chaincode;

/// <summary>
/// One registered stream to a chaincode service. Transactions interleave on it, told apart by channel and id; all that is
/// written goes through one queue, so a slow reader on the other side never stops this side from reading.
/// </summary>
internal sealed class ChaincodeSession : IAsyncDisposable
{
    /// <summary>Messages that may wait for the chaincode to read them; one that asks on and on and never reads is cut off.</summary>
    public const int MostUnread = 10_000;

    // Under load messages gather while others are written; sent together they cost one write instead of many.
    private const int MostAtOnce = 64;

    private readonly IGrpcDuplexCall<ChaincodeMessage, ChaincodeMessage> call;
    private readonly ConcurrentDictionary<(string Channel, string Id), TransactionExecution> executions = new();
    private readonly Channel<ChaincodeMessage> outgoing =
        System.Threading.Channels.Channel.CreateBounded<ChaincodeMessage>(new BoundedChannelOptions(MostUnread) { SingleReader = true });
    private readonly CancellationTokenSource closing = new();
    private readonly TaskCompletionSource<Exception?> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task reading = Task.CompletedTask;
    private Task writing = Task.CompletedTask;

    private ChaincodeSession(IGrpcDuplexCall<ChaincodeMessage, ChaincodeMessage> call) => this.call = call;

    /// <summary>Whether the stream has ended; a new session is needed then.</summary>
    public bool Ended { get; private set; }

    /// <summary>Package id under which the service registered.</summary>
    public string PackageId { get; private set; } = "";

    /// <summary>Ends with the stream; the result is why it ended, or null where the chaincode closed it.</summary>
    public Task<Exception?> Completion => completion.Task;

    /// <summary>Opens the stream and lets the chaincode register under the package id expected of it, any where that is null.</summary>
    /// <exception cref="ChaincodeFailure">It registered under another id, or not at all.</exception>
    /// <exception cref="RpcException">The service cannot be reached.</exception>
    public static async Task<ChaincodeSession> OpenAsync(IGrpcChannel channel, string? packageId, CancellationToken ct)
    {
        var session = new ChaincodeSession(await DialAsync(channel, ct));
        try
        {
            var registered = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            session.reading = Task.Run(() => session.ReadAsync(registered), CancellationToken.None);
            var name = await registered.Task.WaitAsync(ct);
            if (packageId is not null && name != packageId)
                throw new ChaincodeFailure($"the service registered as '{name}', which is not the package id '{packageId}'");
            session.PackageId = name;
            session.writing = Task.Run(session.WriteAsync, CancellationToken.None);
            session.outgoing.Writer.TryWrite(new ChaincodeMessage { Type = Type.Registered });
            session.outgoing.Writer.TryWrite(new ChaincodeMessage { Type = Type.Ready });
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>Has the chaincode execute a transaction.</summary>
    /// <returns>Its COMPLETED or ERROR.</returns>
    /// <exception cref="ChaincodeFailure">It did not answer in time, or the stream ended.</exception>
    public async Task<ChaincodeMessage> ExecuteAsync(
        TransactionExecution execution, ByteString input, TimeSpan timeout, TimeProvider time, CancellationToken ct)
    {
        var key = (execution.Channel, execution.TransactionId);
        if (!executions.TryAdd(key, execution))
            throw new ChaincodeFailure($"error sending: txid: {execution.TransactionId}({execution.Channel}) exists");
        try
        {
            var sent = outgoing.Writer.TryWrite(new ChaincodeMessage
            {
                Type = execution.IsInit ? Type.Init : Type.Transaction,
                Payload = input,
                Txid = execution.TransactionId,
                ChannelId = execution.Channel,
                Proposal = execution.Proposal,
            });
            if (!sent)
                throw Terminated();
            return await execution.Answer.WaitAsync(timeout, time, ct);
        }
        catch (TimeoutException e)
        {
            throw new ChaincodeFailure("error sending: timeout expired while executing transaction", e);
        }
        finally
        {
            executions.TryRemove(key, out _);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        outgoing.Writer.TryComplete();
        await call.DisposeAsync();
        await Task.WhenAll(reading, writing);
        closing.Dispose();
    }

    private static async Task<IGrpcDuplexCall<ChaincodeMessage, ChaincodeMessage>> DialAsync(IGrpcChannel channel, CancellationToken ct)
    {
        // The call lives longer than the wait for its registration, so it gets a token of its own.
        using var abandon = new CancellationTokenSource();
        var opening = channel.DuplexAsync(FabricMethods.ChaincodeConnect, default, abandon.Token);
        try
        {
            return await opening.WaitAsync(ct);
        }
        catch (OperationCanceledException)
        {
            await abandon.CancelAsync();
            _ = CloseAsync(opening); // it may open all the same, and would stay open as nobody's
            throw;
        }
    }

    private static async Task CloseAsync(Task<IGrpcDuplexCall<ChaincodeMessage, ChaincodeMessage>> opening)
    {
        try
        {
            await (await opening).DisposeAsync();
        }
        catch (Exception)
        {
            // It did not open, or closed by itself; whoever wanted it has been told.
        }
    }

    private async Task ReadAsync(TaskCompletionSource<string> registered)
    {
        Exception? reason = null;
        try
        {
            await foreach (var message in call.ReadAllAsync(closing.Token))
            {
                if (!registered.Task.IsCompleted)
                    registered.SetResult(NameOf(message));
                else
                    Handle(message);
            }
        }
        catch (Exception e)
        {
            // Whatever it is, the stream is of no use any more; whoever waits for it is told below, and so is the log.
            reason = e;
        }
        registered.TrySetException(reason switch
        {
            null => new ChaincodeFailure("the service closed the stream before it registered"),
            InvalidProtocolBufferException => new ChaincodeFailure("the service sent a malformed registration", reason),
            _ => reason,
        });
        Ended = true;
        outgoing.Writer.TryComplete();
        // Whoever is added from now on finds the queue closed; the others are told here.
        foreach (var execution in executions.Values)
            execution.Fail(Terminated(reason));
        await call.DisposeAsync();
        completion.SetResult(closing.IsCancellationRequested ? null : reason);
    }

    private static string NameOf(ChaincodeMessage message) => message.Type is Type.Register
        ? ChaincodeID.Parser.ParseFrom(message.Payload).Name
        : throw new ChaincodeFailure($"the service began with message type {(int)message.Type} instead of REGISTER");

    private void Handle(ChaincodeMessage message)
    {
        if (message.Type is Type.Keepalive)
            return;
        executions.TryGetValue((message.ChannelId, message.Txid), out var execution);
        if (message.Type is Type.Completed or Type.Error)
            execution?.Complete(message);
        else if (!ChaincodeRequests.IsRequest(message.Type))
            throw new ChaincodeFailure($"the service sent message type {(int)message.Type}, which is no request");
        else if (execution is null)
            Send(ChaincodeRequests.NoContext(message));
        else if (execution.TryBegin()) // a second request while one is in work is dropped, as a peer does
            Begin(execution, message);
    }

    private void Begin(TransactionExecution execution, ChaincodeMessage request)
    {
        if (request.Type is Type.InvokeChaincode)
        {
            _ = AnswerCallAsync();
            return;
        }
        var answer = ChaincodeRequests.Answer(execution, request);
        execution.EndRequest();
        Send(answer);

        // The callee may be at work for long, and the stream goes on meanwhile.
        async Task AnswerCallAsync()
        {
            try
            {
                var answer = await ChaincodeRequests.AnswerCallAsync(execution, request);
                execution.EndRequest();
                Send(answer);
            }
            catch (Exception e)
            {
                execution.Fail(e);
            }
        }
    }

    private void Send(ChaincodeMessage message)
    {
        if (!outgoing.Writer.TryWrite(message) && !Ended && !closing.IsCancellationRequested && outgoing.Reader.Count >= MostUnread)
            throw new ChaincodeFailure($"the service has left {MostUnread} messages unread");
    }

    private async Task WriteAsync()
    {
        try
        {
            List<ChaincodeMessage> waiting = [];
            while (await outgoing.Reader.WaitToReadAsync(closing.Token))
            {
                while (waiting.Count < MostAtOnce && outgoing.Reader.TryRead(out var message))
                    waiting.Add(message);
                await call.WriteAllAsync(waiting, CancellationToken.None);
                waiting.Clear();
            }
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException)
        {
            // The reader sees the end of the stream as well, and tells everyone who waits.
            outgoing.Writer.TryComplete();
            await call.DisposeAsync();
        }
    }

    private static ChaincodeFailure Terminated(Exception? reason = null) => new("error sending: chaincode stream terminated", reason);
}
