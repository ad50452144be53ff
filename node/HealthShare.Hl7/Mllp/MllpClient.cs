using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;

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
    private readonly NetworkStream stream;
    private readonly MllpFrameReader reader;
    private readonly TimeSpan acknowledgementTimeout;
    private readonly SemaphoreSlim turn = new(1, 1);
    private bool broken;

    private MllpClient(Socket socket, int maxFrameBytes, TimeSpan acknowledgementTimeout)
    {
        this.socket = socket;
        this.acknowledgementTimeout = acknowledgementTimeout;
        stream = new NetworkStream(socket, ownsSocket: true);
        reader = new MllpFrameReader(PipeReader.Create(stream), maxFrameBytes);
    }

    /// <summary>Acknowledgements that answered no message waiting for one.</summary>
    public int UnmatchedAcknowledgements { get; private set; }

    /// <summary>Connects.</summary>
    /// <param name="host">Host name or address.</param>
    /// <param name="port">TCP port.</param>
    /// <param name="acknowledgementTimeout">Longest wait for one acknowledgement; 30 seconds where null.</param>
    /// <param name="maxFrameBytes">Largest acknowledgement accepted. Default 1 MiB.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="SocketException">There is no listener, or it cannot be reached.</exception>
    public static async Task<MllpClient> ConnectAsync(
        string host, int port, TimeSpan? acknowledgementTimeout = null, int maxFrameBytes = 1024 * 1024,
        CancellationToken cancellationToken = default)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(host, port, cancellationToken);
            return new MllpClient(socket, maxFrameBytes, acknowledgementTimeout ?? TimeSpan.FromSeconds(30));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends a message and waits for its acknowledgement.</summary>
    /// <exception cref="Er7Exception">The bytes are not one message.</exception>
    /// <exception cref="ArgumentException">The message has no control id (MSH-10), or holds a framing byte.</exception>
    /// <exception cref="MllpException">No acknowledgement came in time, or the connection broke.</exception>
    public async Task<MllpAcknowledgement> SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken = default)
    {
        var controlId = Er7Message.Parse(message).Header.Field(10).Raw.ToArray();
        if (controlId.Length == 0)
            throw new ArgumentException("The message has no control id (MSH-10), so no acknowledgement can be matched.", nameof(message));
        var frame = MllpFraming.Wrap(message.Span);
        await turn.WaitAsync(cancellationToken);
        try
        {
            if (broken)
                throw new MllpException("The connection is closed after an earlier failure.");
            // Until the answer is there, bytes may be half sent or half read: a failure leaves nothing that could be matched.
            broken = true;
            var acknowledgement = await ExchangeAsync(frame, controlId, cancellationToken);
            broken = false;
            return acknowledgement;
        }
        catch (Exception e) when (e is IOException or SocketException or MllpFrameTooLargeException)
        {
            throw new MllpException("The connection broke before the acknowledgement.", e);
        }
        finally
        {
            if (broken)
                socket.Dispose();
            turn.Release();
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        broken = true;
        turn.Dispose();
        return stream.DisposeAsync();
    }

    private async Task<MllpAcknowledgement> ExchangeAsync(byte[] frame, byte[] controlId, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(acknowledgementTimeout);
        try
        {
            await stream.WriteAsync(frame, patience.Token);
            while (await reader.ReadAsync(patience.Token) is { } answer)
            {
                if (Match(answer, controlId) is { } acknowledgement)
                    return acknowledgement;
                UnmatchedAcknowledgements++;
            }
            throw new MllpException("The other end closed the connection without an acknowledgement.");
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new MllpException($"No acknowledgement within {acknowledgementTimeout}.", e);
        }
    }

    private static MllpAcknowledgement? Match(byte[] answer, byte[] controlId)
    {
        if (!Er7Message.TryParse(answer, null, out var message, out _))
            return null;
        var msa = message!.Segment("MSA"u8);
        return msa.Field(2).Raw.SequenceEqual(controlId)
            ? new MllpAcknowledgement(Encoding.ASCII.GetString(msa.Field(1).Raw), message)
            : null;
    }
}
