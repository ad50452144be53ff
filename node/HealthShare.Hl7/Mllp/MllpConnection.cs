using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;

namespace HealthShare.Hl7.Mllp;

/// <summary>One accepted connection: reads frames, has them handled and writes the answers, until either side ends it.</summary>
internal sealed class MllpConnection(Socket socket, MllpServerOptions options, IMllpHandler handler, Action frameTaken)
{
    /// <summary>Never throws: whatever ends the connection is told to the handler.</summary>
    public async Task RunAsync(CancellationToken stopReading, CancellationToken abort)
    {
        EndPoint? sender = null;
        try
        {
            socket.NoDelay = true;
            sender = socket.RemoteEndPoint;
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            await ServeAsync(stream, sender, stopReading, abort);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            handler.Closed(sender, "The connection broke.", e);
        }
        catch (OperationCanceledException) when (stopReading.IsCancellationRequested)
        {
            handler.Closed(sender, "The listener stops.", null);
        }
        catch (Exception e)
        {
            handler.Closed(sender, "A message could not be handled.", e);
        }
        finally
        {
            socket.Dispose();
        }
    }

    private async Task ServeAsync(NetworkStream stream, EndPoint? sender, CancellationToken stopReading, CancellationToken abort)
    {
        var input = PipeReader.Create(stream);
        var reader = new MllpFrameReader(input, options.MaxFrameBytes);
        try
        {
            while (await NextAsync(reader, stream, sender, stopReading, abort) is { } message)
            {
                frameTaken();
                if (message.Length == 0)
                    continue;
                var answer = await handler.HandleAsync(message, sender, abort);
                if (!answer.IsEmpty)
                    await stream.WriteAsync(MllpFraming.Wrap(answer.Span), abort);
            }
            if (reader.EndedInsideFrame)
                handler.Closed(sender, "The sender closed the connection inside a frame.", null);
        }
        finally
        {
            await input.CompleteAsync();
        }
    }

    private async Task<byte[]?> NextAsync(
        MllpFrameReader reader, NetworkStream stream, EndPoint? sender, CancellationToken stopReading, CancellationToken abort)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopReading);
        patience.CancelAfter(options.IdleTimeout);
        try
        {
            return await reader.ReadAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!stopReading.IsCancellationRequested)
        {
            handler.Closed(sender, "No complete frame arrived within the idle time.", null);
            return null;
        }
        catch (MllpFrameTooLargeException e)
        {
            var answer = handler.RefuseTooLarge(e.Beginning, options.MaxFrameBytes);
            if (!answer.IsEmpty)
                await stream.WriteAsync(MllpFraming.Wrap(answer.Span), abort);
            handler.Closed(sender, "A frame was larger than the limit.", null);
            return null;
        }
    }
}
