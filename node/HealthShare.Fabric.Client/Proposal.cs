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
        var payload = PayloadOf(request, chaincode);
        var bytes = new PeerProposal { Header = header.ToByteString(), Payload = payload.ToByteString() }.ToByteString();
        return new Proposal(transactionId, header, payload.Input, new SignedProposal { ProposalBytes = bytes });
    }

    private static ChaincodeProposalPayload PayloadOf(TransactionRequest request, ChaincodeID chaincode)
    {
        var input = new ChaincodeInput();
        input.Args.Add(ByteString.CopyFromUtf8(request.Function));
        foreach (var argument in request.Arguments)
        {
            input.Args.Add(UnsafeByteOperations.UnsafeWrap(argument));
        }
        var payload = new ChaincodeProposalPayload
        {
            Input = new ChaincodeInvocationSpec
            {
                // Peers know the language of a chaincode themselves; the official clients send the same constant.
                ChaincodeSpec = new ChaincodeSpec { Type = ChaincodeSpec.Types.Type.Node, ChaincodeId = chaincode, Input = input },
            }.ToByteString(),
        };
        foreach (var (name, value) in request.Transient)
        {
            payload.TransientMap.Add(name, UnsafeByteOperations.UnsafeWrap(value));
        }
        return payload;
    }
}
