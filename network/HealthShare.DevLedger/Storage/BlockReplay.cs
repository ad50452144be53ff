using Google.Protobuf;
using HealthShare.DevLedger.Collections;
using HealthShare.DevLedger.State;
using HealthShare.DevLedger.Validation;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Ledger.RwSet;

namespace HealthShare.DevLedger.Storage;

/// <summary>Applies a stored block to the state again, checking that it is the one that was committed.</summary>
internal sealed class BlockReplay(Block block, WorldState before, ByteString commitHash, BlockHeader? previous)
{
    /// <summary>Index of a peer's commit hash in a block's metadata.</summary>
    public const int CommitHashIndex = 4;

    private readonly ulong number = block.Header.Number;

    /// <summary>The state after the block, once it was replayed.</summary>
    public WorldState After { get; private set; } = WorldState.Empty;

    /// <summary>A block's own commit hash; empty in block 0.</summary>
    public static ByteString CommitHashOf(Block block) => block.Metadata.Metadata.Count > CommitHashIndex
        ? Metadata.Parser.ParseFrom(block.Metadata.Metadata[CommitHashIndex]).Value
        : ByteString.Empty;

    /// <summary>Replays the block.</summary>
    /// <param name="values">Its private values by position of the transaction.</param>
    /// <param name="purges">Account of values that are no longer there.</param>
    /// <returns>Its transactions; null for configuration and for what could not be read.</returns>
    /// <exception cref="LedgerCorruptException">A hash does not fit, or private values are missing.</exception>
    public IReadOnlyList<EndorserTransaction?> Run(IReadOnlyDictionary<ulong, TxPvtReadWriteSet> values, PurgeLedger purges)
    {
        var expectedPrevious = previous is null ? ByteString.Empty : BlockHashes.HeaderHash(previous);
        if (block.Header.PreviousHash != expectedPrevious)
            throw Corrupt("does not follow the block before it");
        if (block.Header.DataHash != BlockHashes.DataHash(block.Data))
            throw Corrupt("holds other transactions than its header says");
        try
        {
            return Apply(values, purges);
        }
        catch (Exception e) when (e is InvalidDataException or InvalidProtocolBufferException or FabricDataException)
        {
            throw new LedgerCorruptException($"Block {number} cannot be read: {e.Message}", e);
        }
    }

    private EndorserTransaction?[] Apply(IReadOnlyDictionary<ulong, TxPvtReadWriteSet> values, PurgeLedger purges)
    {
        var view = new BlockView(block);
        var state = new BlockState(before, number);
        var transactions = new EndorserTransaction?[view.Transactions.Count];
        var defined = DefinedCollections.In(before);
        foreach (var transaction in view.Transactions)
        {
            var own = values.GetValueOrDefault((ulong)transaction.Index);
            if (transaction.IsValid ? transaction.Type is not HeaderType.EndorserTransaction : own is null)
                continue; // an invalid one matters only where values were kept of it
            var read = EndorserTransaction.ReadValid(block.Data.Data[transaction.Index]);
            if (!purges.Add(read.Set, own, new StateVersion(number, (ulong)transaction.Index), transaction.IsValid, defined))
                throw Corrupt($"has a transaction ({transaction.Index}) whose private values are missing or not those that were endorsed");
            if (!transaction.IsValid)
                continue;
            transactions[transaction.Index] = read;
            state.Apply(read.Set, own, transaction.Index);
        }
        After = state.Current;
        if (number > 0)
        {
            var expected = CommitHash.Of(view.ValidationFlags.Span, state.Writes, commitHash.Span);
            if (!CommitHashOf(block).Span.SequenceEqual(expected))
                throw Corrupt("was committed with other validation flags or another state");
        }
        return transactions;
    }

    private LedgerCorruptException Corrupt(string reason) => new($"Block {number} {reason}.");
}
