using System.Buffers.Text;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Ledger;
using HealthShare.Node.Problems;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;

namespace HealthShare.Node.Receipts;

/// <summary>
/// Signs for receipts, the node's own and other members': only what this node's own copy of the channel says by itself. Whoever asks
/// must know all that is signed, so an answer tells nobody anything but that it is so.
/// </summary>
internal sealed class ReceiptSigner(BlockIndex index, Replica replica, ILedger ledger, TimeProvider clock)
{
    /// <summary>Signs what is asked for.</summary>
    /// <exception cref="ApiProblemException">
    /// <c>receipt.not_committed</c> (202): this copy does not know the transaction as valid, or not yet; <c>receipt.differs</c> (409):
    /// it knows it otherwise.
    /// </exception>
    public async Task<ReceiptSignature> SignAsync(ReceiptQuestion question, CancellationToken ct)
    {
        if (question.Channel != ledger.Channel || await index.FindAsync(question.TransactionId, ct) is not { } known)
            throw new ApiProblemException(NotCommitted);
        if (known.Block != question.Block || Base64Url.EncodeToString(known.HeaderHash) != question.HeaderHash
            || Base64Url.EncodeToString(known.EnvelopeHash) != question.EnvelopeHash || !await IsKnownAsync(question, ct))
            throw new ApiProblemException(Differs);
        var claim = new ReceiptClaim(ledger.Channel, known.Block, question.HeaderHash, known.TransactionId, question.EnvelopeHash,
            question.Credential, LedgerTime.Truncate(clock.GetUtcNow()));
        var (identity, signature) = ledger.Sign(claim);
        return new ReceiptSignature(ledger.MspId, Base64Url.EncodeToString(identity.Span), claim.SignedAt, Base64Url.EncodeToString(signature.Span));
    }

    /// <summary>The credential that signed a statement, as this copy has it, revoked or not; null where it has none.</summary>
    public async Task<Credential?> CredentialAsync(string patientId, string? delegateId, string credentialId, CancellationToken ct)
    {
        if (!LedgerId.IsValid(IdKind.Patient, patientId) || !LedgerCode.IsCredentialId(credentialId)
            || (delegateId is not null && !LedgerId.IsValid(IdKind.Delegate, delegateId)))
            return null;
        return delegateId is null
            ? (await replica.GetAsync(LedgerKey.Credential(patientId, credentialId), LedgerJson.Default.CredentialEntry, ct))?.Credential
            : (await DelegatePower.FindAsync(replica, patientId, delegateId, ct))?.CredentialOf(credentialId);
    }

    private async Task<bool> IsKnownAsync(ReceiptQuestion question, CancellationToken ct) => question.Credential is not { } asked
        || (question.PatientId is { } patientId
            && await CredentialAsync(patientId, question.DelegateId, asked.CredentialId, ct) is { } own
            && LedgerValue.Same(own, asked, LedgerJson.Default.Credential));

    private static ApiProblem NotCommitted { get; } = new(StatusCodes.Status202Accepted, "receipt.not_committed",
        "This node's copy of the channel does not hold it yet, or not as valid; ask again.");

    private static ApiProblem Differs { get; } = new(StatusCodes.Status409Conflict, "receipt.differs",
        "This node's copy of the channel says otherwise.");
}
