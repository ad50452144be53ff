using System.Security.Cryptography;
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
    // Every endorser asks for the same; should two do so at once, both find the same.
    private ByteString? hash;
    private byte[]? signedHash;
    private string? expectedId;

    public string TransactionId => Channel.TxId;

    public bool HasTransientData => Payload.TransientMap.Count > 0;

    /// <summary>The payload as it goes into the transaction.</summary>
    public ByteString PayloadWithoutTransient { get; } = new ChaincodeProposalPayload { Input = Payload.Input }.ToByteString();

    /// <summary>The hash that endorsers sign with their answer.</summary>
    public ByteString Hash => hash ??= EndorserTransaction.ProposalHash(Header, PayloadWithoutTransient);

    /// <summary>The SHA-256 hash that the creator signed.</summary>
    public byte[] SignedHash => signedHash ??= SHA256.HashData(Signed.ProposalBytes.Span);

    /// <summary>The id that nonce and creator make, whatever the header says.</summary>
    public string ExpectedTransactionId => expectedId ??= Fabric.Protocol.Msp.TransactionId.Compute(Signature.Nonce, Signature.Creator);

    /// <summary>Name of the chaincode that a gateway looks for; endorsers go by the header's.</summary>
    public string Target { get; private init; } = "";

    /// <summary>What an endorser finds missing, in a peer's words; null where nothing is.</summary>
    public string? Incomplete { get; private init; }

    /// <exception cref="FabricDataException">The proposal cannot be read; the text is a peer's.</exception>
    public static ProposedCall Read(SignedProposal signed)
    {
        var proposal = Parse(Proposal.Parser, signed.ProposalBytes);
        var header = Parse(Header.Parser, proposal.Header);
        var channel = Parse(ChannelHeader.Parser, header.ChannelHeader);
        var payload = Parse(ChaincodeProposalPayload.Parser, proposal.Payload);
        var spec = Parse(ChaincodeInvocationSpec.Parser, payload.Input).ChaincodeSpec;
        var signature = Parse(SignatureHeader.Parser, header.SignatureHeader);
        var named = Parse(ChaincodeHeaderExtension.Parser, channel.Extension).ChaincodeId;
        return new ProposedCall(signed, header, channel, signature, named?.Name ?? "", spec?.Input ?? new ChaincodeInput(), payload)
        {
            Target = spec?.ChaincodeId?.Name ?? "",
            Incomplete = named is null ? "ChaincodeHeaderExtension.ChaincodeId is nil"
                : named.Name.Length == 0 ? "ChaincodeHeaderExtension.ChaincodeId.Name is empty"
                : spec is null ? "chaincode invocation spec did not contain chaincode spec"
                : spec.Input is null ? "chaincode input did not contain any input"
                : null,
        };
    }

    private static T Parse<T>(MessageParser<T> parser, ByteString bytes) where T : IMessage<T>, new()
    {
        try
        {
            return parser.ParseShared(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new FabricDataException($"error unmarshalling {new T().Descriptor.Name}: {GoTexts.Malformed}", e);
        }
    }
}
