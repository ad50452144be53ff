using Google.Protobuf;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Msp;

namespace HealthShare.Fabric.Client.Verification;

/// <summary>
/// What the envelope of a chaincode call proves by itself: who made it, what was called, and which members endorsed what came of it.
/// That it was committed, and counted, only the ledger or its members can say.
/// </summary>
public sealed class TransactionEvidence
{
    private TransactionEvidence(TransactionView transaction, IReadOnlyList<MspIdentity> endorsers) =>
        (Transaction, Endorsers) = (transaction, endorsers);

    /// <summary>The transaction. It stands in no block: what it says about one means nothing.</summary>
    public TransactionView Transaction { get; }

    /// <summary>Endorsers whose certificates and signatures are right, each once. Whether they suffice is for a policy to say.</summary>
    public IReadOnlyList<MspIdentity> Endorsers { get; }

    /// <summary>
    /// Checks form, creator's certificate and signature, transaction id, the hash of the proposal that was endorsed, and the
    /// endorsers' certificates and signatures.
    /// </summary>
    /// <param name="envelope">A serialized <c>common.Envelope</c>.</param>
    /// <param name="config">The channel's configuration: who its members are.</param>
    /// <exception cref="FabricDataException">Something is wrong; the message says what.</exception>
    public static TransactionEvidence Check(ReadOnlyMemory<byte> envelope, ChannelConfig config)
    {
        var block = new Block { Header = new BlockHeader(), Data = new BlockData() };
        block.Data.Data.Add(UnsafeByteOperations.UnsafeWrap(envelope));
        var checkedTransaction = TransactionCheck.Run(new BlockView(block).Transactions[0], config);
        if (!checkedTransaction.Verdict.IsValid)
            throw new FabricDataException($"The transaction is not right: {checkedTransaction.Verdict.Reason}.");
        return checkedTransaction.View.Type is HeaderType.EndorserTransaction
            ? new TransactionEvidence(checkedTransaction.View, checkedTransaction.Signers)
            : throw new FabricDataException("The transaction is no chaincode call.");
    }
}
