using System.Runtime.CompilerServices;
using Google.Protobuf;
using Microsoft.AspNetCore.Connections;

namespace HealthShare.Fabric.Protocol.Grpc;

/// <summary>Frames of one call over Kestrel's own pipes.</summary>
internal sealed class GrpcServerStream<TRequest, TResponse>(GrpcServerContext context, MessageParser<TRequest> parser)
    : IGrpcServerStream<TRequest, TResponse>, IDisposable
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    private readonly SemaphoreSlim gate = new(1, 1);

    /// <summary>Reads the one message of a call that takes exactly one.</summary>
    public async Task<TRequest> ReadSingleAsync()
    {
        var request = await ReadAsync(context.CancellationToken)
            ?? throw new RpcException(StatusCode.Internal, "The request holds no message.");
        return await ReadAsync(context.CancellationToken) is null
            ? request
            : throw new RpcException(StatusCode.Internal, "The request holds more than one message.");
    }

    public async IAsyncEnumerable<TRequest> ReadAllAsync([EnumeratorCancellation] CancellationToken ct = default)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, ct);
        while (await ReadAsync(both.Token) is { } message)
        {
            yield return message;
        }
    }

    public async Task WriteAsync(TResponse message, CancellationToken ct = default)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, ct);
        await gate.WaitAsync(both.Token);
        try
        {
            both.Token.ThrowIfCancellationRequested();
            // From here on only the end of the call may stop it: a flush that is given up resets the stream for all that share it.
            GrpcServerCall.BeginResponse(context.Http);
            var output = context.Http.Response.BodyWriter;
            GrpcFrames.Write(output, message, context.Options.MaxMessageSize);
            await output.FlushAsync(context.CancellationToken);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Writes the only message of an answer; the status that follows flushes it.</summary>
    public void WriteSingle(TResponse message)
    {
        GrpcFrames.SizeOf(message, context.Options.MaxMessageSize);
        GrpcServerCall.BeginResponse(context.Http);
        GrpcFrames.Write(context.Http.Response.BodyWriter, message, context.Options.MaxMessageSize);
    }

    public void Dispose() => gate.Dispose();

    private async ValueTask<TRequest?> ReadAsync(CancellationToken ct)
    {
        try
        {
            return await GrpcFrames.ReadAsync(
                context.Http.Request.BodyReader, parser, context.Options.MaxMessageSize, StatusCode.Unimplemented, ct);
        }
        catch (Exception e) when (e is IOException or ConnectionAbortedException)
        {
            throw new OperationCanceledException("The client reset the stream.", e, context.CancellationToken);
        }
    }
}
