using Google.Protobuf;
using HealthShare.Fabric.Protocol.Ledger.KvRwSet;
using HealthShare.Fabric.Protocol.Ledger.RwSet;

namespace HealthShare.DevLedger.Validation;

/// <summary>Hashed reads and writes of one collection.</summary>
internal sealed record CollectionReadWriteSet(string Name, HashedRWSet Set, ByteString PrivateHash)
{
    /// <summary>Whether anything is written here, values or what is kept beside them.</summary>
    public bool Writes => Set.HashedWrites.Count > 0 || Set.MetadataWrites.Count > 0;
}

/// <summary>Reads and writes of one chaincode.</summary>
internal sealed record NamespaceReadWriteSet(string Name, KVRWSet Set, IReadOnlyList<CollectionReadWriteSet> Collections)
{
    /// <summary>Whether anything is written here, values or what is kept beside them, publicly or privately.</summary>
    public bool Writes => Set.Writes.Count > 0 || Set.MetadataWrites.Count > 0
        || Collections.Any(collection => collection.Writes);
}

/// <summary>A transaction's read-write set, unpacked.</summary>
internal sealed record ReadWriteSet(IReadOnlyList<NamespaceReadWriteSet> Namespaces)
{
    /// <exception cref="InvalidProtocolBufferException">The bytes are no read-write set.</exception>
    public static ReadWriteSet Parse(ByteString results) => From(TxReadWriteSet.Parser.ParseFrom(results.Span));

    /// <inheritdoc cref="Parse"/>
    public static ReadWriteSet From(TxReadWriteSet set) => new([.. set.NsRwset.Select(ns => new NamespaceReadWriteSet(
        ns.Namespace,
        KVRWSet.Parser.ParseFrom(ns.Rwset.Span),
        [.. ns.CollectionHashedRwset.Select(collection => new CollectionReadWriteSet(
            collection.CollectionName, HashedRWSet.Parser.ParseFrom(collection.HashedRwset.Span), collection.PvtRwsetHash))]))]);

    /// <summary>Whether private values belong to this set.</summary>
    public bool HasPrivateValues => Namespaces.Any(ns => ns.Collections.Any(collection => !collection.PrivateHash.IsEmpty));
}
