using Google.Protobuf;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.Fabric.Client;

/// <summary>Reads the transaction that a gateway prepared and asks this client to sign.</summary>
internal static class PreparedTransaction
{
    /// <summary>
    /// Returns the chaincode's result, once it is sure that the envelope carries the proposal's own header and input, and no
    /// transient data, which a block would make public: a signature given to anything else would be given blindly.
    /// </summary>
    /// <exception cref="LedgerException">The envelope is of another transaction, or unreadable.</exception>
    public static ReadOnlyMemory<byte> ReadResult(Envelope? envelope, Proposal proposal)
    {
        try
        {
            var payload = Payload.Parser.Read(envelope?.Payload ?? ByteString.Empty, "prepared transaction's payload");
            if (payload.Header is null || !payload.Header.Equals(proposal.Header))
            {
                throw Bad("the prepared transaction is not the one proposed.");
            }
            var transaction = Transaction.Parser.Read(payload.Data, "prepared transaction");
            if (transaction.Actions is not [var only])
            {
                throw Bad($"the prepared transaction has {transaction.Actions.Count} actions; expected 1.");
            }
            var action = ChaincodeActionPayload.Parser.Read(only.Payload, "action of the prepared transaction");
            var proposed = ChaincodeProposalPayload.Parser.Read(action.ChaincodeProposalPayload, "prepared transaction's proposal");
            if (proposed.Input != proposal.Input)
            {
                throw Bad("the prepared transaction calls something else than was proposed.");
            }
            if (proposed.TransientMap.Count > 0)
            {
                throw Bad("the prepared transaction would publish the transient data.");
            }
            return ResultOf(action);
        }
        catch (FabricDataException e)
        {
            throw Bad("the prepared transaction cannot be read.", e);
        }

        LedgerException Bad(string what, Exception? inner = null) =>
            LedgerErrors.BadAnswer(LedgerStage.Endorse, proposal.TransactionId, what, inner);
    }

    /// <summary>The chaincode's result in a transaction that this client, or the ledger, holds already.</summary>
    /// <exception cref="LedgerException">The envelope is of another transaction, or unreadable.</exception>
    public static ReadOnlyMemory<byte> ReadResult(Envelope envelope, string transactionId)
    {
        try
        {
            var payload = Payload.Parser.Read(envelope.Payload, "transaction's payload");
            if (ChannelHeader.Parser.Read(payload.Header?.ChannelHeader ?? ByteString.Empty, "transaction's header").TxId != transactionId)
            {
                throw LedgerErrors.BadAnswer(LedgerStage.Evaluate, transactionId, "the transaction is another one.");
            }
            var transaction = Transaction.Parser.Read(payload.Data, "transaction");
            return transaction.Actions is [var only]
                ? ResultOf(ChaincodeActionPayload.Parser.Read(only.Payload, "action of the transaction"))
                : throw LedgerErrors.BadAnswer(LedgerStage.Evaluate, transactionId, "the transaction has not one action.");
        }
        catch (FabricDataException e)
        {
            throw LedgerErrors.BadAnswer(LedgerStage.Evaluate, transactionId, "the transaction cannot be read.", e);
        }
    }

    /// <summary>The transaction that was sent under a key, as it was signed then.</summary>
    /// <exception cref="LedgerException">What the store holds is unreadable.</exception>
    public static EndorsedTransaction Restore(SentTransaction sent)
    {
        try
        {
            var envelope = Envelope.Parser.Read(sent.Envelope, "stored transaction");
            return new EndorsedTransaction(sent.TransactionId, envelope, ReadResult(envelope, sent.TransactionId));
        }
        catch (FabricDataException e)
        {
            throw LedgerErrors.BadAnswer(LedgerStage.CommitStatus, sent.TransactionId, "the stored transaction cannot be read.", e);
        }
    }

    private static ReadOnlyMemory<byte> ResultOf(ChaincodeActionPayload action)
    {
        var response = ProposalResponsePayload.Parser.Read(
            action.Action?.ProposalResponsePayload ?? ByteString.Empty, "proposal response");
        return ChaincodeAction.Parser.Read(response.Extension, "chaincode action").Response?.Payload.Memory
            ?? ReadOnlyMemory<byte>.Empty;
    }
}
