using Google.Protobuf;
using HealthShare.Fabric.Protocol.Common;
using PolicyType = HealthShare.Fabric.Protocol.Common.Policy.Types.PolicyType;
using Role = HealthShare.Fabric.Protocol.Common.MSPRole.Types.MSPRoleType;
using Rule = HealthShare.Fabric.Protocol.Common.ImplicitMetaPolicy.Types.Rule;

namespace HealthShare.DevLedger.Network;

/// <summary>The policies of a channel's configuration.</summary>
internal static class ConfigPolicies
{
    /// <summary>Name of the policy that guards changes.</summary>
    public const string Admins = "Admins";

    public static ConfigGroup Group() => new() { ModPolicy = Admins };

    /// <summary>Adds Readers, Writers and Admins that ask the groups below.</summary>
    public static void AddImplicit(ConfigGroup group)
    {
        Add(group, "Readers", Implicit(Rule.Any, "Readers"));
        Add(group, "Writers", Implicit(Rule.Any, "Writers"));
        Add(group, Admins, Implicit(Rule.Majority, Admins));
    }

    public static void Add(ConfigGroup group, string name, Policy policy) =>
        group.Policies[name] = new ConfigPolicy { Policy = policy, ModPolicy = Admins };

    public static Policy Implicit(Rule rule, string subPolicy) => new()
    {
        Type = (int)PolicyType.ImplicitMeta,
        Value = new ImplicitMetaPolicy { Rule = rule, SubPolicy = subPolicy }.ToByteString(),
    };

    /// <summary>One signature of the organization in any of the roles.</summary>
    public static Policy AnyOf(string mspId, params ReadOnlySpan<Role> roles)
    {
        var choice = new SignaturePolicy.Types.NOutOf { N = 1 };
        var envelope = new SignaturePolicyEnvelope { Rule = new SignaturePolicy { NOutOf = choice } };
        foreach (var role in roles)
        {
            choice.Rules.Add(new SignaturePolicy { SignedBy = envelope.Identities.Count });
            envelope.Identities.Add(new MSPPrincipal
            {
                PrincipalClassification = MSPPrincipal.Types.Classification.Role,
                Principal = new MSPRole { MspIdentifier = mspId, Role = role }.ToByteString(),
            });
        }
        return new Policy { Type = (int)PolicyType.Signature, Value = envelope.ToByteString() };
    }
}
