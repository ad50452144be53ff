using HealthShare.DevLedger.State;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Policies;

namespace HealthShare.DevLedger.Validation;

/// <summary>
/// The policies that a transaction's endorsers must satisfy together: for each key written its own where it has one, else its
/// collection's, else the chaincode's; and the chaincode's where nothing else was asked.
/// </summary>
internal static class RequiredEndorsements
{
    /// <summary>What a commit asks for, or null where something is written that nobody could endorse.</summary>
    public static IReadOnlyList<IChannelPolicy>? Of(
        string chaincode, ReadWriteSet set, WorldState state, ChaincodeDefinitions definitions)
    {
        var demands = new Demands(state, definitions);
        if (set.Namespaces.All(ns => ns.Name != chaincode))
            demands.AddChaincode(chaincode);
        foreach (var ns in set.Namespaces.Where(ns => ns.Writes || ns.Name == chaincode))
        {
            if (!ns.Writes)
                demands.AddChaincode(ns.Name);
            demands.AddWrites(ns);
        }
        return demands.Policies;
    }

    /// <summary>
    /// What a gateway asks endorsers for, which is more: a chaincode that was only read must endorse its reads, and so must a
    /// collection. Null where something is needed that nobody could endorse.
    /// </summary>
    public static IReadOnlyList<IChannelPolicy>? Interest(
        string chaincode, ReadWriteSet set, IEnumerable<(string Chaincode, string Collection)> privateReads, WorldState state,
        ChaincodeDefinitions definitions)
    {
        var demands = new Demands(state, definitions);
        foreach (var ns in set.Namespaces.Where(ns => !IsSystem(ns.Name)))
        {
            if (ns.Writes)
                demands.AddWrites(ns);
            else
                demands.AddChaincode(ns.Name);
        }
        foreach (var (owner, collection) in privateReads)
            demands.AddCollection(owner, collection);
        if (demands.Policies is { Count: 0 })
            demands.AddChaincode(chaincode);
        return demands.Policies;
    }

    /// <summary>
    /// Whether a key is written whose policy was set to nothing: a commit takes the chaincode's instead, but a gateway finds no
    /// one to ask, so the organizations have to be named.
    /// </summary>
    public static bool WritesUnderEmptyPolicy(ReadWriteSet set, WorldState state) => set.Namespaces.SelectMany(KeyPolicies.Written)
        .Any(key => state.Space(key.Space).Get(key.Key) is { Metadata.IsEmpty: false } entry
            && KeyMetadata.Entries(entry.Metadata).Any(metadata => metadata.Metakey == KeyMetadata.Policy && metadata.Value.IsEmpty));

    /// <summary>Whether these signers satisfy all of the policies.</summary>
    public static bool AreMetBy(this IReadOnlyList<IChannelPolicy> policies, IReadOnlyList<MspIdentity> signers) =>
        policies.All(policy => policy.IsSatisfiedBy(signers));

    private static bool IsSystem(string name) => name is Lifecycle.Namespace or "qscc" or "cscc" or "lscc";

    private sealed class Demands(WorldState state, ChaincodeDefinitions definitions)
    {
        private readonly List<IChannelPolicy> policies = [];
        private readonly HashSet<string> asked = new(StringComparer.Ordinal);
        private bool impossible;

        public IReadOnlyList<IChannelPolicy>? Policies => impossible ? null : policies;

        public void AddChaincode(string name)
        {
            if (asked.Add(name))
                Add(definitions.Find(state, name)?.Endorsement);
        }

        public void AddCollection(string chaincode, string name)
        {
            if (asked.Add($"{chaincode}/{name}")) // no chaincode's name holds a slash
                Add(definitions.OfCollection(state, chaincode, name));
        }

        public void AddWrites(NamespaceReadWriteSet ns)
        {
            foreach (var (space, key) in KeyPolicies.Written(ns))
            {
                if (KeyPolicies.Find(state, space, key) is { } policy)
                    Add(KeyPolicies.Read(policy));
                else if (space.Kind is SpaceKind.Public)
                    AddChaincode(ns.Name);
                else
                    AddCollection(ns.Name, space.Collection);
            }
        }

        private void Add(IChannelPolicy? policy)
        {
            if (policy is null)
                impossible = true;
            else if (!policies.Contains(policy)) // a collection may be under its chaincode's
                policies.Add(policy);
        }
    }
}
