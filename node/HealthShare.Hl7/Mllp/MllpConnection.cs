using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace HealthShare.Hl7.Mllp;

/// <summary>One accepted connection: reads frames, has them handled and writes the answers, until either side ends it.</summary>
/// <param name="socket">The connection.</param>
/// <param name="options">Limits.</param>
/// <param name="handler">Takes the messages.</param>
/// <param name="isAboveLimit">Whether the connection is one too many: its first message is refused and it is closed.</param>
/// <param name="frameTaken">Counts frames.</param>
internal sealed class MllpConnection(Socket socket, MllpServerOptions options, IMllpHandler handler, bool isAboveLimit, Action frameTaken)
{
    /// <summary>Never throws: whatever ends the connection is told to the handler.</summary>
    public async Task RunAsync(CancellationToken stopReading, CancellationToken abort)
    {
        EndPoint? sender = null;
        try
        {
            socket.NoDelay = true;
            // A sender whose machine went away leaves a connection that is open on this side alone; probes find it out.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            sender = socket.RemoteEndPoint;
            await using var stream = await OpenAsync(stopReading);
            if (isAboveLimit)
                await RefuseAsync(stream, sender, stopReading, abort);
            else
                await ServeAsync(stream, sender, stopReading, abort);
        }
        catch (AuthenticationException e)
        {
            handler.Closed(sender, "TLS could not be agreed on.", e);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            handler.Closed(sender, "The connection broke.", e);
        }
        catch (OperationCanceledException) when (stopReading.IsCancellationRequested)
        {
            handler.Closed(sender, "The listener stops.", null);
        }
        catch (PatienceEndedException e)
        {
            handler.Closed(sender, e.Message, null);
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

    private async Task<Stream> OpenAsync(CancellationToken stopReading)
    {
        var network = new NetworkStream(socket, ownsSocket: true);
        if (options.Tls is not { } tls)
            return network;
        var secure = new SslStream(network);
        try
        {
            await WithinAsync(token => secure.AuthenticateAsServerAsync(tls, token), "The sender did not finish the handshake for TLS.", stopReading);
            return secure;
        }
        catch
        {
            await secure.DisposeAsync();
            throw;
        }
    }

    private async Task ServeAsync(Stream stream, EndPoint? sender, CancellationToken stopReading, CancellationToken abort)
    {
        var input = PipeReader.Create(stream);
        var reader = new MllpFrameReader(input, options.MaxFrameBytes);
        try
        {
            while (true)
            {
                byte[]? message;
                try
                {
                    message = await NextAsync(reader, options.IdleTimeout, stopReading);
                }
                catch (MllpFrameTooLargeException e)
                {
                    frameTaken();
                    await AnswerAsync(stream, handler.RefuseTooLarge(e.Beginning, options.MaxFrameBytes), abort);
                    if (e.PassedOver)
                        continue;
                    handler.Closed(sender, "A frame was larger than the limit and did not end.", null);
                    return;
                }
                if (message is null)
                    break;
                frameTaken();
                if (message.Length > 0)
                    await AnswerAsync(stream, await handler.HandleAsync(message, sender, abort), abort);
            }
            if (reader.EndedInsideFrame)
                handler.Closed(sender, "The sender closed the connection inside a frame.", null);
        }
        finally
        {
            await input.CompleteAsync();
        }
    }

    private async Task RefuseAsync(Stream stream, EndPoint? sender, CancellationToken stopReading, CancellationToken abort)
    {
        var input = PipeReader.Create(stream);
        var reader = new MllpFrameReader(input, options.MaxFrameBytes);
        try
        {
            ReadOnlyMemory<byte> beginning = await NextAsync(reader, options.ExchangeTimeout, stopReading);
            if (!beginning.IsEmpty)
                await AnswerAsync(stream, handler.RefuseConnection(beginning, options.MaxConnections), abort);
        }
        catch (MllpFrameTooLargeException e)
        {
            await AnswerAsync(stream, handler.RefuseConnection(e.Beginning, options.MaxConnections), abort);
        }
        finally
        {
            await input.CompleteAsync();
        }
        handler.Closed(sender, "The limit of connections is reached.", null);
    }

    private static async Task<byte[]?> NextAsync(MllpFrameReader reader, TimeSpan patience, CancellationToken stopReading)
    {
        byte[]? message = null;
        await WithinAsync(async token => message = await reader.ReadAsync(token), "No complete frame arrived within the idle time.", patience, stopReading);
        return message;
    }

    private Task AnswerAsync(Stream stream, ReadOnlyMemory<byte> answer, CancellationToken abort) => answer.IsEmpty
        ? Task.CompletedTask
        : WithinAsync(token => stream.WriteAsync(MllpFraming.Wrap(answer.Span), token).AsTask(), "The sender does not take its acknowledgements.", abort);

    private Task WithinAsync(Func<CancellationToken, Task> work, string otherwise, CancellationToken stop) =>
        WithinAsync(work, otherwise, options.ExchangeTimeout, stop);

    private static async Task WithinAsync(Func<CancellationToken, Task> work, string otherwise, TimeSpan patience, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(patience);
        try
        {
            await work(limit.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested && limit.IsCancellationRequested)
        {
            throw new PatienceEndedException(otherwise);
        }
    }

    /// <summary>The sender took too long; the message is for <see cref="IMllpHandler.Closed"/>. A handler's own time-outs are its failures.</summary>
    private sealed class PatienceEndedException(string message) : Exception(message);
}
