using System.Runtime.CompilerServices;
using Google.Protobuf;

namespace HealthShare.Fabric.Protocol.Grpc;

/// <summary>The client's end of a stream in both directions.</summary>
internal sealed class GrpcDuplexCall<TRequest, TResponse>(
    GrpcCall call, DuplexContent content, MessageParser<TResponse> parser, int maxSize) : IGrpcDuplexCall<TRequest, TResponse>
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    private readonly SemaphoreSlim gate = new(1, 1);
    private Task opening = Task.CompletedTask;
    private Stream? output;
    private bool completed;
    private bool disposed;

    /// <summary>Waits until the request can be written to; the response's headers may come much later.</summary>
    public async Task OpenAsync()
    {
        opening = call.OpenAsync();
        if (await Task.WhenAny(content.Opened, opening) == opening)
        {
            await opening;
        }
        output = await content.Opened.WaitAsync(call.Token);
    }

    public Task WriteAsync(TRequest message, CancellationToken ct = default) => WriteAllAsync([message], ct);

    public async Task WriteAllAsync(IReadOnlyList<TRequest> messages, CancellationToken ct = default)
    {
        foreach (var message in messages)
        {
            GrpcFrames.SizeOf(message, maxSize);
        }
        await gate.WaitAsync(ct);
        try
        {
            if (completed || disposed)
            {
                throw new RpcException(StatusCode.Cancelled, "The stream was completed or closed by this side.");
            }
            using var both = ct.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(call.Token, ct) : null;
            var token = both?.Token ?? call.Token;
            await GrpcFrames.WriteAsync(output!, messages, maxSize, token);
            await output!.FlushAsync(token);
        }
        catch (OperationCanceledException e) when (ct.IsCancellationRequested || call.Token.IsCancellationRequested)
        {
            var cause = call.Translate(e, ct);
            await call.AbortAsync(); // part of a frame may be out: nothing sensible can follow it
            throw cause;
        }
        catch (Exception e) when (e is not RpcException)
        {
            // The reader still finds what the server sent before it closed, and the status.
            throw new RpcException(StatusCode.Unavailable, "The stream has ended; reading it tells why.", inner: e);
        }
        finally
        {
            gate.Release();
        }
    }

    public async Task CompleteAsync()
    {
        await gate.WaitAsync();
        completed = true;
        gate.Release();
        content.Complete();
    }

    public async IAsyncEnumerable<TResponse> ReadAllAsync([EnumeratorCancellation] CancellationToken ct = default)
    {
        await opening.WaitAsync(ct);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(call.Token, ct);
        while (await call.ReadAsync(parser, ct.CanBeCanceled ? both.Token : call.Token) is { } message)
        {
            yield return message;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (disposed)
        {
            return;
        }
        disposed = true;
        await call.AbortAsync();
        // The request's fate is already known to whoever wrote or read; here it only has to have ended.
        await opening.ContinueWith(static t => _ = t.Exception, CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await gate.WaitAsync();
        await call.DisposeAsync();
        content.Complete();
        gate.Release();
    }
}
