using Google.Protobuf;
using HealthShare.DevLedger.State;
using HealthShare.DevLedger.Validation;
using HealthShare.Fabric.Protocol.Ledger.KvRwSet;
using HealthShare.Fabric.Protocol.Ledger.RwSet;

namespace HealthShare.DevLedger.Storage;

/// <summary>A private key whose values, up to the transaction that purged it, must be nowhere any more.</summary>
internal sealed record PurgedKey(string Chaincode, string Collection, ByteString KeyHash, StateVersion Version)
{
    /// <summary>The keys that a valid transaction purges.</summary>
    public static IEnumerable<PurgedKey> Of(ReadWriteSet set, StateVersion version) => set.Namespaces.SelectMany(ns =>
        ns.Collections.SelectMany(collection => collection.Set.HashedWrites.Where(write => write.IsPurge)
            .Select(write => new PurgedKey(ns.Name, collection.Name, write.KeyHash, version))));

    /// <summary>Removes from a transaction's private values what these keys had at most at their versions.</summary>
    /// <param name="values">Changed in place; a collection stays, if need be without any write.</param>
    /// <param name="version">Where the transaction stands.</param>
    /// <param name="keys">The purged keys by chaincode, collection and hash.</param>
    /// <returns>Whether anything was removed.</returns>
    public static bool Remove(
        TxPvtReadWriteSet values, StateVersion version, ILookup<(string Chaincode, string Collection), PurgedKey> keys)
    {
        var removed = false;
        foreach (var ns in values.NsPvtRwset)
        {
            foreach (var collection in ns.CollectionPvtRwset)
            {
                var purged = keys[(ns.Namespace, collection.CollectionName)].Where(key => key.Covers(version))
                    .Select(key => key.KeyHash).ToHashSet();
                if (purged.Count == 0)
                    continue;
                var set = KVRWSet.Parser.ParseFrom(collection.Rwset);
                var kept = set.Writes.Where(write => !purged.Contains(State.KeyHash.Of(write.Key))).ToList();
                if (kept.Count == set.Writes.Count)
                    continue;
                set.Writes.Clear();
                set.Writes.Add(kept);
                collection.Rwset = set.ToByteString();
                removed = true;
            }
        }
        return removed;
    }

    /// <summary>Whether a value written at a version is one of those that must be gone.</summary>
    public bool Covers(StateVersion written) =>
        written.Block < Version.Block || (written.Block == Version.Block && written.Transaction <= Version.Transaction);
}
