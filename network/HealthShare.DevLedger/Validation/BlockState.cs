using Google.Protobuf;
using HealthShare.DevLedger.State;
using HealthShare.Fabric.Protocol.Ledger.KvRwSet;
using HealthShare.Fabric.Protocol.Ledger.RwSet;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.DevLedger.Validation;

/// <summary>
/// The world state while one block is committed: each transaction is checked against the state after those before it, then
/// its writes are added.
/// </summary>
internal sealed class BlockState(WorldState before, ulong number)
{
    private readonly Dictionary<(SpaceName Space, string Key), StateWrite> written = [];

    /// <summary>The state after the transactions applied so far.</summary>
    public WorldState Current { get; private set; } = before with { Height = number + 1 };

    /// <summary>The block's writes, the last one of each key.</summary>
    public IReadOnlyCollection<StateWrite> Writes => written.Values;

    /// <summary>Whether everything that was read still is as it was read.</summary>
    public TxValidationCode Check(ReadWriteSet set)
    {
        foreach (var ns in set.Namespaces)
        {
            if (!ns.Set.Reads.All(read => IsCurrent(SpaceName.Public(ns.Name), read.Key, StateVersion.From(read.Version))))
                return TxValidationCode.MvccReadConflict;
            if (!ns.Set.RangeQueriesInfo.All(range => IsCurrent(ns.Name, range)))
                return TxValidationCode.PhantomReadConflict;
            foreach (var collection in ns.Collections)
            {
                var space = SpaceName.Hashed(ns.Name, collection.Name);
                if (!collection.Set.HashedReads.All(
                        read => IsCurrent(space, KeyHash.Name(read.KeyHash), StateVersion.From(read.Version))))
                    return TxValidationCode.MvccReadConflict;
            }
        }
        return TxValidationCode.Valid;
    }

    /// <summary>Adds the writes of a valid transaction.</summary>
    /// <param name="set">Its public set.</param>
    /// <param name="values">Its private values, checked against the set's hashes by the caller; null where it has none.</param>
    /// <param name="transaction">Its position in the block.</param>
    public void Apply(ReadWriteSet set, TxPvtReadWriteSet? values, int transaction)
    {
        var version = new StateVersion(number, (ulong)transaction);
        foreach (var ns in set.Namespaces)
        {
            foreach (var write in ns.Set.Writes)
                Write(SpaceName.Public(ns.Name), write.Key, ValueOf(write), version);
            foreach (var collection in ns.Collections)
            {
                foreach (var write in collection.Set.HashedWrites)
                {
                    var hash = write.IsDelete || write.ValueHash.IsEmpty ? null : write.ValueHash;
                    Write(SpaceName.Hashed(ns.Name, collection.Name), KeyHash.Name(write.KeyHash), hash, version);
                }
            }
        }
        foreach (var ns in values?.NsPvtRwset ?? [])
        {
            foreach (var collection in ns.CollectionPvtRwset)
            {
                foreach (var write in KVRWSet.Parser.ParseFrom(collection.Rwset).Writes)
                    Write(SpaceName.Private(ns.Namespace, collection.CollectionName), write.Key, ValueOf(write), version);
            }
        }
    }

    private void Write(SpaceName space, string key, ByteString? value, StateVersion version)
    {
        var write = new StateWrite(space, key, value, version);
        written[(space, key)] = write;
        Current = Current.With(write);
    }

    private static ByteString? ValueOf(KVWrite write) => write.IsDelete || write.Value.IsEmpty ? null : write.Value;

    // A key touched by an earlier transaction of the block conflicts even where its absence did not change.
    private bool IsCurrent(SpaceName space, string key, StateVersion? version) =>
        !written.ContainsKey((space, key)) && Current.Space(space).Get(key)?.Version == version;

    private bool IsCurrent(string ns, RangeQueryInfo range)
    {
        // Only raw reads are ever endorsed here; a summary in their place cannot be confirmed.
        if (range.ReadsInfoCase is RangeQueryInfo.ReadsInfoOneofCase.ReadsMerkleHashes)
            return false;
        var now = Current.Space(SpaceName.Public(ns)).Range(range.StartKey, range.EndKey, includeEnd: !range.ItrExhausted);
        return now.Select(entry => (entry.Key, (StateVersion?)entry.Version))
            .SequenceEqual((range.RawReads?.KvReads ?? []).Select(read => (read.Key, StateVersion.From(read.Version))));
    }
}
