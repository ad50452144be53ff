using Google.Protobuf;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.Fabric.Protocol;

/// <summary>
/// Reads messages whose byte fields are parts of what they were read from. A transaction lies in six messages, each the bytes
/// of a field of the one around it, and protobuf's own reader copies what is left of it at every one of them.
/// </summary>
internal static class SharedBytes
{
    private static readonly Dictionary<Type, (Delegate Make, Delegate Set)> Layouts = new()
    {
        [typeof(Envelope)] = Of<Envelope>(() => new(), TrySet),
        [typeof(Payload)] = Of<Payload>(() => new(), TrySet),
        [typeof(Header)] = Of<Header>(() => new(), TrySet),
        [typeof(SignatureHeader)] = Of<SignatureHeader>(() => new(), TrySet),
        [typeof(Proposal)] = Of<Proposal>(() => new(), TrySet),
        [typeof(Transaction)] = Of<Transaction>(() => new(), TrySet),
        [typeof(TransactionAction)] = Of<TransactionAction>(() => new(), TrySet),
        [typeof(ChaincodeActionPayload)] = Of<ChaincodeActionPayload>(() => new(), TrySet),
        [typeof(ChaincodeProposalPayload)] = Of<ChaincodeProposalPayload>(() => new(), TrySet),
        [typeof(ChaincodeEndorsedAction)] = Of<ChaincodeEndorsedAction>(() => new(), TrySet),
        [typeof(Endorsement)] = Of<Endorsement>(() => new(), TrySet),
        [typeof(ProposalResponsePayload)] = Of<ProposalResponsePayload>(() => new(), TrySet),
    };

    /// <summary>Reads a message; its fields keep <paramref name="bytes"/> in memory where the type is one of <see cref="Layouts"/>.</summary>
    /// <exception cref="InvalidProtocolBufferException">The bytes are no such message.</exception>
    public static T ParseShared<T>(this MessageParser<T> parser, ByteString bytes) where T : IMessage<T> =>
        Layout<T>.Make is { } make && TryRead(bytes.Memory, make, Layout<T>.Set!, out var message)
            ? message
            : parser.ParseFrom(bytes.Span); // of the string itself it would make a stream first

    private static bool TrySet(Envelope message, int field, ByteString bytes) => field switch
    {
        Envelope.PayloadFieldNumber when message.Payload.IsEmpty => Taken(message.Payload = bytes),
        Envelope.SignatureFieldNumber when message.Signature.IsEmpty => Taken(message.Signature = bytes),
        _ => false,
    };

    private static bool TrySet(Payload message, int field, ByteString bytes) => field switch
    {
        Payload.HeaderFieldNumber when message.Header is null => TryRead<Header>(bytes, out var header) && Taken(message.Header = header),
        Payload.DataFieldNumber when message.Data.IsEmpty => Taken(message.Data = bytes),
        _ => false,
    };

    private static bool TrySet(Header message, int field, ByteString bytes) => field switch
    {
        Header.ChannelHeaderFieldNumber when message.ChannelHeader.IsEmpty => Taken(message.ChannelHeader = bytes),
        Header.SignatureHeaderFieldNumber when message.SignatureHeader.IsEmpty => Taken(message.SignatureHeader = bytes),
        _ => false,
    };

    private static bool TrySet(SignatureHeader message, int field, ByteString bytes) => field switch
    {
        SignatureHeader.CreatorFieldNumber when message.Creator.IsEmpty => Taken(message.Creator = bytes),
        SignatureHeader.NonceFieldNumber when message.Nonce.IsEmpty => Taken(message.Nonce = bytes),
        _ => false,
    };

    private static bool TrySet(Proposal message, int field, ByteString bytes) => field switch
    {
        Proposal.HeaderFieldNumber when message.Header.IsEmpty => Taken(message.Header = bytes),
        Proposal.PayloadFieldNumber when message.Payload.IsEmpty => Taken(message.Payload = bytes),
        _ => false,
    };

    private static bool TrySet(Transaction message, int field, ByteString bytes)
    {
        if (field != Transaction.ActionsFieldNumber || !TryRead<TransactionAction>(bytes, out var action))
            return false;
        message.Actions.Add(action);
        return true;
    }

    private static bool TrySet(TransactionAction message, int field, ByteString bytes) => field switch
    {
        TransactionAction.HeaderFieldNumber when message.Header.IsEmpty => Taken(message.Header = bytes),
        TransactionAction.PayloadFieldNumber when message.Payload.IsEmpty => Taken(message.Payload = bytes),
        _ => false,
    };

    private static bool TrySet(ChaincodeActionPayload message, int field, ByteString bytes) => field switch
    {
        ChaincodeActionPayload.ChaincodeProposalPayloadFieldNumber when message.ChaincodeProposalPayload.IsEmpty =>
            Taken(message.ChaincodeProposalPayload = bytes),
        ChaincodeActionPayload.ActionFieldNumber when message.Action is null =>
            TryRead<ChaincodeEndorsedAction>(bytes, out var action) && Taken(message.Action = action),
        _ => false,
    };

    private static bool TrySet(ChaincodeProposalPayload message, int field, ByteString bytes) =>
        field == ChaincodeProposalPayload.InputFieldNumber && message.Input.IsEmpty && Taken(message.Input = bytes);

    private static bool TrySet(ChaincodeEndorsedAction message, int field, ByteString bytes)
    {
        if (field == ChaincodeEndorsedAction.ProposalResponsePayloadFieldNumber && message.ProposalResponsePayload.IsEmpty)
            return Taken(message.ProposalResponsePayload = bytes);
        if (field != ChaincodeEndorsedAction.EndorsementsFieldNumber || !TryRead<Endorsement>(bytes, out var endorsement))
            return false;
        message.Endorsements.Add(endorsement);
        return true;
    }

    private static bool TrySet(Endorsement message, int field, ByteString bytes) => field switch
    {
        Endorsement.EndorserFieldNumber when message.Endorser.IsEmpty => Taken(message.Endorser = bytes),
        Endorsement.SignatureFieldNumber when message.Signature.IsEmpty => Taken(message.Signature = bytes),
        _ => false,
    };

    private static bool TrySet(ProposalResponsePayload message, int field, ByteString bytes) => field switch
    {
        ProposalResponsePayload.ProposalHashFieldNumber when message.ProposalHash.IsEmpty => Taken(message.ProposalHash = bytes),
        ProposalResponsePayload.ExtensionFieldNumber when message.Extension.IsEmpty => Taken(message.Extension = bytes),
        _ => false,
    };

    private static bool Taken(object field) => field is not null;

    private static bool TryRead<T>(ByteString bytes, out T message) where T : IMessage<T> =>
        TryRead(bytes.Memory, Layout<T>.Make!, Layout<T>.Set!, out message);

    // Takes what is laid out as every writer does it: known fields of bytes, none twice. Anything else is for protobuf's own
    // reader, which knows what to make of it.
    private static bool TryRead<T>(ReadOnlyMemory<byte> rest, Func<T> make, Func<T, int, ByteString, bool> set, out T message)
    {
        message = make();
        while (!rest.IsEmpty)
        {
            if (!TryTake(ref rest, out var field, out var value) || !set(message, field, UnsafeByteOperations.UnsafeWrap(value)))
                return false;
        }
        return true;
    }

    private static bool TryTake(ref ReadOnlyMemory<byte> rest, out int field, out ReadOnlyMemory<byte> value)
    {
        var span = rest.Span;
        (field, value) = (span[0] >> 3, default);
        if (span[0] >= 0x80 || (span[0] & 7) != (int)WireFormat.WireType.LengthDelimited)
            return false;
        var (length, at) = (0, 1);
        for (var shift = 0; ; shift += 7)
        {
            if (at == span.Length || shift > 21)
                return false;
            length |= (span[at] & 0x7f) << shift;
            if (span[at++] < 0x80)
                break;
        }
        if (length > span.Length - at)
            return false;
        value = rest.Slice(at, length);
        rest = rest[(at + length)..];
        return true;
    }

    private static (Delegate Make, Delegate Set) Of<T>(Func<T> make, Func<T, int, ByteString, bool> set) => (make, set);

    private static class Layout<T>
    {
        public static readonly Func<T>? Make = (Func<T>?)Layouts.GetValueOrDefault(typeof(T)).Make;
        public static readonly Func<T, int, ByteString, bool>? Set = (Func<T, int, ByteString, bool>?)Layouts.GetValueOrDefault(typeof(T)).Set;
    }
}
