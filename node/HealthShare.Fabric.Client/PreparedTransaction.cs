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
            var response = ProposalResponsePayload.Parser.Read(
                action.Action?.ProposalResponsePayload ?? ByteString.Empty, "proposal response");
            return ChaincodeAction.Parser.Read(response.Extension, "chaincode action").Response?.Payload.Memory
                ?? ReadOnlyMemory<byte>.Empty;
        }
        catch (FabricDataException e)
        {
            throw Bad("the prepared transaction cannot be read.", e);
        }

        LedgerException Bad(string what, Exception? inner = null) =>
            LedgerErrors.BadAnswer(LedgerStage.Endorse, proposal.TransactionId, what, inner);
    }
}
