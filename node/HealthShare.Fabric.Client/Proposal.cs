using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Peer;
using PeerProposal = HealthShare.Fabric.Protocol.Peer.Proposal;

namespace HealthShare.Fabric.Client;

/// <summary>A proposal, with the header and the input that every later form of the transaction must repeat.</summary>
internal sealed record Proposal(string TransactionId, Header Header, ByteString Input, SignedProposal Signed)
{
    private const int TagSize = 1;

    /// <summary>Builds and signs a proposal with a fresh nonce, hence a fresh transaction id.</summary>
    public static Proposal Create(SigningIdentity identity, string channel, TransactionRequest request, DateTimeOffset now)
    {
        var proposal = CreateUnsigned(identity, channel, request, now);
        proposal.Signed.Signature = UnsafeByteOperations.UnsafeWrap(identity.Sign(proposal.Signed.ProposalBytes.Span));
        return proposal;
    }

    /// <summary>As <see cref="Create"/>, for a signature made elsewhere.</summary>
    public static Proposal CreateUnsigned(SigningIdentity identity, string channel, TransactionRequest request, DateTimeOffset now)
    {
        var nonce = Protocol.Msp.TransactionId.NewNonce();
        var transactionId = Protocol.Msp.TransactionId.Compute(nonce, identity.Creator);
        var chaincode = new ChaincodeID { Name = request.Chaincode };
        var header = new Header
        {
            ChannelHeader = new ChannelHeader
            {
                Type = (int)HeaderType.EndorserTransaction,
                TxId = transactionId,
                Timestamp = Timestamp.FromDateTimeOffset(now),
                ChannelId = channel,
                Extension = new ChaincodeHeaderExtension { ChaincodeId = chaincode }.ToByteString(),
            }.ToByteString(),
            SignatureHeader = new SignatureHeader { Creator = identity.Creator, Nonce = nonce }.ToByteString(),
        };
        var (bytes, input) = Nest(header, InputOf(request, chaincode), request.Transient);
        return new Proposal(transactionId, header, input, new SignedProposal { ProposalBytes = bytes });
    }

    // Input in payload in proposal, each the bytes of a field of the next: written in one piece, for each on its own would be a copy.
    private static (ByteString Proposal, ByteString Input) Nest(
        Header header, ChaincodeInvocationSpec input, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> transient)
    {
        var rest = new ChaincodeProposalPayload();
        foreach (var (name, value) in transient)
        {
            rest.TransientMap.Add(name, UnsafeByteOperations.UnsafeWrap(value));
        }
        var payloadSize = TagSize + CodedOutputStream.ComputeMessageSize(input) + rest.CalculateSize();
        var bytes = new byte[TagSize + CodedOutputStream.ComputeMessageSize(header)
            + TagSize + CodedOutputStream.ComputeLengthSize(payloadSize) + payloadSize];
        var output = new CodedOutputStream(bytes);
        output.WriteTag(PeerProposal.HeaderFieldNumber, WireFormat.WireType.LengthDelimited);
        output.WriteMessage(header);
        output.WriteTag(PeerProposal.PayloadFieldNumber, WireFormat.WireType.LengthDelimited);
        output.WriteLength(payloadSize);
        output.WriteTag(ChaincodeProposalPayload.InputFieldNumber, WireFormat.WireType.LengthDelimited);
        output.WriteMessage(input);
        var inputEnd = (int)output.Position;
        rest.WriteTo(output);
        output.CheckNoSpaceLeft();
        var inputSize = input.CalculateSize();
        return (UnsafeByteOperations.UnsafeWrap(bytes), UnsafeByteOperations.UnsafeWrap(bytes.AsMemory(inputEnd - inputSize, inputSize)));
    }

    private static ChaincodeInvocationSpec InputOf(TransactionRequest request, ChaincodeID chaincode)
    {
        var input = new ChaincodeInput();
        input.Args.Add(ByteString.CopyFromUtf8(request.Function));
        foreach (var argument in request.Arguments)
        {
            input.Args.Add(UnsafeByteOperations.UnsafeWrap(argument));
        }
        // Peers know the language of a chaincode themselves; the official clients send the same constant.
        return new() { ChaincodeSpec = new ChaincodeSpec { Type = ChaincodeSpec.Types.Type.Node, ChaincodeId = chaincode, Input = input } };
    }
}
