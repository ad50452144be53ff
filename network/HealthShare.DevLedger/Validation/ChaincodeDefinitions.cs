using System.Collections.Concurrent;
using System.Collections.Frozen;
using HealthShare.DevLedger.Collections;
using HealthShare.DevLedger.State;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Fabric.Protocol.Peer.Lifecycle;
using HealthShare.Fabric.Protocol.Policies;

namespace HealthShare.DevLedger.Validation;

/// <summary>A chaincode as the channel has agreed on it.</summary>
/// <param name="Version">Version that endorsers put into their answers.</param>
/// <param name="Endorsement">Who must endorse writes to its public keys.</param>
internal sealed record ChaincodeDefinition(string Version, IChannelPolicy Endorsement)
{
    /// <summary>Whether a call that initializes it must come before any other, once for each version.</summary>
    public bool InitRequired { get; init; }

    /// <summary>Who must endorse writes to those of its collections that say so themselves.</summary>
    public FrozenDictionary<string, IChannelPolicy> OfCollections { get; init; } = FrozenDictionary<string, IChannelPolicy>.Empty;
}

/// <summary>Reads chaincode definitions and the policies they name from the world state.</summary>
internal sealed class ChaincodeDefinitions(ChannelConfig config)
{
    private const string LifecyclePolicy = "/Channel/Application/LifecycleEndorsement";
    private readonly ConcurrentDictionary<(string Name, StateVersion Version), ChaincodeDefinition> read = new();

    /// <summary>The channel's collections.</summary>
    public ChannelCollections Collections { get; } = new(config.Organizations.Select(organization => organization.Msp.MspId));

    /// <summary>The definition in force, or null where the chaincode is not defined.</summary>
    /// <exception cref="FabricDataException">The state holds a definition that cannot be read.</exception>
    public ChaincodeDefinition? Find(WorldState state, string name)
    {
        if (name == Lifecycle.Namespace)
            return new ChaincodeDefinition(Lifecycle.Version, Policy(LifecyclePolicy));
        var space = state.Space(SpaceName.Public(Lifecycle.Namespace));
        return space.Get(Lifecycle.SequenceKey(name)) is { } sequence
            ? read.GetOrAdd((name, sequence.Version), _ => Read(space, name))
            : null;
    }

    /// <summary>Who must endorse writes to a collection, or null where there is no such collection.</summary>
    public IChannelPolicy? OfCollection(WorldState state, string chaincode, string collection)
    {
        if (!ImplicitCollection.TryGetOwner(collection, out var owner))
            return DefinedCollections.In(state).Find(chaincode, collection) is not null && Find(state, chaincode) is { } definition
                ? definition.OfCollections.GetValueOrDefault(collection, definition.Endorsement)
                : null;
        return config.Organizations.FirstOrDefault(organization => organization.Msp.MspId == owner) is { } organization
            ? config.Policies.Find($"/Channel/Application/{organization.Name}/Endorsement")
            : null;
    }

    private ChaincodeDefinition Read(StateSpace space, string name)
    {
        var endorsement = ChaincodeEndorsementInfo.Parser.Read(Field("EndorsementInfo").Bytes, $"endorsement info of '{name}'");
        var validation = ChaincodeValidationInfo.Parser.Read(Field("ValidationInfo").Bytes, $"validation info of '{name}'");
        var policy = ApplicationPolicy.Parser.Read(validation.ValidationParameter, $"endorsement policy of '{name}'");
        return new ChaincodeDefinition(endorsement.Version, Policy(policy, name))
        {
            InitRequired = endorsement.InitRequired,
            OfCollections = DefinedCollections.Package(space, name).Config.Select(collection => collection.StaticCollectionConfig)
                .Where(collection => collection.EndorsementPolicy is not null)
                .ToFrozenDictionary(collection => collection.Name, collection => Policy(collection.EndorsementPolicy, collection.Name)),
        };

        StateData Field(string field) => space.Get(Lifecycle.FieldKey(name, field)) is { } entry
            ? StateData.Parser.Read(entry.Value, $"{field} of '{name}'")
            : throw new FabricDataException($"The definition of '{name}' has no {field}.");
    }

    private IChannelPolicy Policy(ApplicationPolicy policy, string name) => policy.TypeCase switch
    {
        ApplicationPolicy.TypeOneofCase.SignaturePolicy => new SignatureRule(policy.SignaturePolicy),
        ApplicationPolicy.TypeOneofCase.ChannelConfigPolicyReference => Policy(policy.ChannelConfigPolicyReference),
        _ => throw new FabricDataException($"The endorsement policy of '{name}' is empty."),
    };

    private IChannelPolicy Policy(string reference) => config.Policies.Find(reference)
        ?? throw new FabricDataException($"The channel has no policy '{reference}'.");
}
