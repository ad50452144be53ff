using Google.Protobuf;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Peer;
using PeerProposal = HealthShare.Fabric.Protocol.Peer.Proposal;

namespace HealthShare.Fabric.Client;

/// <summary>A proposal to be signed elsewhere: the first of three signatures of a transaction, the only one of a query.</summary>
public sealed class UnsignedProposal : UnsignedMessage
{
    private UnsignedProposal(Proposal proposal, string channel, ByteString creator, TransactionRequest request)
        : base(proposal.TransactionId, channel, creator, proposal.Signed.ProposalBytes) => (Proposal, Request) = (proposal, request);

    /// <summary>What is asked for, transient data and endorsing organizations included.</summary>
    public TransactionRequest Request { get; }

    internal Proposal Proposal { get; }

    private protected override string What => "proposal";

    /// <summary>Restores a proposal from <see cref="ToBytes"/>, or from an official client's proposal bytes.</summary>
    /// <exception cref="FabricDataException">The bytes are no proposal, or were changed on their way.</exception>
    public static UnsignedProposal Parse(ReadOnlyMemory<byte> bytes)
    {
        var proposed = ProposedTransaction.Parser.Read(bytes, "proposed transaction");
        var proposalBytes = proposed.Proposal?.ProposalBytes ?? ByteString.Empty;
        var message = PeerProposal.Parser.Read(proposalBytes, "proposal");
        var header = Header.Parser.Read(message.Header, "proposal's header");
        var (channel, signature) = ReadHeader(header, proposed.TransactionId);
        var payload = ChaincodeProposalPayload.Parser.Read(message.Payload, "proposal's payload");
        var request = OfflineRequest.Read(payload, [.. proposed.EndorsingOrganizations]);
        var named = ChaincodeHeaderExtension.Parser.Read(channel.Extension, "channel header's extension").ChaincodeId?.Name;
        if (named != request.Chaincode)
        {
            throw new FabricDataException("The proposal's header and its input name different chaincodes.");
        }
        return new UnsignedProposal(
            new Proposal(proposed.TransactionId, header, payload.Input, new SignedProposal { ProposalBytes = proposalBytes }),
            channel.ChannelId, signature.Creator, request);
    }

    /// <inheritdoc/>
    public override byte[] ToBytes() => new ProposedTransaction
    {
        TransactionId = TransactionId,
        Proposal = Proposal.Signed,
        EndorsingOrganizations = { Request.Organizations },
    }.ToByteArray();

    internal static UnsignedProposal Of(Proposal proposal, string channel, ByteString creator, TransactionRequest request) =>
        new(proposal, channel, creator, request);

    /// <summary>The proposal as it is sent.</summary>
    internal SignedProposal Sign(ReadOnlyMemory<byte> signature) =>
        new() { ProposalBytes = Proposal.Signed.ProposalBytes, Signature = Complete(signature) };
}
