using System.Collections.Frozen;
using HealthShare.DevLedger.State;

namespace HealthShare.DevLedger.Simulation;

/// <summary>Organizations of the channel: whose implicit collections exist.</summary>
internal sealed class ChannelMembers(IEnumerable<string> mspIds)
{
    private readonly FrozenSet<string> mspIds = mspIds.ToFrozenSet(StringComparer.Ordinal);

    public bool Contains(string mspId) => mspIds.Contains(mspId);

    /// <summary>The organization that owns a collection.</summary>
    /// <exception cref="SimulationException">No such collection is defined.</exception>
    public string OwnerOf(string chaincode, string collection) =>
        ImplicitCollection.TryGetOwner(collection, out var owner) && mspIds.Contains(owner)
            ? owner
            : throw new SimulationException(
                $"collection [{collection}] not defined in the collection config for chaincode [{chaincode}]");
}
