using Google.Protobuf;
using HealthShare.DevLedger.State;
using HealthShare.Fabric.Protocol.Ledger.KvRwSet;
using HealthShare.Fabric.Protocol.Ledger.RwSet;

namespace HealthShare.DevLedger.Simulation;

/// <summary>
/// Collects what a simulation reads and writes and lays it out as Fabric does (sorted by key, last write wins, private data
/// as hashes), so that endorsers of one proposal agree byte for byte.
/// </summary>
internal sealed class ReadWriteSetBuilder
{
    private sealed class Namespace
    {
        public ByKey<KVRead> Reads { get; } = new();
        public ByKey<KVWrite> Writes { get; } = new();
        public ByKey<KVMetadataWrite> MetadataWrites { get; } = new();
        public List<RangeQueryInfo> Ranges { get; } = [];
        public ByKey<Collection> Collections { get; } = new();
    }

    private sealed class Collection
    {
        public ByKey<KVReadHash> HashedReads { get; } = new();
        public ByKey<KVWriteHash> HashedWrites { get; } = new();
        public ByKey<KVMetadataWriteHash> HashedMetadataWrites { get; } = new();
        public ByKey<KVWrite> PrivateWrites { get; } = new();
        public ByKey<KVMetadataWrite> PrivateMetadataWrites { get; } = new();
    }

    private readonly ByKey<Namespace> namespaces = new();

    /// <summary>Whether anything was written to a collection.</summary>
    public bool WritesPrivately { get; private set; }

    public void AddRead(string ns, string key, StateVersion? version) =>
        Of(ns).Reads[key] = new KVRead { Key = key, Version = version?.ToMessage() };

    public void AddWrite(string ns, string key, ByteString? value) => Of(ns).Writes[key] = Write(key, value);

    /// <summary>Replaces what is kept beside a key's value; the last replacement counts.</summary>
    public void AddMetadataWrite(string ns, string key, IEnumerable<KVMetadataEntry> entries) =>
        Of(ns).MetadataWrites[key] = new KVMetadataWrite { Key = key, Entries = { entries } };

    /// <summary>Keeps one entry for each start, end and exhaustion, as a peer does.</summary>
    public void AddRange(string ns, RangeQueryInfo range)
    {
        var known = Of(ns).Ranges;
        if (!known.Exists(r => r.StartKey == range.StartKey && r.EndKey == range.EndKey && r.ItrExhausted == range.ItrExhausted))
            known.Add(range);
    }

    public void AddHashedRead(string ns, string collection, string key, StateVersion? version) =>
        Of(ns, collection).HashedReads[key] = new KVReadHash { KeyHash = KeyHash.Of(key), Version = version?.ToMessage() };

    /// <summary>Writes a private value; null removes it, and with <paramref name="purge"/> its past values, too.</summary>
    public void AddPrivateWrite(string ns, string collection, string key, ByteString? value, bool purge = false)
    {
        WritesPrivately = true;
        var write = Write(key, value);
        var set = Of(ns, collection);
        set.PrivateWrites[key] = write;
        set.HashedWrites[key] = new KVWriteHash
        {
            KeyHash = KeyHash.Of(key),
            IsDelete = write.IsDelete,
            ValueHash = write.IsDelete ? ByteString.Empty : KeyHash.Of(write.Value),
            IsPurge = purge,
        };
    }

    /// <summary>Replaces what is kept beside a private key's hash; the values' part carries the key alone.</summary>
    public void AddPrivateMetadataWrite(string ns, string collection, string key, IEnumerable<KVMetadataEntry> entries)
    {
        WritesPrivately = true;
        var set = Of(ns, collection);
        set.PrivateMetadataWrites[key] = new KVMetadataWrite { Key = key };
        set.HashedMetadataWrites[key] = new KVMetadataWriteHash { KeyHash = KeyHash.Of(key), Entries = { entries } };
    }

    /// <summary>The public set with hashes, and the private values or null where there are none.</summary>
    public (TxReadWriteSet Public, TxPvtReadWriteSet? Private) Build()
    {
        var results = new TxReadWriteSet();
        var values = new TxPvtReadWriteSet();
        foreach (var (name, content) in namespaces.Entries)
        {
            var kv = new KVRWSet();
            kv.Reads.Add(content.Reads.Values);
            kv.RangeQueriesInfo.Add(content.Ranges);
            kv.Writes.Add(content.Writes.Values);
            kv.MetadataWrites.Add(content.MetadataWrites.Values);
            var ns = new NsReadWriteSet { Namespace = name, Rwset = kv.ToByteString() };
            var nsValues = new NsPvtReadWriteSet { Namespace = name };
            foreach (var (collection, set) in content.Collections.Entries)
                AddCollection(ns, nsValues, collection, set);
            results.NsRwset.Add(ns);
            if (nsValues.CollectionPvtRwset.Count > 0)
                values.NsPvtRwset.Add(nsValues);
        }
        return (results, values.NsPvtRwset.Count > 0 ? values : null);
    }

    private static void AddCollection(NsReadWriteSet ns, NsPvtReadWriteSet nsValues, string collection, Collection set)
    {
        var hashed = new HashedRWSet();
        hashed.HashedReads.Add(set.HashedReads.Values);
        hashed.HashedWrites.Add(set.HashedWrites.Values);
        hashed.MetadataWrites.Add(set.HashedMetadataWrites.Values);
        var entry = new CollectionHashedReadWriteSet { CollectionName = collection, HashedRwset = hashed.ToByteString() };
        if (set.PrivateWrites.Count > 0 || set.PrivateMetadataWrites.Count > 0)
        {
            var kv = new KVRWSet();
            kv.Writes.Add(set.PrivateWrites.Values);
            kv.MetadataWrites.Add(set.PrivateMetadataWrites.Values);
            var bytes = kv.ToByteString();
            entry.PvtRwsetHash = KeyHash.Of(bytes);
            nsValues.CollectionPvtRwset.Add(new CollectionPvtReadWriteSet { CollectionName = collection, Rwset = bytes });
        }
        ns.CollectionHashedRwset.Add(entry);
    }

    // Fabric takes an empty value for none: putting it removes the key.
    private static KVWrite Write(string key, ByteString? value) => value is null or { IsEmpty: true }
        ? new KVWrite { Key = key, IsDelete = true }
        : new KVWrite { Key = key, Value = value };

    private Namespace Of(string name)
    {
        if (!namespaces.TryGetValue(name, out var ns))
            namespaces[name] = ns = new Namespace();
        return ns;
    }

    private Collection Of(string name, string collection)
    {
        var collections = Of(name).Collections;
        if (!collections.TryGetValue(collection, out var set))
            collections[collection] = set = new Collection();
        return set;
    }
}
