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
/// <param name="room">Room for frames, shared with the listener's other connections.</param>
/// <param name="isAboveLimit">Whether the connection is one too many: its first message is refused and it is closed.</param>
/// <param name="frameTaken">Counts frames.</param>
internal sealed class MllpConnection(
    Socket socket, MllpServerOptions options, IMllpHandler handler, FrameBudget room, bool isAboveLimit, Action frameTaken)
{
    private const int MostReadOfRefused = 4096;
    private const int SecondsUntilProbes = 60, SecondsBetweenProbes = 10, Probes = 3;

    /// <summary>Never throws: whatever ends the connection is told to the handler.</summary>
    public async Task RunAsync(CancellationToken stopReading, CancellationToken abort)
    {
        EndPoint? sender = null;
        try
        {
            socket.NoDelay = true;
            // A sender whose machine went away leaves a connection that is open on this side alone; probes find it out. Systems begin them after
            // two hours, long after the idle time; until then it would hold a place.
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, SecondsUntilProbes);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, SecondsBetweenProbes);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes);
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
            using var patience = new Patience(stopReading);
            await patience.WithinAsync(
                token => secure.AuthenticateAsServerAsync(tls(), token), options.ExchangeTimeout, "The sender did not finish the handshake for TLS.");
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
        using var share = new FrameShare(room, input.CancelPendingRead);
        var reader = new MllpFrameReader(input, options.MaxFrameBytes, share);
        using var reading = new Patience(stopReading);
        using var writing = new Patience(abort);
        try
        {
            while (true)
            {
                byte[]? message;
                try
                {
                    message = await NextAsync(reading, reader, options.IdleTimeout);
                }
                catch (MllpFrameTooLargeException e)
                {
                    frameTaken();
                    await AnswerAsync(writing, stream, handler.RefuseTooLarge(e.Beginning, sender, options.MaxFrameBytes));
                    if (e.PassedOver)
                        continue;
                    handler.Closed(sender, "A frame was larger than the limit and did not end.", null);
                    return;
                }
                catch (MllpNoRoomException e)
                {
                    frameTaken();
                    await AnswerAsync(writing, stream, handler.RefuseForNow(e.Beginning));
                    continue;
                }
                if (message is null)
                    break;
                frameTaken();
                var answer = message.Length > 0 ? await handler.HandleAsync(message, sender, abort) : default;
                // Room is given back before a sender takes its time to take the answer, unless it asked for a large one.
                if (answer.Length <= FrameBuffer.FirstPart)
                    share.Release();
                await AnswerAsync(writing, stream, answer);
                share.Release();
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
        var reader = new MllpFrameReader(input, Math.Min(options.MaxFrameBytes, MostReadOfRefused)); // its header is enough
        using var reading = new Patience(stopReading);
        using var writing = new Patience(abort);
        try
        {
            ReadOnlyMemory<byte> beginning = await NextAsync(reading, reader, options.ExchangeTimeout);
            if (!beginning.IsEmpty)
                await AnswerAsync(writing, stream, handler.RefuseConnection(beginning, options.MaxConnections));
        }
        catch (MllpFrameTooLargeException e)
        {
            await AnswerAsync(writing, stream, handler.RefuseConnection(e.Beginning, options.MaxConnections));
        }
        finally
        {
            await input.CompleteAsync();
        }
        handler.Closed(sender, "The limit of connections is reached.", null);
    }

    private static ValueTask<byte[]?> NextAsync(Patience reading, MllpFrameReader reader, TimeSpan longest) =>
        reading.WithinAsync(reader.ReadAsync, longest, "No complete frame arrived within the idle time.");

    private async ValueTask AnswerAsync(Patience writing, Stream stream, ReadOnlyMemory<byte> answer)
    {
        if (answer.IsEmpty)
            return;
        await writing.WithinAsync(
            token => stream.WriteAsync(MllpFraming.Wrap(answer.Span), token).AsTask(), options.ExchangeTimeout, "The sender does not take its acknowledgements.");
    }
}
