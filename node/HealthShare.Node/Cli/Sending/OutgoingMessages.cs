using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using HealthShare.Hl7;
using HealthShare.Hl7.Mllp;

namespace HealthShare.Node.Cli.Sending;

/// <summary>A message on its way out.</summary>
/// <param name="File">The file it stands in, as given.</param>
/// <param name="Index">Its place among the file's messages, from 0.</param>
/// <param name="Bytes">The message.</param>
internal sealed record OutgoingMessage(string File, int Index, ReadOnlyMemory<byte> Bytes);

/// <summary>Finds the messages of files: single ones, many, batches with their envelopes, and recorded MLLP streams.</summary>
internal static class OutgoingMessages
{
    private const string NoControlId = "The control id (MSH-10) is missing, so no acknowledgement could name the message (MSA-2), and the receiver would refuse it: a HealthShare node with AR and "
        + "ERR 101 at MSH-10. Have the sending system number its messages, or write an id of at most 20 characters that its facility (MSH-4) never used into MSH-10, behind the ninth field separator; "
        + "then send the file again. A HealthShare node knows those of its messages that it has.";

    /// <summary>The messages of all files in their order. What cannot be sent is told to the tally, and so are wrong envelopes.</summary>
    public static async IAsyncEnumerable<OutgoingMessage> ReadAsync(
        IReadOnlyList<string> files, SendTally tally, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var file in files)
        {
            byte[] bytes;
            try
            {
                bytes = await File.ReadAllBytesAsync(file, ct);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                tally.Unreadable(file, null, $"cannot be read: {e.Message}");
                continue;
            }
            var (found, yielded) = (0, 0L);
            var pieces = bytes.AsSpan().Contains(MllpFraming.StartOfFrame) ? await FramesAsync(file, bytes, tally, ct) : Pieces(file, bytes, tally);
            foreach (var piece in pieces)
            {
                var message = new OutgoingMessage(file, found++, piece);
                if (WhyNot(message) is { } reason)
                    tally.Unreadable(file, message.Index, reason);
                else
                {
                    yielded += piece.Length;
                    yield return message;
                }
            }
            if (found == 0)
                tally.Unreadable(file, null, "holds no message: no MSH segment.");
            tally.Pass(bytes.Length - yielded);
        }
    }

    private static List<ReadOnlyMemory<byte>> Pieces(string file, byte[] bytes, SendTally tally)
    {
        var pieces = Er7File.Split(bytes);
        foreach (var error in Er7Envelopes.Check(pieces))
            tally.Finding(file, error.ToString());
        foreach (var stray in pieces.Where(piece => piece.Kind is Er7PieceKind.Stray))
            tally.Unreadable(file, null, $"Lines that belong to no message. At byte {stray.Offset}.");
        return [.. pieces.Where(piece => piece.Kind is Er7PieceKind.Message).Select(piece => piece.Bytes)];
    }

    private static async Task<List<ReadOnlyMemory<byte>>> FramesAsync(string file, byte[] bytes, SendTally tally, CancellationToken ct)
    {
        var input = PipeReader.Create(new System.Buffers.ReadOnlySequence<byte>(bytes));
        var reader = new MllpFrameReader(input, int.MaxValue);
        var frames = new List<ReadOnlyMemory<byte>>();
        while (await reader.ReadAsync(ct) is { } frame)
        {
            // An empty frame holds nothing to send; some senders use it to keep a connection open.
            if (frame.AsSpan().ContainsAnyExcept((byte)'\r', (byte)'\n'))
                frames.Add(frame);
        }
        if (reader.AbandonedFrames > 0)
            tally.Finding(file, $"{reader.AbandonedFrames} frames were given up by their sender, who began another; they are not sent.");
        if (reader.EndedInsideFrame)
            tally.Finding(file, "The last frame has no end and is not sent.");
        await input.CompleteAsync();
        return frames;
    }

    private static string? WhyNot(OutgoingMessage message)
    {
        if (!Er7Message.TryParse(message.Bytes, null, out var parsed, out var error))
            return error!.ToString();
        if (parsed!.Header.Field(10) is { IsEmpty: true } or { IsNull: true })
            return NoControlId;
        return message.Bytes.Span.ContainsAny(MllpFraming.StartOfFrame, MllpFraming.EndOfFrame) ? "It holds a byte that frames messages (0x0B or 0x1C)." : null;
    }
}
