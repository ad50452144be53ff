using HealthShare.DevLedger.State;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Policies;

namespace HealthShare.DevLedger.Validation;

/// <summary>
/// The policies that a transaction's endorsers must satisfy together: the chaincode's own for public writes (and where nothing
/// is written), and for each implicit collection written to its organization's.
/// </summary>
internal static class RequiredEndorsements
{
    /// <summary>The policies, or null where something is written that nobody could endorse.</summary>
    public static IReadOnlyList<IChannelPolicy>? Of(
        string chaincode, ReadWriteSet set, WorldState state, ChaincodeDefinitions definitions)
    {
        List<IChannelPolicy> policies = [];
        var invoked = set.Namespaces.FirstOrDefault(ns => ns.Name == chaincode);
        if (invoked is null && !Add(chaincode))
            return null;
        foreach (var ns in set.Namespaces.Where(ns => ns.Writes || ns == invoked))
        {
            if ((ns.WritesPublicly || !ns.Writes) && !Add(ns.Name))
                return null;
            foreach (var collection in ns.Collections.Where(collection => collection.Set.HashedWrites.Count > 0))
            {
                if (definitions.OfCollection(collection.Name) is not { } policy)
                    return null;
                policies.Add(policy);
            }
        }
        return policies;

        bool Add(string name)
        {
            if (definitions.Find(state, name)?.Endorsement is not { } policy)
                return false;
            policies.Add(policy);
            return true;
        }
    }

    /// <summary>Whether these signers satisfy all of the policies.</summary>
    public static bool AreMetBy(this IReadOnlyList<IChannelPolicy> policies, IReadOnlyList<MspIdentity> signers) =>
        policies.All(policy => policy.IsSatisfiedBy(signers));
}
