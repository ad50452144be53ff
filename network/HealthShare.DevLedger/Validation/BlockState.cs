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
            Apply(SpaceName.Public(ns.Name), version,
                ns.Set.Writes.Select(write => (write.Key, ValueOf(write))),
                ns.Set.MetadataWrites.Select(write => (write.Key, KeyMetadata.Of(write.Entries))));
            foreach (var collection in ns.Collections)
            {
                Apply(SpaceName.Hashed(ns.Name, collection.Name), version,
                    collection.Set.HashedWrites.Select(write => (KeyHash.Name(write.KeyHash), HashOf(write))),
                    collection.Set.MetadataWrites.Select(write => (KeyHash.Name(write.KeyHash), KeyMetadata.Of(write.Entries))));
            }
        }
        foreach (var ns in values?.NsPvtRwset ?? [])
        {
            foreach (var collection in ns.CollectionPvtRwset)
                ApplyPrivate(SpaceName.Private(ns.Namespace, collection.CollectionName), version, KVRWSet.Parser.ParseFrom(collection.Rwset));
        }
    }

    // A value without new metadata keeps what is beside it; metadata of a key that is not there has no effect.
    private void Apply(
        SpaceName space, StateVersion version, IEnumerable<(string Key, ByteString? Value)> writes,
        IEnumerable<(string Key, ByteString Metadata)> metadataWrites)
    {
        var metadata = metadataWrites.ToDictionary(write => write.Key, write => write.Metadata, StringComparer.Ordinal);
        foreach (var (key, value) in writes)
        {
            if (!metadata.Remove(key, out var beside))
                beside = Current.Space(space).Get(key)?.Metadata ?? ByteString.Empty;
            Write(new StateWrite(space, key, value, version) { Metadata = value is null ? ByteString.Empty : beside });
        }
        foreach (var (key, beside) in metadata)
        {
            if (Current.Space(space).Get(key) is { } entry)
                Write(new StateWrite(space, key, entry.Value, version) { Metadata = beside });
        }
    }

    // Metadata stands beside the hash only, but the value's version has to go on being the hash's.
    private void ApplyPrivate(SpaceName space, StateVersion version, KVRWSet set)
    {
        foreach (var write in set.Writes)
            Write(new StateWrite(space, write.Key, ValueOf(write), version));
        foreach (var key in set.MetadataWrites.Select(write => write.Key).Except(set.Writes.Select(write => write.Key)))
        {
            if (Current.Space(space).Get(key) is { } entry)
                Write(new StateWrite(space, key, entry.Value, version));
        }
    }

    private void Write(StateWrite write)
    {
        written[(write.Space, write.Key)] = write;
        Current = Current.With(write);
    }

    private static ByteString? HashOf(KVWriteHash write) => write.IsDelete || write.ValueHash.IsEmpty ? null : write.ValueHash;

    private static ByteString? ValueOf(KVWrite write) => write.IsDelete || write.Value.IsEmpty ? null : write.Value;

    // A key touched by an earlier transaction of the block conflicts even where its absence did not change.
    private bool IsCurrent(SpaceName space, string key, StateVersion? version) =>
        !written.ContainsKey((space, key)) && Current.Space(space).Get(key)?.Version == version;

    private bool IsCurrent(string ns, RangeQueryInfo range)
    {
        var now = Current.Space(SpaceName.Public(ns)).Range(range.StartKey, range.EndKey, includeEnd: !range.ItrExhausted);
        if (range.ReadsInfoCase is RangeQueryInfo.ReadsInfoOneofCase.ReadsMerkleHashes)
            return RangeSummary.Confirms(range.ReadsMerkleHashes, now);
        return now.Select(entry => (entry.Key, (StateVersion?)entry.Version))
            .SequenceEqual((range.RawReads?.KvReads ?? []).Select(read => (read.Key, StateVersion.From(read.Version))));
    }
}
