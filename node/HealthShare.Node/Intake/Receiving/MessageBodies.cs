using HealthShare.Hl7.Mllp;
using HealthShare.Node.Intake.Journal;
using HealthShare.Node.Problems;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Intake.Receiving;

/// <summary>
/// Reads bodies that hold messages. All of them together take no more memory than they may, whoever sends them: beyond it they are read more slowly, and at
/// last refused, by the rules of the MLLP listener's open frames. Thread-safe.
/// </summary>
internal sealed class MessageBodies(IOptions<IntakeOptions> options, TimeProvider clock)
{
    /// <summary>Most bodies at a time: each may hold a first part that does not count.</summary>
    public const int MostAtOnce = 512;

    /// <summary>How long a body may stand still while others want room, and how long others wait.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly FrameBudget room = new(options.Value.OpenBodyBytes, Patience, clock);
    private int open;

    /// <summary>Bytes that bodies hold now, beyond the first 64 KiB of each.</summary>
    public long Taken => room.Taken;

    /// <summary>Reads a body to its end; it counts until it is disposed.</summary>
    /// <param name="http">The request.</param>
    /// <param name="ct">Stops reading.</param>
    /// <param name="isBatch">Whether it may hold several messages.</param>
    /// <exception cref="IntakeBusyException">There is no room for it now.</exception>
    /// <exception cref="ApiProblemException">It is longer than a message may be.</exception>
    /// <exception cref="BadHttpRequestException">Its sender stopped.</exception>
    public async Task<MessageBody> ReadAsync(HttpContext http, CancellationToken ct, bool isBatch = false)
    {
        // Packed bytes would lie in quarantine as noise.
        if (http.Request.Headers.ContentEncoding is { Count: > 0 } packed && packed != "identity")
        {
            throw new ApiProblemException(new ApiProblem(StatusCodes.Status415UnsupportedMediaType, "request.unsupported_media_type",
                "This address does not take that type of body.", "The body is packed (Content-Encoding); send it as it is."));
        }
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
            feature.MaxRequestBodySize = options.Value.MaxMessageBytes;
        var given = new CancellationTokenSource(); // not disposed: it may be cancelled when the body has just ended
        var body = new MessageBody(new FrameShare(room, given.Cancel), () => Interlocked.Decrement(ref open));
        try
        {
            if (Interlocked.Increment(ref open) > MostAtOnce)
                throw NoRoom();
            using var either = CancellationTokenSource.CreateLinkedTokenSource(given.Token, ct);
            if (!await body.FillAsync(http.Request.BodyReader, either.Token))
                throw NoRoom();
            return body;
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            body.Dispose();
            throw new ApiProblemException(new ApiProblem(StatusCodes.Status413PayloadTooLarge, "request.too_large", "The body is larger than this address accepts.",
                isBatch ? TooLong.SayOfSeveral(options.Value.MaxMessageBytes) : TooLong.Say("The body", options.Value.MaxMessageBytes)));
        }
        catch (OperationCanceledException) when (given.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            body.Dispose();
            throw NoRoom();
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    private static IntakeBusyException NoRoom() => new(IntakeBusyException.Overloaded, "Too many large messages are under way.");
}

/// <summary>A body in memory, and the room that it takes there until it is disposed.</summary>
internal sealed class MessageBody(FrameShare share, Action ended) : IDisposable
{
    private bool isDisposed;

    /// <summary>All of it.</summary>
    public ReadOnlyMemory<byte> Bytes { get; private set; }

    /// <summary>Reads it; false where there is no room for it. A length that was only announced takes none.</summary>
    public async Task<bool> FillAsync(System.IO.Pipelines.PipeReader input, CancellationToken ct)
    {
        var buffer = new FrameBuffer();
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(ct);
                try
                {
                    foreach (var segment in read.Buffer)
                    {
                        if (!await AddAsync(buffer, segment, ct))
                            return false;
                    }
                }
                finally
                {
                    input.AdvanceTo(read.Buffer.End); // also where it is refused: the server passes over the rest
                }
                if (read.IsCompleted)
                    break;
            }
            Bytes = buffer.ToArray();
            share.Complete();
            return true;
        }
        finally
        {
            buffer.Clear();
        }
    }

    public void Dispose()
    {
        if (isDisposed)
            return;
        isDisposed = true;
        share.Dispose();
        ended();
    }

    private async ValueTask<bool> AddAsync(FrameBuffer buffer, ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        for (var rest = bytes; rest.Length > 0;)
        {
            if (buffer.Room == 0)
            {
                if (!await share.TakeAsync(FrameBuffer.Piece, ct))
                    return false;
                buffer.Grow();
            }
            var fits = Math.Min(rest.Length, buffer.Room);
            buffer.Write(rest.Span[..fits]);
            rest = rest[fits..];
        }
        return true;
    }
}
