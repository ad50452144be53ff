using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Msp;

namespace HealthShare.Fabric.Client;

/// <content>
/// Transactions whose keys are elsewhere: each step gives what is to be signed, and takes it back with the signature. The client's
/// own identity signs nothing of them and may be one without a key.
/// </content>
public sealed partial class GatewayClient
{
    /// <summary>Makes a proposal to be signed elsewhere.</summary>
    /// <param name="request">What to ask of the chaincode.</param>
    /// <param name="creator">Who will sign; null takes the client's identity. Its key is not used.</param>
    public UnsignedProposal NewProposal(TransactionRequest request, SigningIdentity? creator = null)
    {
        var signer = creator ?? certificates.Signer.Identity;
        return UnsignedProposal.Of(
            Proposal.CreateUnsigned(signer, ChannelName, request, options.TimeProvider.GetUtcNow()), ChannelName, signer.Creator, request);
    }

    /// <summary>Makes a question for a transaction's commit status, to be signed elsewhere.</summary>
    /// <param name="transactionId">Id of the transaction.</param>
    /// <param name="creator">Who will sign; null takes the client's identity. Its key is not used.</param>
    public UnsignedStatusRequest NewStatusRequest(string transactionId, SigningIdentity? creator = null) =>
        UnsignedStatusRequest.Of(transactionId, ChannelName, (creator ?? certificates.Signer.Identity).Creator);

    /// <summary>Runs a query that was signed elsewhere.</summary>
    /// <returns>What the chaincode returned, not copied.</returns>
    /// <exception cref="FabricDataException">The signature is not the creator's, or the proposal is for another channel; nothing was sent.</exception>
    /// <exception cref="LedgerException">The chaincode refused, or the query did not get through.</exception>
    public Task<ReadOnlyMemory<byte>> EvaluateAsync(
        UnsignedProposal proposal, ReadOnlyMemory<byte> signature, CancellationToken ct = default) =>
        EvaluateSignedAsync(Own(proposal).Request, proposal.TransactionId, proposal.Sign(signature), ct);

    /// <summary>Collects endorsements for a proposal that was signed elsewhere.</summary>
    /// <returns>The transaction to be signed next; it is sure to be the proposal's.</returns>
    /// <exception cref="FabricDataException">The signature is not the creator's, or the proposal is for another channel; nothing was sent.</exception>
    /// <exception cref="LedgerException">A peer refused, or too few could be asked; nothing was ordered.</exception>
    public async Task<UnsignedTransaction> EndorseAsync(
        UnsignedProposal proposal, ReadOnlyMemory<byte> signature, CancellationToken ct = default)
    {
        var envelope = await EndorseSignedAsync(Own(proposal).Request, proposal.TransactionId, proposal.Sign(signature), ct);
        var result = PreparedTransaction.ReadResult(envelope, proposal.Proposal);
        var creator = Protocol.Common.SignatureHeader.Parser.Read(proposal.Proposal.Header.SignatureHeader, "signature header").Creator;
        return UnsignedTransaction.Of(proposal, envelope, creator, result);
    }

    /// <summary>Hands a transaction that was signed elsewhere to the ordering service.</summary>
    /// <exception cref="FabricDataException">The signature is not the creator's, or the transaction is for another channel; nothing was sent.</exception>
    /// <exception cref="LedgerException">It may have been ordered nevertheless; it may safely be submitted again.</exception>
    public Task SubmitEndorsedAsync(UnsignedTransaction transaction, ReadOnlyMemory<byte> signature, CancellationToken ct = default)
    {
        var envelope = Own(transaction).Sign(signature);
        return SubmitEndorsedAsync(new EndorsedTransaction(transaction.TransactionId, envelope, transaction.Result), ct);
    }

    /// <summary>Waits until a transaction is in a block, asking with a signature made elsewhere.</summary>
    /// <exception cref="FabricDataException">The signature is not the creator's, or the request is for another channel; nothing was sent.</exception>
    /// <exception cref="LedgerException">No answer in time; the transaction may have been committed.</exception>
    public Task<CommitStatus> GetCommitStatusAsync(
        UnsignedStatusRequest request, ReadOnlyMemory<byte> signature, CancellationToken ct = default) =>
        AskForCommitAsync(Own(request).TransactionId, request.Sign(signature), options.CommitTimeout, ct);

    private T Own<T>(T message)
        where T : UnsignedMessage =>
        message.Channel == ChannelName
            ? message
            : throw new FabricDataException($"The message is for channel '{message.Channel}', not for '{ChannelName}'.");
}
