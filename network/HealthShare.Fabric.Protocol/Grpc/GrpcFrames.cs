using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Google.Protobuf;

namespace HealthShare.Fabric.Protocol.Grpc;

/// <summary>
/// gRPC's length-prefixed messages: one flag byte (1 = compressed), four bytes of length, big-endian, then the message.
/// </summary>
internal static class GrpcFrames
{
    public const int HeaderLength = 5;

    private const int PieceLength = 64 * 1024;

    /// <summary>Writes one message, without an intermediate copy, and returns its length with the header.</summary>
    public static int Write(IBufferWriter<byte> output, IMessage message, int maxSize)
    {
        var size = SizeOf(message, maxSize);
        WriteHeader(output.GetSpan(HeaderLength), size);
        output.Advance(HeaderLength);
        message.WriteTo(output);
        return HeaderLength + size;
    }

    /// <summary>Writes one message into one buffer from the shared pool, hence to the stream in a single write.</summary>
    public static async Task WriteAsync(Stream output, IMessage message, int maxSize, CancellationToken ct)
    {
        var size = SizeOf(message, maxSize);
        var buffer = ArrayPool<byte>.Shared.Rent(HeaderLength + size);
        try
        {
            WriteHeader(buffer, size);
            message.WriteTo(buffer.AsSpan(HeaderLength, size));
            await output.WriteAsync(buffer.AsMemory(0, HeaderLength + size), ct);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Writes several messages, those that follow each other within <see cref="PieceLength"/> bytes in a single write.</summary>
    public static async Task WriteAsync<T>(Stream output, IReadOnlyList<T> messages, int maxSize, CancellationToken ct)
        where T : IMessage
    {
        for (var i = 0; i < messages.Count;)
        {
            var (length, end) = (HeaderLength + SizeOf(messages[i], maxSize), i + 1);
            while (end < messages.Count && length + HeaderLength + SizeOf(messages[end], maxSize) is var longer && longer <= PieceLength)
            {
                (length, end) = (longer, end + 1);
            }
            var buffer = ArrayPool<byte>.Shared.Rent(length);
            try
            {
                for (var at = 0; i < end; i++)
                {
                    var size = messages[i].CalculateSize();
                    WriteHeader(buffer.AsSpan(at), size);
                    messages[i].WriteTo(buffer.AsSpan(at + HeaderLength, size));
                    at += HeaderLength + size;
                }
                await output.WriteAsync(buffer.AsMemory(0, length), ct);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    /// <summary>
    /// Reads the next message; null at the end of the stream. A compressed one, which neither side ever agrees to, ends the
    /// call with the status given for it.
    /// </summary>
    /// <exception cref="RpcException">The stream breaks off inside a message, or the message is too large or malformed.</exception>
    public static async ValueTask<T?> ReadAsync<T>(
        PipeReader input, MessageParser<T> parser, int maxSize, StatusCode compressed, CancellationToken ct)
        where T : class, IMessage<T>
    {
        while (true)
        {
            var result = await input.ReadAsync(ct);
            var buffer = result.Buffer;
            if (TryGetMessage(buffer, maxSize, compressed, out var payload))
            {
                var message = Parse(parser, payload);
                input.AdvanceTo(payload.End);
                return message;
            }
            if (result.IsCompleted)
            {
                return buffer.IsEmpty ? null : throw new RpcException(StatusCode.Internal, "The stream ended inside a message.");
            }
            input.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    /// <summary>Size of a message, checked against the limit before anything is sent.</summary>
    public static int SizeOf(IMessage message, int maxSize)
    {
        var size = message.CalculateSize();
        return size <= maxSize ? size : throw TooLarge((uint)size, maxSize);
    }

    private static bool TryGetMessage(
        in ReadOnlySequence<byte> buffer, int maxSize, StatusCode compressed, out ReadOnlySequence<byte> payload)
    {
        payload = default;
        if (buffer.Length < HeaderLength)
        {
            return false;
        }
        Span<byte> header = stackalloc byte[HeaderLength];
        buffer.Slice(0, HeaderLength).CopyTo(header);
        if (header[0] is not 0)
        {
            throw header[0] is 1
                ? new RpcException(compressed, "Compressed messages are not supported.")
                : new RpcException(StatusCode.Internal, $"The message begins with flag {header[0]}; expected 0.");
        }
        var size = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        if (size > (uint)maxSize)
        {
            throw TooLarge(size, maxSize);
        }
        if (buffer.Length < HeaderLength + size)
        {
            return false;
        }
        payload = buffer.Slice(HeaderLength, size);
        return true;
    }

    private static T Parse<T>(MessageParser<T> parser, in ReadOnlySequence<byte> payload)
        where T : class, IMessage<T>
    {
        try
        {
            return parser.ParseFrom(payload);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new RpcException(StatusCode.Internal, "The message is not valid protobuf.", inner: e);
        }
    }

    private static void WriteHeader(Span<byte> header, int size)
    {
        header[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(header[1..], size);
    }

    private static RpcException TooLarge(uint size, int maxSize) =>
        new(StatusCode.ResourceExhausted, $"The message has {size} bytes; the limit is {maxSize}.");
}
