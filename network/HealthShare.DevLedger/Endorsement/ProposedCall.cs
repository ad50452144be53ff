using Google.Protobuf;
using HealthShare.DevLedger.Validation;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.DevLedger.Endorsement;

/// <summary>A proposal, unpacked; nothing is verified yet.</summary>
internal sealed record ProposedCall(
    SignedProposal Signed, Header Header, ChannelHeader Channel, SignatureHeader Signature, string Chaincode,
    ChaincodeInput Input, ChaincodeProposalPayload Payload)
{
    public string TransactionId => Channel.TxId;

    public bool HasTransientData => Payload.TransientMap.Count > 0;

    /// <summary>The payload as it goes into the transaction.</summary>
    public ByteString PayloadWithoutTransient { get; } = new ChaincodeProposalPayload { Input = Payload.Input }.ToByteString();

    /// <summary>The hash that endorsers sign with their answer.</summary>
    public ByteString Hash => EndorserTransaction.ProposalHash(Header, PayloadWithoutTransient);

    /// <exception cref="FabricDataException">The proposal cannot be read, or lacks something every proposal has.</exception>
    public static ProposedCall Read(SignedProposal? signed)
    {
        if (signed is null || signed.ProposalBytes.IsEmpty)
            throw new FabricDataException("the proposed transaction must contain a signed proposal");
        var proposal = Proposal.Parser.Read(signed.ProposalBytes, "proposal");
        var header = Header.Parser.Read(proposal.Header, "proposal's header");
        var channel = ChannelHeader.Parser.Read(header.ChannelHeader, "channel header");
        var signature = SignatureHeader.Parser.Read(header.SignatureHeader, "signature header");
        var extension = ChaincodeHeaderExtension.Parser.Read(channel.Extension, "chaincode header extension");
        var payload = ChaincodeProposalPayload.Parser.Read(proposal.Payload, "proposal's payload");
        var spec = ChaincodeInvocationSpec.Parser.Read(payload.Input, "chaincode invocation").ChaincodeSpec;
        if (extension.ChaincodeId is not { Name.Length: > 0 } chaincode)
            throw new FabricDataException("the proposal's header names no chaincode");
        if (spec?.Input is null)
            throw new FabricDataException("the chaincode invocation has no input");
        return new ProposedCall(signed, header, channel, signature, chaincode.Name, spec.Input, payload);
    }
}
