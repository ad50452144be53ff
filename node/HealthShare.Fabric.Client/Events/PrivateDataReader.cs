using System.Security.Cryptography;
using Google.Protobuf;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Ledger.KvRwSet;
using HealthShare.Fabric.Protocol.Ledger.RwSet;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.Fabric.Client.Events;

/// <summary>Reads the private data that a peer sends beside a block, and holds each write against the block's hashes.</summary>
internal static class PrivateDataReader
{
    /// <exception cref="RpcException"><see cref="StatusCode.DataLoss"/>: the data is unreadable or not the block's.</exception>
    public static PrivateBlock Read(BlockAndPrivateData delivered)
    {
        var block = new BlockView(delivered.Block);
        var all = new List<PrivateWrites>();
        try
        {
            foreach (var (index, data) in delivered.PrivateDataMap.OrderBy(entry => entry.Key))
            {
                if (index >= (ulong)block.Transactions.Count)
                {
                    throw new FabricDataException($"Block {block.Number} has no transaction {index}.");
                }
                all.AddRange(Read(block.Transactions[(int)index], data));
            }
        }
        catch (FabricDataException e)
        {
            throw new RpcException(StatusCode.DataLoss, $"The private data of block {block.Number} is wrong: {e.Message}", inner: e);
        }
        return new PrivateBlock(delivered.Block, all);
    }

    private static IEnumerable<PrivateWrites> Read(TransactionView transaction, TxPvtReadWriteSet data)
    {
        foreach (var space in data.NsPvtRwset)
        {
            var hashed = transaction.Endorsed.RwSets.FirstOrDefault(set => set.Name == space.Namespace);
            foreach (var collection in space.CollectionPvtRwset)
            {
                var name = $"collection {collection.CollectionName} of transaction {transaction.Index}";
                var hashes = hashed?.Collections.FirstOrDefault(set => set.Name == collection.CollectionName)?.Hashed
                    ?? throw new FabricDataException($"The block does not know {name}.");
                var writes = KVRWSet.Parser.Read(collection.Rwset, name).Writes;
                // Write by write, since a peer leaves purged keys out and the hash of the whole no longer fits then.
                var known = hashes.HashedWrites.DistinctBy(write => write.KeyHash).ToDictionary(write => write.KeyHash);
                if (writes.Any(write => !known.TryGetValue(Hash(write.Key), out var hash) || !Fits(write, hash)))
                {
                    throw new FabricDataException($"A write to {name} has another hash than in the block.");
                }
                yield return new PrivateWrites(
                    transaction.Index, transaction.Id, transaction.ValidationCode, space.Namespace, collection.CollectionName,
                    [.. writes]);
            }
        }
    }

    private static bool Fits(KVWrite write, KVWriteHash hash) =>
        write.IsDelete == hash.IsDelete && (write.IsDelete || Hash(write.Value) == hash.ValueHash);

    private static ByteString Hash(string key) => Hash(ByteString.CopyFromUtf8(key));

    private static ByteString Hash(ByteString value) => UnsafeByteOperations.UnsafeWrap(SHA256.HashData(value.Span));
}
