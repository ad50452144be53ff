using HealthShare.DevLedger.Ordering;
using HealthShare.DevLedger.State;
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
    public (TxValidationCode Code, EndorserTransaction? Transaction) Validate(OrderedTransaction ordered, WorldState before)
    {
        if (ordered.Transaction is { } read)
            return SignedByCreator(read.Opened) ? (Judge(read, before), read) : (TxValidationCode.BadCreatorSignature, null);
        var code = EndorserTransaction.Read(ordered.Envelope, SignedByCreator, out var transaction);
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

    private bool SignedByCreator(OpenEnvelope opened) =>
        config.Identities.VerifyHash(opened.Signature.Creator, opened.SignedHash, opened.Envelope.Signature, out _) is not null;

    // An endorsement whose signature is wrong counts as none; the others may still suffice.
    private IReadOnlyList<MspIdentity> Endorsers(EndorserTransaction transaction)
    {
        List<MspIdentity> signers = [];
        foreach (var endorsement in transaction.Endorsed.Endorsements)
        {
            var hash = EndorserTransaction.EndorsedHash(transaction.Endorsed.ProposalResponsePayload, endorsement.Endorser);
            if (config.Identities.VerifyHash(endorsement.Endorser, hash, endorsement.Signature, out _) is { } signer)
                signers.Add(signer);
        }
        return Signers.Distinct(signers);
    }
}
