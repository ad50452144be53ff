using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger.KvRwSet;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.Fabric.Client;

/// <summary>A block with the private data that this client's organization may see.</summary>
/// <param name="Block">The block itself.</param>
/// <param name="PrivateData">
/// What the peer holds of it, in the order of the transactions. Absent are collections of others, values that are purged or
/// expired, and values that the peer is still waiting for. Peers keep values of invalid transactions too: look at
/// <see cref="PrivateWrites.Code"/> before acting on one.
/// </param>
public sealed record PrivateBlock(Block Block, IReadOnlyList<PrivateWrites> PrivateData);

/// <summary>
/// What one transaction wrote to one private collection. Every key and value was held against the hashes in the block, which the
/// endorsers signed: a peer can withhold a value, and cannot make one up.
/// </summary>
/// <param name="TransactionIndex">Place of the transaction in the block, from 0.</param>
/// <param name="TransactionId">Id of the transaction.</param>
/// <param name="Code">Whether the transaction is valid.</param>
/// <param name="Chaincode">Namespace of the chaincode that wrote.</param>
/// <param name="Collection">Name of the collection, such as <c>_implicit_org_Org1MSP</c>.</param>
/// <param name="Writes">Keys and values.</param>
public sealed record PrivateWrites(
    int TransactionIndex, string TransactionId, TxValidationCode Code, string Chaincode, string Collection,
    IReadOnlyList<KVWrite> Writes)
{
    /// <summary>Place, transaction and collection; never a key or a value.</summary>
    public override string ToString() =>
        $"{TransactionId} ({Code}) wrote {Writes.Count} keys to {Chaincode}/{Collection}";
}
