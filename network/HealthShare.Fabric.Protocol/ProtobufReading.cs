using Google.Protobuf;

namespace HealthShare.Fabric.Protocol;

/// <summary>Reads protobuf messages of untrusted origin.</summary>
public static class ProtobufReading
{
    /// <summary>
    /// Parses a message, naming what was expected when it is not one. Byte fields of a transaction's parts may share the memory of <paramref name="bytes"/>.
    /// </summary>
    /// <param name="parser">Parser of the message type.</param>
    /// <param name="bytes">The serialized message.</param>
    /// <param name="what">What the bytes should be, for the error's text, such as <c>channel header</c>.</param>
    /// <exception cref="FabricDataException">The bytes are no such message.</exception>
    public static T Read<T>(this MessageParser<T> parser, ByteString bytes, string what) where T : IMessage<T>
    {
        try
        {
            return parser.ParseShared(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new FabricDataException($"The {what} ({bytes.Length} bytes) is not a valid {typeof(T).Name}.", e);
        }
    }

    /// <inheritdoc cref="Read{T}(MessageParser{T}, ByteString, string)"/>
    public static T Read<T>(this MessageParser<T> parser, ReadOnlyMemory<byte> bytes, string what) where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(bytes.Span);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new FabricDataException($"The {what} ({bytes.Length} bytes) is not a valid {typeof(T).Name}.", e);
        }
    }
}
