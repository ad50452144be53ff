using Google.Protobuf;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Peer;
using PreparedMessage = HealthShare.Fabric.Protocol.Gateway.PreparedTransaction;

namespace HealthShare.Fabric.Client;

/// <summary>An endorsed transaction to be signed elsewhere: the second of three signatures.</summary>
public sealed class UnsignedTransaction : UnsignedMessage
{
    private readonly Envelope envelope;

    private UnsignedTransaction(
        string transactionId, string channel, ByteString creator, Envelope envelope, TransactionRequest request, ReadOnlyMemory<byte> result)
        : base(transactionId, channel, creator, envelope.Payload) =>
        (this.envelope, Request, Result) = (new Envelope { Payload = envelope.Payload }, request, result);

    /// <summary>What was asked for. A transaction holds neither transient data nor a list of organizations.</summary>
    public TransactionRequest Request { get; }

    /// <summary>What the chaincode returned, not copied.</summary>
    public ReadOnlyMemory<byte> Result { get; }

    private protected override string What => "transaction";

    /// <summary>
    /// Restores a transaction from <see cref="ToBytes"/>, or from an official client's transaction bytes. Whoever signs and holds
    /// the proposal checks <see cref="EnsureIsOf"/> too.
    /// </summary>
    /// <exception cref="FabricDataException">The bytes are no transaction, or were changed on their way.</exception>
    public static UnsignedTransaction Parse(ReadOnlyMemory<byte> bytes)
    {
        var prepared = PreparedMessage.Parser.Read(bytes, "prepared transaction");
        var envelope = prepared.Envelope ?? throw new FabricDataException("The prepared transaction holds no envelope.");
        var payload = Payload.Parser.Read(envelope.Payload, "transaction's payload");
        var (channel, signature) = ReadHeader(payload.Header, prepared.TransactionId);
        var actions = Transaction.Parser.Read(payload.Data, "transaction").Actions;
        if (actions.Count != 1)
        {
            throw new FabricDataException($"The transaction has {actions.Count} actions; expected 1.");
        }
        var action = ChaincodeActionPayload.Parser.Read(actions[0].Payload, "transaction's action");
        var proposed = ChaincodeProposalPayload.Parser.Read(action.ChaincodeProposalPayload, "transaction's proposal");
        if (proposed.TransientMap.Count > 0)
        {
            throw new FabricDataException("The transaction would publish its transient data.");
        }
        var response = ProposalResponsePayload.Parser.Read(
            action.Action?.ProposalResponsePayload ?? ByteString.Empty, "endorsed answer");
        var result = ChaincodeAction.Parser.Read(response.Extension, "endorsed outcome").Response?.Payload.Memory;
        return new UnsignedTransaction(
            prepared.TransactionId, channel.ChannelId, signature.Creator, envelope, OfflineRequest.Read(proposed, []),
            result ?? ReadOnlyMemory<byte>.Empty);
    }

    /// <summary>Makes sure that this is the transaction of a proposal: the same header, hence the same id and creator, and the same input.</summary>
    /// <exception cref="FabricDataException">It is another one.</exception>
    public void EnsureIsOf(UnsignedProposal proposal)
    {
        try
        {
            PreparedTransaction.ReadResult(envelope, proposal.Proposal);
        }
        catch (LedgerException e)
        {
            throw new FabricDataException("The transaction is not that of the proposal.", e);
        }
    }

    /// <inheritdoc/>
    public override byte[] ToBytes() => new PreparedMessage { TransactionId = TransactionId, Envelope = envelope }.ToByteArray();

    internal static UnsignedTransaction Of(UnsignedProposal proposal, Envelope envelope, ByteString creator, ReadOnlyMemory<byte> result) =>
        new(proposal.TransactionId, proposal.Channel, creator, envelope, proposal.Request, result);

    /// <summary>The envelope as it is submitted.</summary>
    internal Envelope Sign(ReadOnlyMemory<byte> signature) => new() { Payload = envelope.Payload, Signature = Complete(signature) };
}
