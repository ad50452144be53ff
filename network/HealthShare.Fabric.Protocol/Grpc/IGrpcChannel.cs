using Google.Protobuf;

namespace HealthShare.Fabric.Protocol.Grpc;

/// <summary>
/// A connection to one gRPC server. This interface is the seam between Fabric's services and the transport: everything
/// above it would run unchanged over another gRPC library. A call that its caller cancels ends with
/// <see cref="OperationCanceledException"/>, its HTTP/2 stream reset; every other failure is an <see cref="RpcException"/>:
/// <see cref="StatusCode.Unavailable"/> where the connection failed, <see cref="StatusCode.DeadlineExceeded"/> where the
/// call's timeout passed, else what the server answered.
/// </summary>
public interface IGrpcChannel : IAsyncDisposable
{
    /// <summary>Address the channel dials, such as <c>https://127.0.0.1:7051</c>.</summary>
    Uri Address { get; }

    /// <summary>
    /// End of validity of the TLS certificate that the server showed last; null without TLS and before the first connection.
    /// </summary>
    DateTimeOffset? ServerCertificateNotAfter => null;

    /// <summary>Sends one message and waits for one answer.</summary>
    /// <exception cref="RpcException">The server answered with another status than OK, or could not be reached.</exception>
    Task<TResponse> UnaryAsync<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, TRequest request, GrpcCallOptions options = default, CancellationToken ct = default)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>;

    /// <summary>Sends one message and reads answers until the server closes the stream.</summary>
    /// <exception cref="RpcException">Thrown while enumerating, when the stream ends with another status than OK.</exception>
    IAsyncEnumerable<TResponse> ServerStreamAsync<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, TRequest request, GrpcCallOptions options = default, CancellationToken ct = default)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>;

    /// <summary>Opens a stream in both directions. Cancelling <paramref name="ct"/> resets it.</summary>
    /// <exception cref="RpcException">The server could not be reached.</exception>
    Task<IGrpcDuplexCall<TRequest, TResponse>> DuplexAsync<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, GrpcCallOptions options = default, CancellationToken ct = default)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>;
}

/// <summary>An open stream in both directions. Writes are serialized by the call itself; reading is for one reader.</summary>
public interface IGrpcDuplexCall<in TRequest, out TResponse> : IAsyncDisposable
{
    /// <summary>Sends one message and flushes it. Cancelling a write under way resets the whole stream.</summary>
    /// <exception cref="RpcException">The stream has ended; reading it gives the status.</exception>
    Task WriteAsync(TRequest message, CancellationToken ct = default);

    /// <summary>
    /// Sends several messages one behind the other and flushes once, which costs less than as many single ones. Cancelling a
    /// write under way resets the whole stream.
    /// </summary>
    /// <exception cref="RpcException">The stream has ended; reading it gives the status.</exception>
    async Task WriteAllAsync(IReadOnlyList<TRequest> messages, CancellationToken ct = default)
    {
        foreach (var message in messages)
            await WriteAsync(message, ct);
    }

    /// <summary>Half-closes: tells the server that no more messages follow.</summary>
    Task CompleteAsync();

    /// <summary>Reads answers until the server closes the stream; may be called once.</summary>
    /// <exception cref="RpcException">Thrown while enumerating, when the stream ends with another status than OK.</exception>
    IAsyncEnumerable<TResponse> ReadAllAsync(CancellationToken ct = default);
}

/// <summary>Settings of one call.</summary>
/// <param name="Timeout">
/// Longest the call may take, sent as <c>grpc-timeout</c> and enforced on both sides; null waits without limit.
/// </param>
public readonly record struct GrpcCallOptions(TimeSpan? Timeout = null);

/// <summary>Name and message types of one gRPC method.</summary>
/// <param name="Service">Full service name, such as <c>gateway.Gateway</c>.</param>
/// <param name="Name">Method name, such as <c>Evaluate</c>.</param>
/// <param name="RequestParser">Parser of requests, for the server.</param>
/// <param name="ResponseParser">Parser of responses, for the client.</param>
public sealed record GrpcMethod<TRequest, TResponse>(
    string Service, string Name, MessageParser<TRequest> RequestParser, MessageParser<TResponse> ResponseParser)
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    /// <summary>Request path: <c>/service/method</c>.</summary>
    public string Path { get; } = $"/{Service}/{Name}";
}
