using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using HealthShare.Hl7.Acknowledgements;
using HealthShare.Hl7.Values;

namespace HealthShare.Hl7.Mllp;

/// <summary>The other end did not acknowledge a message. Whether it has stored the message is unknown: send it again.</summary>
public sealed class MllpException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>An acknowledgement that answers a message.</summary>
/// <param name="Code">MSA-1, table 0008: AA, AE, AR, CA, CE or CR.</param>
/// <param name="Message">The whole acknowledgement.</param>
public sealed record MllpAcknowledgement(string Code, Er7Message Message)
{
    /// <summary>Whether the receiver took the message (AA or CA).</summary>
    public bool IsPositive => Code is "AA" or "CA";
}

/// <summary>
/// Sends messages over one MLLP connection, one at a time: each waits for its own acknowledgement, matched by control id (MSA-2), so a
/// late one for an earlier message is never taken for it. Thread-safe; calls queue. After an <see cref="MllpException"/> the connection is
/// closed and a new client is needed.
/// </summary>
public sealed class MllpClient : IAsyncDisposable
{
    private readonly Socket socket;
    private readonly Stream stream;
    private readonly MllpFrameReader reader;
    private readonly MllpClientOptions options;
    private readonly SemaphoreSlim turn = new(1, 1);
    private bool broken;

    private MllpClient(Socket socket, Stream stream, MllpClientOptions options)
    {
        this.socket = socket;
        this.stream = stream;
        this.options = options;
        reader = new MllpFrameReader(PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true)), options.MaxFrameBytes);
    }

    /// <summary>Acknowledgements that answered no message waiting for one.</summary>
    public int UnmatchedAcknowledgements { get; private set; }

    /// <summary>Connects without TLS.</summary>
    /// <param name="host">Host name or address.</param>
    /// <param name="port">TCP port.</param>
    /// <param name="acknowledgementTimeout">Longest wait for one acknowledgement; 30 seconds where null.</param>
    /// <param name="maxFrameBytes">Largest acknowledgement accepted. Default 1 MiB.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="SocketException">There is no listener, or it cannot be reached.</exception>
    public static Task<MllpClient> ConnectAsync(
        string host, int port, TimeSpan? acknowledgementTimeout = null, int maxFrameBytes = 1024 * 1024,
        CancellationToken cancellationToken = default) =>
        ConnectAsync(new MllpClientOptions
        {
            Host = host, Port = port, AcknowledgementTimeout = acknowledgementTimeout ?? TimeSpan.FromSeconds(30), MaxFrameBytes = maxFrameBytes,
        }, cancellationToken);

    /// <summary>Connects.</summary>
    /// <param name="options">Address, TLS and limits.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="SocketException">There is no listener, or it cannot be reached.</exception>
    /// <exception cref="AuthenticationException">The two sides do not agree on TLS, or the listener's certificate is not the one wanted.</exception>
    /// <exception cref="MllpException">The other end did not finish connecting in time.</exception>
    public static async Task<MllpClient> ConnectAsync(MllpClientOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(options.ConnectTimeout);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? stream = null;
        try
        {
            await socket.ConnectAsync(options.Host, options.Port, patience.Token);
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (options.Tls is { } tls)
            {
                var secure = new SslStream(stream);
                stream = secure;
                await secure.AuthenticateAsClientAsync(tls, patience.Token);
            }
            return new MllpClient(socket, stream, options);
        }
        catch (Exception e)
        {
            if (stream is not null)
                await stream.DisposeAsync();
            socket.Dispose();
            if (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
                throw new MllpException($"No connection within {options.ConnectTimeout}.", e);
            throw;
        }
    }

    /// <summary>
    /// Whether a receiver answers this message when it takes it. One that asks for answers never, or for refusals only (MSH-15 and MSH-16), is not to be
    /// waited for: use <see cref="PostAsync"/>.
    /// </summary>
    public static bool IsAnswered(Er7Message message) => MessageHeader.Read(message) is var header
        && AcknowledgementCode.For(Outcome.Accepted, header.AcceptAcknowledgement, header.ApplicationAcknowledgement) is not null;

    /// <summary>Sends a message and waits for its acknowledgement.</summary>
    /// <exception cref="Er7Exception">The bytes are not one message.</exception>
    /// <exception cref="ArgumentException">The message has no control id (MSH-10), or holds a framing byte.</exception>
    /// <exception cref="MllpException">No acknowledgement came in time, or the connection broke.</exception>
    public async Task<MllpAcknowledgement> SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken = default)
    {
        var controlId = Er7Message.Parse(message).Header.Field(10);
        if (controlId.IsEmpty)
            throw new ArgumentException("The message has no control id (MSH-10), so no acknowledgement can be matched.", nameof(message));
        var frame = MllpFraming.Wrap(message.Span);
        return (await ExchangeAsync(
            async token =>
            {
                await stream.WriteAsync(frame, token);
                return await AwaitAsync(controlId, token);
            }, options.AcknowledgementTimeout, cancellationToken))!;
    }

    /// <summary>Sends a message that asks for no answer when it is taken. A refusal that comes later is told by <see cref="MllpClientOptions.Unmatched"/>.</summary>
    /// <exception cref="ArgumentException">The message holds a framing byte.</exception>
    /// <exception cref="MllpException">The connection broke.</exception>
    public async Task PostAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken = default)
    {
        var frame = MllpFraming.Wrap(message.Span);
        await ExchangeAsync(
            async token =>
            {
                await stream.WriteAsync(frame, token);
                return null;
            }, options.AcknowledgementTimeout, cancellationToken);
    }

    /// <summary>
    /// Says that nothing more will be sent, and takes what the other end still answers until it closes. Needed after <see cref="PostAsync"/>: a connection
    /// that is dropped while answers come in may take messages with it that are not read yet.
    /// </summary>
    /// <param name="patience">Longest wait for the other end.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="MllpException">The connection broke, or the other end did not close it in time.</exception>
    public Task CloseAsync(TimeSpan patience, CancellationToken cancellationToken = default) => ExchangeAsync(
        async token =>
        {
            if (stream is SslStream secure)
                await secure.ShutdownAsync();
            socket.Shutdown(SocketShutdown.Send);
            while (await reader.ReadAsync(token) is { } frame)
                TellUnmatched(frame);
            return null;
        }, patience, cancellationToken);

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        broken = true;
        turn.Dispose();
        return stream.DisposeAsync();
    }

    private async Task<MllpAcknowledgement?> ExchangeAsync(
        Func<CancellationToken, Task<MllpAcknowledgement?>> exchange, TimeSpan limit, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            if (broken)
                throw new MllpException("The connection is closed after an earlier failure.");
            // Until the answer is there, bytes may be half sent or half read: a failure leaves nothing that could be matched.
            broken = true;
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(limit);
            var acknowledgement = await exchange(patience.Token);
            broken = false;
            return acknowledgement;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new MllpException($"No acknowledgement within {limit}.", e);
        }
        catch (Exception e) when (e is IOException or SocketException or MllpFrameTooLargeException)
        {
            throw new MllpException("The connection broke before the acknowledgement.", e);
        }
        finally
        {
            if (broken)
                await stream.DisposeAsync();
            turn.Release();
        }
    }

    private async Task<MllpAcknowledgement?> AwaitAsync(Er7Value controlId, CancellationToken cancellationToken)
    {
        while (await reader.ReadAsync(cancellationToken) is { } frame)
        {
            if (Read(frame) is not { } acknowledgement)
            {
                UnmatchedAcknowledgements++;
                continue;
            }
            // As it stands, or as it reads where the two sides use other delimiters.
            var answered = acknowledgement.Message.Segment("MSA"u8).Field(2);
            if (answered.Raw.SequenceEqual(controlId.Raw) || answered.Text == controlId.Text)
                return acknowledgement;
            TellUnmatched(frame);
            if (answered.IsEmpty && !acknowledgement.IsPositive)
                throw new MllpException("The other end refused a message whose control id it could not read.");
        }
        throw new MllpException("The other end closed the connection without an acknowledgement. Where this is so for every message, the one side may speak TLS and the other not, or it may ask for another client certificate.");
    }

    private void TellUnmatched(byte[] frame)
    {
        UnmatchedAcknowledgements++;
        if (Read(frame) is { } acknowledgement)
            options.Unmatched?.Invoke(acknowledgement);
    }

    private static MllpAcknowledgement? Read(byte[] frame) =>
        Er7Message.TryParse(frame, null, out var answer, out _) && answer!.Segment("MSA"u8) is { IsPresent: true } msa
            ? new MllpAcknowledgement(Encoding.ASCII.GetString(msa.Field(1).Raw), answer)
            : null;
}
