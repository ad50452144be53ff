using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;

namespace HealthShare.Fabric.Protocol.Grpc;

/// <summary>A request body of exactly one message.</summary>
internal sealed class UnaryContent : HttpContent
{
    private readonly IMessage message;
    private readonly int maxSize;

    public UnaryContent(IMessage message, int maxSize)
    {
        GrpcFrames.SizeOf(message, maxSize);
        (this.message, this.maxSize) = (message, maxSize);
        Headers.ContentType = GrpcContentType.Value;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        GrpcFrames.WriteAsync(stream, message, maxSize, cancellationToken);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}

/// <summary>A request body that stays open: hands its stream out and ends when told to.</summary>
internal sealed class DuplexContent : HttpContent
{
    private readonly TaskCompletionSource<Stream> opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource completed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public DuplexContent() => Headers.ContentType = GrpcContentType.Value;

    /// <summary>The request stream, once the connection stands and the headers are sent.</summary>
    public Task<Stream> Opened => opened.Task;

    /// <summary>Ends the request body; more than once is harmless.</summary>
    public void Complete() => completed.TrySetResult();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // Headers wait in a buffer until the first flush, and a server may have to speak first.
        await stream.FlushAsync(cancellationToken);
        opened.TrySetResult(stream);
        await completed.Task.WaitAsync(cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}

file static class GrpcContentType
{
    public static readonly MediaTypeHeaderValue Value = new(GrpcHeaders.ContentType);
}
