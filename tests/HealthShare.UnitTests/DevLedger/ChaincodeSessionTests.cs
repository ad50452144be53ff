using Google.Protobuf;
using HealthShare.DevLedger.Chaincode;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.UnitTests.DevLedger;

public sealed class ChaincodeSessionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_stream_that_opens_after_the_time_to_dial_is_closed_again()
    {
        await using var channel = new SlowChannel();
        using var limit = new CancellationTokenSource();
        var opening = ChaincodeSession.OpenAsync(channel, "asset:1", limit.Token);
        await limit.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening.WaitAsync(Patience));

        Assert.True(channel.Given.IsCancellationRequested); // a call that is not open yet is told
        var stream = new Stream(); // and one that opens in that moment is closed
        channel.Opening.SetResult(stream);
        await stream.Closed.Task.WaitAsync(Patience);
    }

    private sealed class SlowChannel : IGrpcChannel
    {
        public TaskCompletionSource<IGrpcDuplexCall<ChaincodeMessage, ChaincodeMessage>> Opening { get; } = new();

        public CancellationToken Given { get; private set; }

        public Uri Address { get; } = new("http://127.0.0.1:1");

        public async Task<IGrpcDuplexCall<TRequest, TResponse>> DuplexAsync<TRequest, TResponse>(
            GrpcMethod<TRequest, TResponse> method, GrpcCallOptions options = default, CancellationToken ct = default)
            where TRequest : class, IMessage<TRequest>
            where TResponse : class, IMessage<TResponse>
        {
            Given = ct;
            return (IGrpcDuplexCall<TRequest, TResponse>)await Opening.Task;
        }

        public IAsyncEnumerable<TResponse> ServerStreamAsync<TRequest, TResponse>(
            GrpcMethod<TRequest, TResponse> method, TRequest request, GrpcCallOptions options = default, CancellationToken ct = default)
            where TRequest : class, IMessage<TRequest>
            where TResponse : class, IMessage<TResponse> => throw new NotSupportedException();

        public Task<TResponse> UnaryAsync<TRequest, TResponse>(
            GrpcMethod<TRequest, TResponse> method, TRequest request, GrpcCallOptions options = default, CancellationToken ct = default)
            where TRequest : class, IMessage<TRequest>
            where TResponse : class, IMessage<TResponse> => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Stream : IGrpcDuplexCall<ChaincodeMessage, ChaincodeMessage>
    {
        public TaskCompletionSource Closed { get; } = new();

        public Task WriteAsync(ChaincodeMessage message, CancellationToken ct = default) => Task.CompletedTask;

        public Task CompleteAsync() => Task.CompletedTask;

        public IAsyncEnumerable<ChaincodeMessage> ReadAllAsync(CancellationToken ct = default) => throw new NotSupportedException();

        public ValueTask DisposeAsync()
        {
            Closed.TrySetResult();
            return ValueTask.CompletedTask;
        }
    }
}
