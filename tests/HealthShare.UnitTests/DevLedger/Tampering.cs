using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.UnitTests.DevLedger;

/// <summary>Makes proposals by hand and changes transactions the way an adversary would.</summary>
internal static class Tampering
{
    public static SignedProposal Proposal(SigningIdentity identity, string channel, string chaincode, params string[] call) =>
        ProposalWithId(identity, channel, chaincode, null, call);

    public static SignedProposal ProposalWithId(
        SigningIdentity identity, string channel, string chaincode, string? transactionId, params string[] call) =>
        ProposalWith(identity, channel, chaincode, [.. call.Select(ByteString.CopyFromUtf8)], transactionId);

    public static SignedProposal ProposalWith(
        SigningIdentity identity, string channel, string chaincode, IReadOnlyList<ByteString> call, string? transactionId = null)
    {
        var nonce = TransactionId.NewNonce();
        var id = new ChaincodeID { Name = chaincode };
        var input = new ChaincodeInput();
        input.Args.Add(call);
        var header = new Header
        {
            ChannelHeader = new ChannelHeader
            {
                Type = (int)HeaderType.EndorserTransaction,
                ChannelId = channel,
                TxId = transactionId ?? TransactionId.Compute(nonce, identity.Creator),
                Timestamp = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow),
                Extension = new ChaincodeHeaderExtension { ChaincodeId = id }.ToByteString(),
            }.ToByteString(),
            SignatureHeader = new SignatureHeader { Creator = identity.Creator, Nonce = nonce }.ToByteString(),
        };
        var spec = new ChaincodeInvocationSpec { ChaincodeSpec = new ChaincodeSpec { ChaincodeId = id, Input = input } };
        var bytes = new Proposal
        {
            Header = header.ToByteString(),
            Payload = new ChaincodeProposalPayload { Input = spec.ToByteString() }.ToByteString(),
        }.ToByteString();
        return new SignedProposal { ProposalBytes = bytes, Signature = ByteString.CopyFrom(identity.Sign(bytes.Span)) };
    }

    public static IReadOnlyList<string> Endorsers(Envelope envelope)
    {
        List<string> mspIds = [];
        Change(envelope, action => mspIds.AddRange(action.Endorsements.Select(
            endorsement => SerializedIdentity.Parser.ParseFrom(endorsement.Endorser).Mspid)));
        return mspIds;
    }

    /// <summary>The payload of the envelope with its endorsed action changed.</summary>
    public static ByteString Change(Envelope envelope, Action<ChaincodeEndorsedAction> change)
    {
        var payload = Payload.Parser.ParseFrom(envelope.Payload);
        var transaction = Transaction.Parser.ParseFrom(payload.Data);
        var action = ChaincodeActionPayload.Parser.ParseFrom(transaction.Actions[0].Payload);
        change(action.Action);
        transaction.Actions[0].Payload = action.ToByteString();
        payload.Data = transaction.ToByteString();
        return payload.ToByteString();
    }

    /// <summary>The payload of the envelope with its channel header changed.</summary>
    public static ByteString ChangeHeader(Envelope envelope, Action<ChannelHeader> change)
    {
        var payload = Payload.Parser.ParseFrom(envelope.Payload);
        var channel = ChannelHeader.Parser.ParseFrom(payload.Header.ChannelHeader);
        change(channel);
        payload.Header.ChannelHeader = channel.ToByteString();
        return payload.ToByteString();
    }

    /// <summary>A member's peer identity, which signs endorsements.</summary>
    public static SigningIdentity PeerIdentity(LedgerNetwork network, string mspId)
    {
        var folder = Path.Combine(network.Directory, "crypto", $"{mspId[..^3].ToLowerInvariant()}.example", "node");
        return SigningIdentity.FromPemFiles(mspId, Path.Combine(folder, "cert.pem"), Path.Combine(folder, "key.pem"));
    }

    public static IReadOnlyList<TxValidationCode> Codes(Block block) =>
        [.. new BlockView(block).Transactions.Select(transaction => transaction.ValidationCode)];
}
