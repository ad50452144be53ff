using HealthShare.DevLedger.Collections;
using HealthShare.DevLedger.State;
using HealthShare.Fabric.Protocol.Ledger.RwSet;
using HealthShare.Fabric.Protocol.Msp;

namespace HealthShare.DevLedger.Endorsement;

/// <summary>Hands private values on to other members' peers, which are all there: only their number can be too small.</summary>
internal sealed class Distribution(ChannelCollections collections, IReadOnlyList<MspIdentity> peers)
{
    /// <summary>Why values cannot be handed on, in a peer's words; null where they can.</summary>
    /// <param name="values">Values of an endorsed transaction.</param>
    /// <param name="self">The endorser, which has them already.</param>
    /// <param name="state">The state that the transaction was executed against.</param>
    public string? Fault(TxPvtReadWriteSet values, MspIdentity self, WorldState state)
    {
        foreach (var ns in values.NsPvtRwset)
        {
            foreach (var name in ns.CollectionPvtRwset.Select(set => set.CollectionName))
            {
                var collection = collections.Find(state, ns.Namespace, name)!; // it was written to a moment ago
                var eligible = peers.Count(peer => peer.Key != self.Key && collection.Admits(peer));
                if (eligible < collection.RequiredPeerCount)
                    return $"could not build private data dissemination plan for chaincode {ns.Namespace} and collection {name}: " +
                        $"required to disseminate to at least {collection.RequiredPeerCount} peers, but know of only {eligible} eligible peers";
            }
        }
        return null;
    }
}
