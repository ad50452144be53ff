using Google.Protobuf;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Fabric.Protocol.Peer.Lifecycle;
using HealthShare.Fabric.Protocol.Policies;

namespace HealthShare.Fabric.Client.Verification;

/// <summary>
/// Who must endorse what, by the chaincode definitions that Fabric's lifecycle keeps on the ledger and by the channel's
/// configuration.
/// </summary>
internal sealed class ChaincodeDefinitions(WorldState state)
{
    /// <summary>Namespace of the lifecycle's own state.</summary>
    public const string Namespace = "_lifecycle";

    private const string LifecyclePolicy = "/Channel/Application/LifecycleEndorsement";

    /// <summary>The policy for a namespace; null for one without a definition.</summary>
    /// <exception cref="FabricDataException">The definition or its policy cannot be read.</exception>
    public IChannelPolicy? PolicyOf(string name, ChannelConfig config)
    {
        if (name == Namespace)
            return config.Policies.Find(LifecyclePolicy) ?? MajorityOfMembers(config);
        if (Field(name, "ValidationInfo") is not { } value)
            return null;
        var info = ChaincodeValidationInfo.Parser.Read(value, "chaincode's validation info");
        if (info.ValidationPlugin.Length == 0 || info.ValidationParameter.IsEmpty)
            return null;
        if (info.ValidationPlugin != "vscc")
            throw new NotSupportedException($"the chaincode '{name}' is validated by a plugin of its own");
        return Read(info.ValidationParameter, config);
    }

    /// <summary>The policy for a private collection; null where the chaincode's own holds.</summary>
    /// <exception cref="FabricDataException">The policy cannot be read.</exception>
    /// <exception cref="RefusedException">There is no such collection or no such member.</exception>
    public IChannelPolicy? PolicyOf(string name, CollectionRwSet collection, ChannelConfig config)
    {
        if (collection.ImplicitOwner is { } owner)
        {
            var organization = config.Organizations.FirstOrDefault(entry => entry.Msp.MspId == owner)
                ?? throw new RefusedException(TxValidationCode.EndorsementPolicyFailure, "it writes to a collection of no member");
            return config.Policies.Find($"/Channel/Application/{organization.Name}/Endorsement")
                ?? new SignatureRule(SignaturePolicyParser.Parse($"OR('{owner}.member')"));
        }
        var definition = Collection(name, collection.Name)
            ?? throw new RefusedException(TxValidationCode.EndorsementPolicyFailure, "it writes to a collection without a definition");
        return definition.EndorsementPolicy is { } policy ? Policy(policy, config) : null;
    }

    /// <summary>Whether the keys of a collection expire by themselves.</summary>
    public bool Expires(string name, string collection) =>
        !collection.StartsWith(CollectionRwSet.ImplicitPrefix, StringComparison.Ordinal)
        && Collection(name, collection) is not { BlockToLive: 0 };

    /// <summary>Reads an application's policy: a signature policy or a reference into the configuration.</summary>
    /// <exception cref="FabricDataException">It cannot be read.</exception>
    public static IChannelPolicy Read(ByteString policy, ChannelConfig config) =>
        Policy(ApplicationPolicy.Parser.Read(policy, "endorsement policy"), config);

    private static IChannelPolicy Policy(ApplicationPolicy policy, ChannelConfig config) => policy.TypeCase switch
    {
        ApplicationPolicy.TypeOneofCase.SignaturePolicy => new SignatureRule(policy.SignaturePolicy),
        ApplicationPolicy.TypeOneofCase.ChannelConfigPolicyReference =>
            config.Policies.Find(policy.ChannelConfigPolicyReference)
            ?? throw new FabricDataException("The endorsement policy refers to a policy that the channel does not have."),
        _ => throw new FabricDataException("The endorsement policy is empty."),
    };

    private static SignatureRule MajorityOfMembers(ChannelConfig config)
    {
        var members = config.Organizations.Select(organization => $"'{organization.Msp.MspId}.member'").ToList();
        return new SignatureRule(SignaturePolicyParser.Parse($"OutOf({(members.Count / 2) + 1}, {string.Join(", ", members)})"));
    }

    private StaticCollectionConfig? Collection(string name, string collection) => Field(name, "Collections") is { } value
        ? CollectionConfigPackage.Parser.Read(value, "chaincode's collections").Config
            .Select(entry => entry.StaticCollectionConfig).FirstOrDefault(entry => entry?.Name == collection)
        : null;

    private ByteString? Field(string name, string field)
    {
        // A chaincode is defined once its metadata stand, whatever fields are there.
        if (state.Find(Namespace, $"namespaces/metadata/{name}") is null
            || state.Find(Namespace, $"namespaces/fields/{name}/{field}")?.Value is not { } value)
            return null;
        return StateData.Parser.Read(value, "chaincode definition").Bytes;
    }
}
