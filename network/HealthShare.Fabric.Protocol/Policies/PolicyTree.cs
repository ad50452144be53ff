using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Msp;

namespace HealthShare.Fabric.Protocol.Policies;

/// <summary>The policies of a channel's configuration, by group.</summary>
public sealed class PolicyTree
{
    private const int DeepestNesting = 16;
    private readonly string path;
    private readonly Dictionary<string, PolicyTree> groups = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IChannelPolicy> policies = new(StringComparer.Ordinal);

    private PolicyTree(string path, ConfigGroup group, int depth)
    {
        if (depth > DeepestNesting)
            throw new FabricDataException($"The channel's configuration nests deeper than {DeepestNesting}.");
        this.path = path;
        foreach (var (name, inner) in group.Groups)
            groups[name] = new PolicyTree($"{path}/{name}", inner, depth + 1);
        foreach (var (name, entry) in group.Policies)
            policies[name] = Read($"{path}/{name}", entry.Policy);
    }

    /// <summary>Reads the policies of the channel's root group.</summary>
    /// <exception cref="FabricDataException">A policy cannot be read.</exception>
    public static PolicyTree Of(ConfigGroup channelGroup) => new("/Channel", channelGroup, 0);

    /// <summary>Finds a policy.</summary>
    /// <param name="reference">
    /// An absolute path such as <c>/Channel/Application/Endorsement</c>, or one below this group (<c>Application/Endorsement</c>).
    /// </param>
    /// <returns>The policy, or null where a peer would refuse everything for lack of one.</returns>
    public IChannelPolicy? Find(string reference)
    {
        var parts = reference.Split('/');
        if (reference.StartsWith('/'))
            return parts.Length > 2 && $"/{parts[1]}" == path ? FindBelow(parts.AsSpan(2)) : null;
        return FindBelow(parts);
    }

    private IChannelPolicy? FindBelow(ReadOnlySpan<string> parts) => parts.Length == 1
        ? policies.GetValueOrDefault(parts[0])
        : groups.GetValueOrDefault(parts[0])?.FindBelow(parts[1..]);

    private IChannelPolicy Read(string name, Policy? policy)
    {
        if (policy is null)
            throw new FabricDataException($"The policy {name} is empty.");
        return (Policy.Types.PolicyType)policy.Type switch
        {
            Policy.Types.PolicyType.Signature => SignatureRule.Read(policy.Value),
            Policy.Types.PolicyType.ImplicitMeta => new ImplicitMetaRule(
                ImplicitMetaPolicy.Parser.Read(policy.Value, "implicit meta policy"), this),
            _ => throw new FabricDataException($"The policy {name} is of an unknown kind ({policy.Type})."),
        };
    }

    /// <summary>A policy over the policies of the same name one level down: any, all, or more than half of them.</summary>
    private sealed class ImplicitMetaRule(ImplicitMetaPolicy policy, PolicyTree owner) : IChannelPolicy
    {
        private readonly string[] subPolicy = policy.SubPolicy.Split('/');

        public bool IsSatisfiedBy(IReadOnlyList<MspIdentity> signers)
        {
            var below = owner.groups.Values;
            if (below.Count == 0)
                return true; // nothing to ask, as on a real channel
            var needed = policy.Rule switch
            {
                ImplicitMetaPolicy.Types.Rule.Any => 1,
                ImplicitMetaPolicy.Types.Rule.All => below.Count,
                _ => (below.Count / 2) + 1,
            };
            var held = 0;
            foreach (var group in below)
            {
                if (group.FindBelow(subPolicy)?.IsSatisfiedBy(signers) == true && ++held >= needed)
                    return true;
            }
            return false;
        }
    }
}
