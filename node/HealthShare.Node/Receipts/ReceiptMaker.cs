using System.Buffers.Text;
using System.Security.Cryptography;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Client.Verification;
using HealthShare.Node.Ledger;
using HealthShare.Node.Problems;

namespace HealthShare.Node.Receipts;

/// <summary>Puts receipts together: the transaction from this member's peer, this node's signature and another member's.</summary>
internal sealed class ReceiptMaker(BlockIndex index, ChannelBlocks blocks, ReceiptSigner signer, MemberNodes others, ILedger ledger)
{
    /// <summary>The receipt of a statement, an attestation or a signer that hospitals vouch for, or of what came to one later.</summary>
    /// <param name="patientId">Patient.</param>
    /// <param name="id">Its id.</param>
    /// <param name="word">One of <see cref="ReceiptWord"/> for what came later; null for the first.</param>
    /// <param name="ct">Stops the work.</param>
    /// <exception cref="ApiProblemException">
    /// Not found; <c>receipt.not_committed</c> (202): no other member's node has it yet; <c>receipt.second_signature</c> (503): none
    /// signs it.
    /// </exception>
    /// <exception cref="LedgerException">No peer gives the block.</exception>
    public async Task<Receipt> MakeAsync(string patientId, string id, string? word, CancellationToken ct)
    {
        if (await (word is null ? index.FindSourceAsync(patientId, id, ct) : index.FindWordAsync(patientId, id, word, ct)) is not { } source)
            throw new ApiProblemException(ApiProblem.NotAvailable);
        var block = await blocks.GetAsync(source.Block, ct);
        var configuration = await blocks.ConfigurationAsync(block, ct);
        // What the peer gives must be what this node's copy was made of.
        if (!block.Hash.Span.SequenceEqual(source.HeaderHash) || block.Block.Data is not { } data || data.Data.Count <= source.Position
            || data.Data[source.Position].Memory is var envelope && !SHA256.HashData(envelope.Span).AsSpan().SequenceEqual(source.EnvelopeHash))
            throw new LedgerException(LedgerStage.Evaluate, source.TransactionId, LedgerCodes.BadAnswer, "The peer gives another block.");
        if (ReceiptCall.TryRead(TransactionEvidence.Check(envelope, configuration.Config).Transaction.Endorsed) is not { } call
            || call.PatientId != patientId || call.Id != id)
            throw new ApiProblemException(ApiProblem.NotAvailable); // such as one revoked before it was seen: it never came
        var by = call.Signer;
        var credential = by is null ? null : await signer.CredentialAsync(patientId, by.Delegate, by.Credential, ct);
        var (headerHash, envelopeHash) = (Base64Url.EncodeToString(source.HeaderHash), Base64Url.EncodeToString(source.EnvelopeHash));
        var question = new ReceiptQuestion(ledger.Channel, source.Block, headerHash, source.TransactionId, envelopeHash,
            credential is null ? null : patientId, credential is null ? null : by?.Delegate, credential);
        var own = await signer.SignAsync(question, ct);
        var members = new ReceiptMembers(configuration.Config);
        var (second, isPending) = await others.AskAsync(question, signature =>
            members.FaultOf(signature, ClaimOf(question, signature.SignedAt)) is null, ct);
        if (second is null)
            throw new ApiProblemException(isPending ? NotYet : NoSecond);
        return new Receipt(2, ledger.Channel, patientId, id, source.TransactionId, Base64Url.EncodeToString(envelope.Span),
            new ReceiptBlock(source.Block, Base64Url.EncodeToString(source.PreviousHash), Base64Url.EncodeToString(source.DataHash), headerHash, "valid"),
            [own, second], ChannelBlocks.TextOf(configuration), call.Signed, call.Attestation, credential);
    }

    private static ReceiptClaim ClaimOf(ReceiptQuestion question, DateTimeOffset signedAt) => new(
        question.Channel, question.Block, question.HeaderHash, question.TransactionId, question.EnvelopeHash, question.Credential, signedAt);

    private static ApiProblem NotYet { get; } = new(StatusCodes.Status202Accepted, "receipt.not_committed",
        "No other member's node has it yet; ask again.");

    private static ApiProblem NoSecond { get; } = new(StatusCodes.Status503ServiceUnavailable, "receipt.second_signature",
        "No other member's node signs it at this moment; ask again.");
}
