using System.Security.Cryptography;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Fabric.Protocol.Policies;

namespace HealthShare.Fabric.Client.Verification;

/// <summary>
/// Checks what a transaction's own bytes tell, in the order in which a peer does: form, creator's signature, id, proposal
/// hash, endorsers' signatures. Needs no state, so transactions of a block are checked side by side.
/// </summary>
internal static class TransactionCheck
{
    public static CheckedTransaction Run(TransactionView view, ChannelConfig config)
    {
        var signatures = 0;
        string? id = null;
        try
        {
            Read(TxValidationCode.InvalidOtherReason, () => view.Envelope);
            Read(TxValidationCode.BadPayload, () => view.Payload);
            CheckHeaders(view);
            id = view.Id;
            CheckCreator(view, config);
            signatures++;
            if (view.Type == HeaderType.Config)
                return new(view, id, Verdict.Valid, [], signatures);
            if (view.Type != HeaderType.EndorserTransaction)
                throw new RefusedException(TxValidationCode.UnsupportedTxPayload, "its type is not supported");
            if (view.Id != TransactionId.Compute(view.SignatureHeader.Nonce, view.Creator))
                throw new RefusedException(TxValidationCode.BadProposalTxid, "its id is not the hash of nonce and creator");
            CheckProposal(view);
            if (view.ChannelId != config.ChannelId)
                throw new RefusedException(TxValidationCode.TargetChainNotFound, "it is for another channel");
            var signers = Endorsers(view, config, ref signatures);
            return new(view, id, Verdict.Valid, signers, signatures);
        }
        catch (RefusedException e)
        {
            return new(view, id, e.Verdict, [], signatures);
        }
    }

    private static void CheckHeaders(TransactionView view)
    {
        Read(TxValidationCode.BadCommonHeader, () => view.ChannelHeader);
        Read(TxValidationCode.BadCommonHeader, () => view.SignatureHeader);
        if (view.Type is not (HeaderType.EndorserTransaction or HeaderType.Config or HeaderType.ConfigUpdate)
            || view.ChannelHeader.Epoch != 0
            || view.SignatureHeader.Nonce.IsEmpty || view.Creator.IsEmpty)
            throw new RefusedException(TxValidationCode.BadCommonHeader, "its header is incomplete or of an unknown type");
    }

    private static void CheckCreator(TransactionView view, ChannelConfig config)
    {
        if (config.Identities.Verify(view.Creator, view.Envelope.Payload.Span, view.Envelope.Signature, out var fault) is null)
            throw new RefusedException(TxValidationCode.BadCreatorSignature, $"its creator's signature does not hold: {fault}");
    }

    private static void CheckProposal(TransactionView view)
    {
        try
        {
            var endorsed = view.Endorsed;
            var header = SignatureHeader.Parser.Read(endorsed.ActionHeader, "action's header");
            if (header.Nonce.IsEmpty || header.Creator.IsEmpty)
                throw new RefusedException(TxValidationCode.InvalidEndorserTransaction, "its action's header is incomplete");
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(view.Payload.Header.ChannelHeader.Span);
            hash.AppendData(endorsed.ActionHeader.Span);
            hash.AppendData(endorsed.ActionPayload.ChaincodeProposalPayload.Span);
            if (!hash.GetHashAndReset().AsSpan().SequenceEqual(endorsed.ResponsePayload.ProposalHash.Span))
                throw new RefusedException(TxValidationCode.InvalidEndorserTransaction,
                    "what was endorsed is the answer to another proposal");
        }
        catch (FabricDataException e)
        {
            throw new RefusedException(TxValidationCode.InvalidEndorserTransaction, e.Message.TrimEnd('.'));
        }
    }

    private static IReadOnlyList<MspIdentity> Endorsers(TransactionView view, ChannelConfig config, ref int signatures)
    {
        var signers = new List<MspIdentity>();
        foreach (var endorsement in view.Endorsed.Endorsements)
        {
            byte[] signed = [.. view.Endorsed.SignedResponse.Span, .. endorsement.Endorser.Span];
            signatures++;
            // A wrong one counts for nothing; whether the others suffice is for the policies to say.
            if (config.Identities.Verify(endorsement.Endorser, signed, endorsement.Signature, out _) is { } signer)
                signers.Add(signer);
        }
        return Signers.Distinct(signers);
    }

    private static void Read<T>(TxValidationCode code, Func<T> member)
    {
        try
        {
            member();
        }
        catch (FabricDataException e)
        {
            throw new RefusedException(code, e.Message.TrimEnd('.'));
        }
    }
}
