using Google.Protobuf;
using HealthShare.DevLedger.State;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Fabric.Protocol.Policies;

namespace HealthShare.DevLedger.Validation;

/// <summary>
/// Checks what can be said of a transaction by itself: form, creator, endorsements against the policies in force before its
/// block. What depends on its neighbours (duplicates, conflicts) is <see cref="BlockState"/>'s.
/// </summary>
internal sealed class TransactionValidator(ChannelConfig config, ChaincodeDefinitions definitions)
{
    /// <summary>Validates one envelope of a block.</summary>
    /// <returns>The code, and the transaction where it could be read at all.</returns>
    public (TxValidationCode Code, EndorserTransaction? Transaction) Validate(ByteString envelope, WorldState before)
    {
        var code = EndorserTransaction.Read(envelope, SignedByCreator, out var transaction);
        return (transaction is null ? code : Judge(transaction, before), transaction);
    }

    private TxValidationCode Judge(EndorserTransaction transaction, WorldState before)
    {
        if (transaction.Channel.ChannelId != config.ChannelId)
            return TxValidationCode.TargetChainNotFound;
        var written = transaction.Set.Namespaces.Where(ns => ns.Writes).Select(ns => ns.Name);
        if (written.Prepend(transaction.Chaincode).Any(chaincode => definitions.Find(before, chaincode) is null))
            return TxValidationCode.InvalidChaincode;
        var policies = RequiredEndorsements.Of(transaction.Chaincode, transaction.Set, before, definitions);
        return policies?.AreMetBy(Endorsers(transaction)) == true
            ? TxValidationCode.Valid
            : TxValidationCode.EndorsementPolicyFailure;
    }

    private bool SignedByCreator(Envelope envelope, SignatureHeader header) =>
        config.Identities.Verify(header.Creator, envelope.Payload.Span, envelope.Signature, out _) is not null;

    // An endorsement whose signature is wrong counts as none; the others may still suffice.
    private IReadOnlyList<MspIdentity> Endorsers(EndorserTransaction transaction)
    {
        List<MspIdentity> signers = [];
        foreach (var endorsement in transaction.Endorsed.Endorsements)
        {
            byte[] signed = [.. transaction.Endorsed.ProposalResponsePayload.Span, .. endorsement.Endorser.Span];
            if (config.Identities.Verify(endorsement.Endorser, signed, endorsement.Signature, out _) is { } signer)
                signers.Add(signer);
        }
        return Signers.Distinct(signers);
    }
}
