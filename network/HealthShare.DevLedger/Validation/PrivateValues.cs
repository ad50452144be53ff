using HealthShare.DevLedger.State;
using HealthShare.Fabric.Protocol.Ledger.RwSet;

namespace HealthShare.DevLedger.Validation;

/// <summary>Compares private values with the hashes that a transaction carries of them.</summary>
internal static class PrivateValues
{
    /// <summary>Whether the values are exactly those whose hashes the set holds.</summary>
    public static bool Match(ReadWriteSet set, TxPvtReadWriteSet? values)
    {
        var expected = set.Namespaces.SelectMany(ns => ns.Collections
            .Where(collection => !collection.PrivateHash.IsEmpty)
            .Select(collection => (ns.Name, Collection: collection.Name, Hash: collection.PrivateHash)));
        var actual = (values?.NsPvtRwset ?? []).SelectMany(ns => ns.CollectionPvtRwset
            .Select(collection => (Name: ns.Namespace, Collection: collection.CollectionName, Hash: KeyHash.Of(collection.Rwset))));
        return expected.ToHashSet().SetEquals(actual);
    }
}
