using Google.Protobuf;
using HealthShare.DevLedger.Collections;
using HealthShare.DevLedger.State;
using HealthShare.DevLedger.Validation;
using HealthShare.Fabric.Protocol.Ledger.KvRwSet;
using HealthShare.Fabric.Protocol.Ledger.RwSet;

namespace HealthShare.DevLedger.Storage;

/// <summary>
/// Keeps account, while blocks are replayed, of private values that are not there: each must be one that a later transaction
/// purged, or one whose time was over at the chain's height.
/// </summary>
internal sealed class PurgeLedger(ulong height)
{
    private readonly Dictionary<(string Chaincode, string Collection, ByteString KeyHash), List<StateVersion>> missing = [];
    private readonly List<PurgedKey> purged = [];

    /// <summary>All keys that were purged so far.</summary>
    public IReadOnlyList<PurgedKey> Purged => purged;

    /// <summary>A value that is missing and was not purged, or null.</summary>
    public StateVersion? FirstMissing => missing.Values.SelectMany(versions => versions)
        .Select(version => (StateVersion?)version).OrderBy(version => version!.Value.Block).FirstOrDefault();

    /// <summary>Takes a transaction's values; what is missing has to be purged by a later one, or by itself.</summary>
    /// <param name="set">The transaction's public set.</param>
    /// <param name="values">Its private values as they are kept.</param>
    /// <param name="version">Where it stands.</param>
    /// <param name="valid">Whether it is valid: of an invalid one there need not be any values, and it purges nothing.</param>
    /// <param name="defined">Collections that were defined before its block.</param>
    /// <returns>False where values are there that were not endorsed, or a whole collection is not there.</returns>
    public bool Add(ReadWriteSet set, TxPvtReadWriteSet? values, StateVersion version, bool valid, DefinedCollections defined)
    {
        var kept = (values?.NsPvtRwset ?? []).SelectMany(ns => ns.CollectionPvtRwset.Select(
            collection => (Key: (ns.Namespace, collection.CollectionName), collection.Rwset))).ToDictionary(pair => pair.Key, pair => pair.Rwset);
        foreach (var ns in set.Namespaces)
        {
            foreach (var collection in ns.Collections.Where(collection => !collection.PrivateHash.IsEmpty))
            {
                if (!kept.Remove((ns.Name, collection.Name), out var rwset))
                {
                    if (valid && !Expiry.IsOver(defined, height, ns.Name, collection.Name, version.Block))
                        return false;
                    continue;
                }
                if (KeyHash.Of(rwset) != collection.PrivateHash && !NoteMissing(ns.Name, collection, KVRWSet.Parser.ParseFrom(rwset), version))
                    return false;
            }
        }
        if (valid)
        {
            foreach (var key in PurgedKey.Of(set, version))
                Settle(key);
        }
        return kept.Count == 0;
    }

    private bool NoteMissing(string chaincode, CollectionReadWriteSet collection, KVRWSet kept, StateVersion version)
    {
        var there = kept.Writes.ToDictionary(write => KeyHash.Of(write.Key), ValueHash);
        foreach (var write in collection.Set.HashedWrites)
        {
            if (there.Remove(write.KeyHash, out var hash))
            {
                if (hash != (write.IsDelete ? ByteString.Empty : write.ValueHash))
                    return false;
                continue;
            }
            var key = (chaincode, collection.Name, write.KeyHash);
            if (!missing.TryGetValue(key, out var versions))
                missing.Add(key, versions = []);
            versions.Add(version);
        }
        return there.Count == 0;
    }

    private void Settle(PurgedKey key)
    {
        purged.Add(key);
        var name = (key.Chaincode, key.Collection, key.KeyHash);
        if (missing.TryGetValue(name, out var versions) && versions.RemoveAll(key.Covers) > 0 && versions.Count == 0)
            missing.Remove(name);
    }

    private static ByteString ValueHash(KVWrite write) =>
        write.IsDelete || write.Value.IsEmpty ? ByteString.Empty : KeyHash.Of(write.Value);
}
