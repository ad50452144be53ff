using System.Collections.Frozen;
using HealthShare.DevLedger.State;

namespace HealthShare.DevLedger.Collections;

/// <summary>All collections of a channel: those of chaincode definitions, and the implicit one of each organization.</summary>
internal sealed class ChannelCollections(IEnumerable<string> mspIds)
{
    private readonly FrozenSet<string> mspIds = mspIds.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>A collection by its name; null where there is no such one.</summary>
    public Collection? Find(WorldState state, string chaincode, string name)
    {
        if (!ImplicitCollection.TryGetOwner(name, out var owner))
            return DefinedCollections.In(state).Find(chaincode, name);
        return mspIds.Contains(owner) ? Collection.Implicit(chaincode, owner) : null;
    }
}
