using System.Buffers;
using System.IO.Pipelines;

namespace HealthShare.Hl7.Mllp;

/// <summary>A frame is larger than the reader accepts.</summary>
public sealed class MllpFrameTooLargeException(int limit, ReadOnlyMemory<byte> beginning, bool passedOver)
    : Exception($"The frame is larger than {limit} bytes.")
{
    /// <summary>The frame's first bytes (at most 4,096), enough to read its header and answer the sender.</summary>
    public ReadOnlyMemory<byte> Beginning { get; } = beginning;

    /// <summary>Whether the frame's end was found, so that the next frame can be read. Otherwise the stream cannot be read any further.</summary>
    public bool PassedOver { get; } = passedOver;
}

/// <summary>The listener has no room for a frame now; it was passed over, and the next one can be read.</summary>
internal sealed class MllpNoRoomException(ReadOnlyMemory<byte> beginning) : Exception("There is no room for the frame now.")
{
    /// <summary>The frame's first bytes (at most 4,096).</summary>
    public ReadOnlyMemory<byte> Beginning { get; } = beginning;
}

/// <summary>
/// Cuts a byte stream into MLLP frames. Not thread-safe; one reader per connection.
/// </summary>
/// <remarks>
/// Rules. Bytes outside of frames are passed over and counted. FS ends a frame, whether or not CR follows it. A VT inside an open
/// frame means that the sender gave up and starts again: the frame so far is dropped and counted, the new one begins. A frame
/// that is open when the stream ends is dropped and reported by <see cref="EndedInsideFrame"/>. A frame may be empty. A frame above the limit is
/// passed over up to its end without being kept, so that its sender can be answered and the next frame read; one that is above four times
/// the limit and 64 MiB as well is given up.
/// Bytes are looked at once, so time is linear however the stream is cut into segments.
/// </remarks>
public sealed class MllpFrameReader
{
    private const int KeptOfRefused = 4096;
    private readonly PipeReader input;
    private readonly int maxFrameBytes;
    private readonly long mostPassedOver;
    private readonly FrameShare? share;
    private readonly FrameBuffer frame = new();
    private ReadOnlyMemory<byte>? refused; // its beginning, while the rest is passed over
    private bool isTooLarge;
    private long passedOver;
    private bool open;
    private bool starved; // there are bytes, and no room for them

    /// <summary>A reader that keeps each frame whole, however large it is within the limit.</summary>
    /// <param name="input">The stream.</param>
    /// <param name="maxFrameBytes">Largest frame without its framing, 1 or more.</param>
    public MllpFrameReader(PipeReader input, int maxFrameBytes) : this(input, maxFrameBytes, null)
    {
    }

    /// <summary>A reader that shares room with others.</summary>
    internal MllpFrameReader(PipeReader input, int maxFrameBytes, FrameShare? share)
    {
        (this.input, this.maxFrameBytes, this.share) = (input, maxFrameBytes, share);
        mostPassedOver = Math.Max(4L * maxFrameBytes, 64 * 1024 * 1024);
    }

    /// <summary>Bytes seen outside of frames; CR, which ends each frame, is not counted.</summary>
    public long NoiseBytes { get; private set; }

    /// <summary>Frames dropped because another one began inside them.</summary>
    public int AbandonedFrames { get; private set; }

    /// <summary>Whether the stream ended before the last frame did.</summary>
    public bool EndedInsideFrame { get; private set; }

    /// <summary>Whether a frame has begun and not ended yet.</summary>
    public bool IsInsideFrame => open;

    /// <summary>The next frame's content, or null at the end of the stream.</summary>
    /// <exception cref="MllpFrameTooLargeException">
    /// The frame passes the limit. Where <see cref="MllpFrameTooLargeException.PassedOver"/> says so, the next one can be read.
    /// </exception>
    public async ValueTask<byte[]?> ReadAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (starved && (share is null || await share.TakeAsync(FrameBuffer.Piece, cancellationToken)))
                frame.Grow();
            else if (refused is null && (starved || share is { IsLost: true }))
                PassOver(default, tooLarge: false);
            starved = false;
            var result = await input.ReadAsync(cancellationToken);
            byte[]? complete;
            SequencePosition taken;
            try
            {
                complete = Take(result.Buffer, out taken);
            }
            catch (MllpFrameTooLargeException)
            {
                input.AdvanceTo(result.Buffer.Start); // given up: nothing is read after it
                throw;
            }
            input.AdvanceTo(taken);
            if (complete is not null && refused is { } beginning)
            {
                refused = null;
                throw isTooLarge ? new MllpFrameTooLargeException(maxFrameBytes, beginning, passedOver: true) : new MllpNoRoomException(beginning);
            }
            if (complete is not null)
                return complete;
            if (!result.IsCompleted || starved)
                continue;
            EndedInsideFrame = open;
            return null;
        }
    }

    /// <summary>Takes bytes until a frame is complete and returns it, or takes all that there is room for and returns null.</summary>
    private byte[]? Take(ReadOnlySequence<byte> buffer, out SequencePosition taken)
    {
        var reader = new SequenceReader<byte>(buffer);
        byte[]? complete = null;
        while (complete is null && !starved && !reader.End)
        {
            var span = reader.UnreadSpan;
            if (open)
                complete = TakeInside(ref reader, span);
            else
                SkipOutside(ref reader, span);
        }
        taken = reader.Position;
        return complete;
    }

    private void SkipOutside(ref SequenceReader<byte> reader, ReadOnlySpan<byte> span)
    {
        var start = span.IndexOf(MllpFraming.StartOfFrame);
        var noise = start < 0 ? span : span[..start];
        NoiseBytes += noise.Length - noise.Count(MllpFraming.CarriageReturn);
        reader.Advance(start < 0 ? span.Length : start + 1);
        open = start >= 0;
    }

    private byte[]? TakeInside(ref SequenceReader<byte> reader, ReadOnlySpan<byte> span)
    {
        var mark = span.IndexOfAny(MllpFraming.EndOfFrame, MllpFraming.StartOfFrame);
        var content = mark < 0 ? span : span[..mark];
        var kept = Append(content);
        if (kept < content.Length)
        {
            starved = true;
            reader.Advance(kept);
            return null;
        }
        reader.Advance(mark < 0 ? span.Length : mark + 1);
        if (mark < 0)
            return null;
        if (span[mark] is MllpFraming.StartOfFrame)
        {
            AbandonedFrames++;
            refused = null;
            Drop();
            return null;
        }
        open = false;
        return TakeFrame();
    }

    // How many of the bytes were taken: fewer than all where there is no room for more.
    private int Append(ReadOnlySpan<byte> bytes)
    {
        if (refused is null && frame.Length + (long)bytes.Length > maxFrameBytes)
            PassOver(bytes, tooLarge: true);
        if (refused is { } beginning)
        {
            passedOver += bytes.Length;
            return passedOver <= mostPassedOver ? bytes.Length : throw new MllpFrameTooLargeException(maxFrameBytes, beginning, passedOver: false);
        }
        var fits = Math.Min(bytes.Length, frame.Room);
        frame.Write(bytes[..fits]);
        return fits;
    }

    private void PassOver(ReadOnlySpan<byte> next, bool tooLarge)
    {
        var beginning = frame.Beginning(KeptOfRefused);
        refused = (byte[])[.. beginning, .. next[..Math.Min(next.Length, KeptOfRefused - beginning.Length)]];
        (isTooLarge, passedOver) = (tooLarge, frame.Length);
        Drop();
    }

    private byte[] TakeFrame()
    {
        var bytes = frame.ToArray();
        // What it takes in memory counts until it was handled.
        share?.Complete();
        frame.Clear();
        return bytes;
    }

    private void Drop()
    {
        frame.Clear();
        share?.Release();
    }
}
