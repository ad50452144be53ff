using System.Collections.Concurrent;
using System.Threading.Channels;
using HealthShare.Chaincode.Shim;
using HealthShare.Chaincode.Shim.Server;
using HealthShare.Chaincode.Shim.Testing;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Peer;
using Microsoft.Extensions.Logging.Abstractions;
using MessageType = HealthShare.Fabric.Protocol.Peer.ChaincodeMessage.Types.Type;

namespace HealthShare.UnitTests.Chaincode.Shim;

/// <summary>A stop that comes while a transaction is being taken in: it is finished, or refused, but never dropped.</summary>
public sealed class PeerStreamStopTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task A_transaction_that_was_let_in_just_before_the_stop_is_finished()
    {
        using var stop = new CancellationTokenSource();
        var stream = new Stream();
        var goOn = new TaskCompletionSource();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // The transaction's time limit is set when it was let in and nothing else knows of it yet.
        var options = new ChaincodeServerOptions { Address = "127.0.0.1:0", PackageId = "p:1", ExecutionTimeout = Limit };
        var time = new Interrupted(Limit, stop.Cancel);
        var served = new PeerStream(stream, Parts(new Waiting(begun, goOn.Task), options, time), "peer").ServeAsync(CancellationToken.None, stop.Token);
        await stream.ToServer.Writer.WriteAsync(new() { Type = MessageType.Registered });
        await stream.ToServer.Writer.WriteAsync(new() { Type = MessageType.Ready });
        await stream.ToServer.Writer.WriteAsync(FakePeer.Transaction(TestIdentity.Create("NorthMSP"), [], "tx", "f"));

        await begun.Task;
        Assert.True(stop.IsCancellationRequested);
        goOn.SetResult();
        await served;
        var answer = Assert.Single(stream.Sent, message => message.Txid == "tx");
        Assert.Equal(200, Response.Parser.ParseFrom(answer.Payload).Status);
    }

    private static ServerParts Parts(IChaincode chaincode, ChaincodeServerOptions options, TimeProvider time) => new(
        chaincode, options, new TransactionSlots(options.MaxConcurrentTransactions, options.MaxWaitingTransactions),
        new StatusBoard(options.PackageId), time, NullLogger.Instance);

    private sealed class Interrupted(TimeSpan at, Action interrupt) : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime == at)
                interrupt();
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }

    private sealed class Waiting(TaskCompletionSource begun, Task goOn) : IChaincode
    {
        public async Task<ChaincodeResponse> InvokeAsync(IChaincodeStub stub, CancellationToken ct)
        {
            begun.SetResult();
            await goOn.WaitAsync(ct);
            return ChaincodeResponse.Success();
        }
    }

    private sealed class Stream : IGrpcServerStream<ChaincodeMessage, ChaincodeMessage>
    {
        public Channel<ChaincodeMessage> ToServer { get; } = Channel.CreateUnbounded<ChaincodeMessage>();

        public ConcurrentQueue<ChaincodeMessage> Sent { get; } = new();

        public IAsyncEnumerable<ChaincodeMessage> ReadAllAsync(CancellationToken ct = default) => ToServer.Reader.ReadAllAsync(ct);

        public Task WriteAsync(ChaincodeMessage message, CancellationToken ct = default)
        {
            ct.ThrowIfCancellationRequested();
            Sent.Enqueue(message);
            return Task.CompletedTask;
        }
    }
}
