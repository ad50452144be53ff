using System.Security.Cryptography;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;

namespace HealthShare.Node.ReadModel;

/// <summary>Checks that a block continues the chain and takes the chaincode's public writes out of it.</summary>
internal static class BlockReader
{
    /// <summary>Checks number, hash of the previous block and hash of the data.</summary>
    /// <exception cref="ChainBrokenException">The block does not continue the chain.</exception>
    public static BlockView Check(Block block, ulong expected, ReadOnlySpan<byte> previousHash)
    {
        var view = new BlockView(block);
        if (view.Number != expected)
            throw new ChainBrokenException($"block {view.Number} came where block {expected} was due");
        if (expected > 0 && !view.Header.PreviousHash.Span.SequenceEqual(previousHash))
            throw new ChainBrokenException($"block {expected} does not name the hash of block {expected - 1}");
        if (!BlockHashes.DataHash(block.Data ?? new BlockData()).Equals(view.Header.DataHash))
            throw new ChainBrokenException($"the data of block {expected} does not have the hash in its header");
        return view;
    }

    /// <summary>The block's header and its transactions.</summary>
    public static BlockFacts FactsOf(BlockView block) => new(
        block.Header.PreviousHash.ToByteArray(), block.Header.DataHash.ToByteArray(), block.Hash.ToByteArray(),
        [
            .. block.Transactions.Select(transaction => new TransactionFacts(transaction.Index, IdOf(transaction), transaction.ValidationCode,
                SHA256.HashData(block.Block.Data.Data[transaction.Index].Span))),
        ])
    {
        NewestAt = block.Transactions.Where(transaction => transaction.IsValid).Max(TimeOf),
    };

    // Peers ask of a time only that it is there: a number that makes none must not stop the copy here, where it is only shown.
    private static DateTimeOffset? TimeOf(TransactionView transaction)
    {
        try
        {
            return transaction.Timestamp;
        }
        catch (FabricDataException)
        {
            return null;
        }
    }

    // What peers found invalid need not even be readable.
    private static string IdOf(TransactionView transaction)
    {
        try
        {
            return transaction.Id;
        }
        catch (FabricDataException) when (!transaction.IsValid)
        {
            return "";
        }
    }

    /// <summary>Public writes of valid transactions to one chaincode's state, in their order.</summary>
    /// <exception cref="FabricDataException">A transaction that peers hold for valid cannot be read.</exception>
    public static List<StateWrite> WritesOf(BlockView block, string chaincode)
    {
        var changes = new List<StateWrite>();
        foreach (var transaction in block.Transactions)
        {
            // Whatever a transaction announces, only what valid ones wrote counts.
            if (!transaction.IsValid || transaction.Type is not HeaderType.EndorserTransaction)
                continue;
            var writes = transaction.Endorsed.RwSets.Where(set => set.Name == chaincode).SelectMany(set => set.Public.Writes);
            foreach (var write in writes)
            {
                if (LedgerKey.TryParse(write.Key, out var kind, out var parts))
                {
                    // A peer takes an empty value for a deletion.
                    var removes = write.IsDelete || write.Value.IsEmpty;
                    changes.Add(new StateWrite(write.Key, kind, parts, removes ? default(ReadOnlyMemory<byte>?) : write.Value.Memory,
                        transaction.Id, transaction.CreatorMspId));
                }
            }
        }
        return changes;
    }
}

/// <summary>The blocks that the peer gives are not one chain, or hold what they must not; somebody must look before the copy goes on.</summary>
internal sealed class ChainBrokenException(string message) : Exception(message);
