using System.Buffers;
using System.Security.Cryptography;
using Google.Protobuf;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.DevLedger.Validation;

/// <summary>A transaction of a block, unpacked; what is read here is well formed but nothing is verified yet.</summary>
internal sealed record EndorserTransaction(
    OpenEnvelope Opened, string Chaincode, ChaincodeEndorsedAction Endorsed, ChaincodeAction Action, ReadWriteSet Set)
{
    private const int LargestPiece = 64 * 1024;

    /// <summary>The channel's part of the header.</summary>
    public ChannelHeader Channel => Opened.Channel;

    /// <summary>The chaincode's event, or null.</summary>
    public ChaincodeEvent? Event => Action.Events.IsEmpty ? null : ChaincodeEvent.Parser.ParseFrom(Action.Events);

    /// <summary>Unpacks an envelope, finding faults in the order in which a peer's validator does.</summary>
    /// <param name="bytes">The envelope as it stands in the block.</param>
    /// <param name="creatorSigned">Whether the creator's signature over the envelope is right; asked once the headers are read.</param>
    /// <param name="transaction">The transaction, or null where the code is another than valid.</param>
    public static TxValidationCode Read(
        ByteString bytes, Func<OpenEnvelope, bool> creatorSigned, out EndorserTransaction? transaction)
    {
        transaction = null;
        if (Parse(Envelope.Parser, bytes) is not { } envelope)
            return TxValidationCode.InvalidOtherReason;
        if (Parse(Payload.Parser, envelope.Payload) is not { } payload)
            return TxValidationCode.BadPayload;
        return payload.Header is { } header && Parse(ChannelHeader.Parser, header.ChannelHeader) is { } channel
            && Parse(SignatureHeader.Parser, header.SignatureHeader) is { } signature
            ? Read(new OpenEnvelope(envelope, payload, channel, signature), creatorSigned, out transaction)
            : TxValidationCode.BadCommonHeader;
    }

    /// <inheritdoc cref="Read(ByteString, Func{OpenEnvelope, bool}, out EndorserTransaction?)"/>
    public static TxValidationCode Read(
        OpenEnvelope opened, Func<OpenEnvelope, bool> creatorSigned, out EndorserTransaction? transaction)
    {
        transaction = null;
        var (_, payload, channel, signature) = opened;
        if (!IsWellFormed(channel, signature))
            return TxValidationCode.BadCommonHeader;
        if (!creatorSigned(opened))
            return TxValidationCode.BadCreatorSignature;
        if ((HeaderType)channel.Type is not HeaderType.EndorserTransaction)
            return TxValidationCode.UnsupportedTxPayload;
        if (channel.TxId != TransactionId.Compute(signature.Nonce, signature.Creator))
            return TxValidationCode.BadProposalTxid;
        if (ReadAction(payload) is not var (endorsed, response))
            return TxValidationCode.InvalidEndorserTransaction;
        if (Parse(ChaincodeHeaderExtension.Parser, channel.Extension) is not { } extension)
            return TxValidationCode.BadHeaderExtension;
        if (Parse(ChaincodeAction.Parser, response.Extension) is not { } action)
            return TxValidationCode.BadResponsePayload;
        if (ReadSet(action.Results) is not { } set)
            return TxValidationCode.BadRwset;
        var code = Judge(extension, action, set);
        if (code is TxValidationCode.Valid)
            transaction = new EndorserTransaction(opened, extension.ChaincodeId.Name, endorsed, action, set);
        return code;
    }

    /// <summary>Unpacks a transaction that was found valid before.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static EndorserTransaction ReadValid(ByteString bytes) =>
        Read(bytes, _ => true, out var transaction) is TxValidationCode.Valid
            ? transaction!
            : throw new InvalidDataException("A transaction that is marked valid cannot be read.");

    /// <summary>What endorsers hash of a proposal: its headers and its payload without transient data.</summary>
    public static ByteString ProposalHash(Header header, ByteString payloadWithoutTransient) => UnsafeByteOperations.UnsafeWrap(
        Hash(header.ChannelHeader.Span, header.SignatureHeader.Span, payloadWithoutTransient.Span));

    /// <summary>The SHA-256 hash that an endorser signs: of the proposal response's payload and its own identity.</summary>
    public static byte[] EndorsedHash(ByteString responsePayload, ByteString endorser) => Hash(responsePayload.Span, endorser.Span, []);

    // In one piece, as long as it is small: hashing piece by piece takes an object of the cryptographic library for each hash.
    private static byte[] Hash(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third)
    {
        var length = first.Length + second.Length + third.Length;
        if (length > LargestPiece)
        {
            using var pieces = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            pieces.AppendData(first);
            pieces.AppendData(second);
            pieces.AppendData(third);
            return pieces.GetHashAndReset();
        }
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        first.CopyTo(buffer);
        second.CopyTo(buffer.AsSpan(first.Length));
        third.CopyTo(buffer.AsSpan(first.Length + second.Length));
        var hash = SHA256.HashData(buffer.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(buffer);
        return hash;
    }

    private static bool IsWellFormed(ChannelHeader channel, SignatureHeader signature) =>
        (HeaderType)channel.Type is HeaderType.EndorserTransaction or HeaderType.Config or HeaderType.ConfigUpdate
        && channel.Epoch == 0 && !signature.Nonce.IsEmpty && !signature.Creator.IsEmpty;

    private static (ChaincodeEndorsedAction, ProposalResponsePayload)? ReadAction(Payload payload)
    {
        if (Parse(Transaction.Parser, payload.Data) is not { Actions: [var action] }
            || Parse(SignatureHeader.Parser, action.Header) is not { Nonce.IsEmpty: false, Creator.IsEmpty: false }
            || Parse(ChaincodeActionPayload.Parser, action.Payload) is not { Action: { } endorsed } proposal
            || Parse(ProposalResponsePayload.Parser, endorsed.ProposalResponsePayload) is not { } response)
            return null;
        var header = new Header { ChannelHeader = payload.Header.ChannelHeader, SignatureHeader = action.Header };
        return response.ProposalHash == ProposalHash(header, proposal.ChaincodeProposalPayload) ? (endorsed, response) : null;
    }

    private static ReadWriteSet? ReadSet(ByteString results)
    {
        try
        {
            return ReadWriteSet.Parse(results);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private static TxValidationCode Judge(ChaincodeHeaderExtension extension, ChaincodeAction action, ReadWriteSet set)
    {
        if (extension.ChaincodeId is null || action.ChaincodeId is null)
            return TxValidationCode.InvalidOtherReason;
        var chaincode = extension.ChaincodeId.Name;
        if (chaincode.Length == 0 || chaincode != action.ChaincodeId.Name || action.ChaincodeId.Version.Length == 0)
            return TxValidationCode.InvalidChaincode;
        if (!action.Events.IsEmpty && Parse(ChaincodeEvent.Parser, action.Events)?.ChaincodeId != chaincode)
            return TxValidationCode.InvalidOtherReason;
        return set.Namespaces.DistinctBy(ns => ns.Name).Count() == set.Namespaces.Count
            ? TxValidationCode.Valid
            : TxValidationCode.IllegalWriteset;
    }

    private static T? Parse<T>(MessageParser<T> parser, ByteString bytes) where T : class, IMessage<T>
    {
        try
        {
            return parser.ParseShared(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }
}
