using Google.Protobuf;
using HealthShare.DevLedger.State;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Policies;

namespace HealthShare.DevLedger.Validation;

/// <summary>The keys that a transaction writes, values and metadata alike, and the policies that stand beside them.</summary>
internal static class KeyPolicies
{
    /// <summary>Every key that is written in a name space of a chaincode, publicly and in collections.</summary>
    public static IEnumerable<(SpaceName Space, string Key)> Written(NamespaceReadWriteSet ns)
    {
        var name = SpaceName.Public(ns.Name);
        foreach (var key in ns.Set.Writes.Select(write => write.Key).Concat(ns.Set.MetadataWrites.Select(write => write.Key)))
            yield return (name, key);
        foreach (var collection in ns.Collections)
        {
            var hashed = SpaceName.Hashed(ns.Name, collection.Name);
            var keys = collection.Set.HashedWrites.Select(write => write.KeyHash)
                .Concat(collection.Set.MetadataWrites.Select(write => write.KeyHash));
            foreach (var key in keys)
                yield return (hashed, KeyHash.Name(key));
        }
    }

    /// <summary>A key's own policy in its serialized form; null where it has none.</summary>
    public static ByteString? Find(WorldState state, SpaceName space, string key) =>
        KeyMetadata.PolicyOf(state.Space(space).Get(key)?.Metadata);

    /// <summary>Reads a key's own policy; null where it is none.</summary>
    public static IChannelPolicy? Read(ByteString policy)
    {
        try
        {
            return SignatureRule.Read(policy);
        }
        catch (FabricDataException)
        {
            return null;
        }
    }
}

/// <summary>
/// Keys whose policies transactions of one block have changed: what comes behind in the same block and writes such a key was
/// endorsed under a policy that no longer holds, and no one can say what the new one would have asked for.
/// </summary>
internal sealed class KeyPolicyChanges
{
    private readonly HashSet<(SpaceName, string)> changed = [];

    /// <summary>Whether a transaction writes a key whose policy changed before it in the block.</summary>
    public bool Affect(ReadWriteSet set) =>
        changed.Count > 0 && set.Namespaces.SelectMany(KeyPolicies.Written).Any(changed.Contains);

    /// <summary>Notes what a transaction, whose endorsements are in order, changes.</summary>
    public void Add(ReadWriteSet set)
    {
        foreach (var ns in set.Namespaces)
        {
            foreach (var write in ns.Set.MetadataWrites)
                changed.Add((SpaceName.Public(ns.Name), write.Key));
            foreach (var collection in ns.Collections)
            {
                foreach (var write in collection.Set.MetadataWrites)
                    changed.Add((SpaceName.Hashed(ns.Name, collection.Name), KeyHash.Name(write.KeyHash)));
            }
        }
    }
}
