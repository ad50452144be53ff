using HealthShare.DevLedger.State;
using HealthShare.DevLedger.Validation;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Ledger.KvRwSet;
using HealthShare.Fabric.Protocol.Ledger.RwSet;

namespace HealthShare.DevLedger.Collections;

/// <summary>
/// Ends the time of private values. With a block's commit go, from the state, the values and hashes that were written so many
/// blocks before and not since; what a block writes is never among them. The block's own hashes do not tell of it.
/// </summary>
internal static class Expiry
{
    /// <summary>The state without what a block's commit ends the time of.</summary>
    /// <param name="after">The state with the block's writes.</param>
    /// <param name="read">Reads an earlier block.</param>
    /// <param name="readValues">Reads an earlier block's private values.</param>
    public static WorldState Apply(
        WorldState after, Func<ulong, Block> read, Func<ulong, IReadOnlyDictionary<ulong, TxPvtReadWriteSet>> readValues)
    {
        var number = after.Height - 1;
        var state = after;
        foreach (var due in DefinedCollections.In(after).Timed.Where(collection => number > collection.BlockToLive)
            .GroupBy(collection => number - collection.BlockToLive - 1))
        {
            var (block, values) = (read(due.Key), readValues(due.Key));
            foreach (var collection in due)
            {
                var hashed = SpaceName.Hashed(collection.Chaincode, collection.Name);
                var plain = SpaceName.Private(collection.Chaincode, collection.Name);
                foreach (var key in HashedKeys(block, collection))
                    state = Without(state, hashed, key, due.Key);
                foreach (var key in PlainKeys(values.Values, collection))
                    state = Without(state, plain, key, due.Key);
            }
        }
        return state;
    }

    /// <summary>Removes from a transaction's private values those whose time is over; true where there were any.</summary>
    /// <param name="values">Changed in place.</param>
    /// <param name="written">The transaction's block.</param>
    /// <param name="state">Definitions, and how far the chain has come.</param>
    public static bool Remove(TxPvtReadWriteSet values, ulong written, WorldState state)
    {
        var removed = false;
        foreach (var ns in values.NsPvtRwset)
        {
            for (var i = ns.CollectionPvtRwset.Count - 1; i >= 0; i--)
            {
                if (!IsOver(state, ns.Namespace, ns.CollectionPvtRwset[i].CollectionName, written))
                    continue;
                ns.CollectionPvtRwset.RemoveAt(i);
                removed = true;
            }
        }
        return removed;
    }

    /// <summary>Whether the time of a collection's values of a block is over.</summary>
    public static bool IsOver(WorldState state, string chaincode, string collection, ulong written) =>
        IsOver(DefinedCollections.In(state), state.Height, chaincode, collection, written);

    /// <inheritdoc cref="IsOver(WorldState, string, string, ulong)"/>
    public static bool IsOver(DefinedCollections defined, ulong height, string chaincode, string collection, ulong written) =>
        defined.Find(chaincode, collection)?.ExpiryOf(written) < height;

    private static WorldState Without(WorldState state, SpaceName space, string key, ulong written) =>
        state.Space(space).Get(key)?.Version.Block == written
            ? state.With(new StateWrite(space, key, Value: null, default))
            : state;

    private static IEnumerable<string> HashedKeys(Block block, Collection collection) => new BlockView(block).Transactions
        .Where(transaction => transaction.IsValid && transaction.Type is HeaderType.EndorserTransaction)
        .SelectMany(transaction => EndorserTransaction.ReadValid(block.Data.Data[transaction.Index]).Set.Namespaces)
        .Where(ns => ns.Name == collection.Chaincode)
        .SelectMany(ns => ns.Collections).Where(set => set.Name == collection.Name)
        .SelectMany(set => set.Set.HashedWrites.Select(write => write.KeyHash).Concat(set.Set.MetadataWrites.Select(write => write.KeyHash)))
        .Select(KeyHash.Name);

    private static IEnumerable<string> PlainKeys(IEnumerable<TxPvtReadWriteSet> values, Collection collection) => values
        .SelectMany(set => set.NsPvtRwset).Where(ns => ns.Namespace == collection.Chaincode)
        .SelectMany(ns => ns.CollectionPvtRwset).Where(set => set.CollectionName == collection.Name)
        .Select(set => KVRWSet.Parser.ParseFrom(set.Rwset))
        .SelectMany(set => set.Writes.Select(write => write.Key).Concat(set.MetadataWrites.Select(write => write.Key)));
}
