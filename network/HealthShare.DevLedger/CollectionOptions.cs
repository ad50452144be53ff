using HealthShare.DevLedger.Collections;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Fabric.Protocol.Policies;

namespace HealthShare.DevLedger;

/// <summary>
/// A private data collection of a chaincode. Names and defaults are those of the files that a peer's command line takes with
/// <c>--collections-config</c>. Each organization's implicit collection is there without being named.
/// </summary>
public sealed record CollectionOptions
{
    /// <summary>Name: letters, digits, dashes and underscores, not beginning with an underscore.</summary>
    public required string Name { get; init; }

    /// <summary>Members, such as <c>OR('NorthMSP.member', 'SouthMSP.member')</c>: alternatives only, all of them of the channel.</summary>
    public required string Policy { get; init; }

    /// <summary>Peers of other members that must be there to take a value when it is endorsed, at least 0. Default 0.</summary>
    public int RequiredPeerCount { get; init; }

    /// <summary>
    /// Peers of other members that an endorser hands a value to, at least <see cref="RequiredPeerCount"/>. Default 1. Here every
    /// member's peer has the value at its commit, as it has in the end on a network.
    /// </summary>
    public int MaxPeerCount { get; init; } = 1;

    /// <summary>Blocks that are added before a value and its hash go; 0 (the default) keeps them for ever. Fixed once defined.</summary>
    public ulong BlockToLive { get; init; }

    /// <summary>Whether only clients of members may read values. Default false: the chaincode decides.</summary>
    public bool MemberOnlyRead { get; init; }

    /// <summary>Whether only clients of members may write values. Default false: the chaincode decides.</summary>
    public bool MemberOnlyWrite { get; init; }

    /// <summary>Who must endorse writes. Null (the default): whoever the chaincode's own policy names.</summary>
    public CollectionEndorsementPolicy? EndorsementPolicy { get; init; }

    /// <summary>Reads a file of collections: a JSON array, as a peer's command line takes it.</summary>
    /// <exception cref="ArgumentException">It cannot be read, or it is none; the message names it and what is wrong.</exception>
    public static IReadOnlyList<CollectionOptions> ReadFile(string path) => CollectionFile.Read(path);

    /// <summary>What is wrong with it, in a peer's words.</summary>
    internal IEnumerable<string> Problems(IReadOnlyList<OrganizationOptions> organizations)
    {
        if (Name is not { Length: > 0 } || Name[0] == '_' || !Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            yield return $"invalid collection name '{Name}'. Names can only consist of alphanumerics, '_', and '-' and cannot begin with '_'";
        if (MaxPeerCount < RequiredPeerCount)
            yield return Of($"maximum peer count ({MaxPeerCount}) cannot be less than the required peer count ({RequiredPeerCount})");
        if (RequiredPeerCount < 0)
            yield return Of($"requiredPeerCount ({RequiredPeerCount}) cannot be less than zero");
        foreach (var problem in MemberProblems(organizations))
            yield return problem;
        if (EndorsementPolicy is { SignaturePolicy.Length: > 0, ChannelConfigPolicy.Length: > 0 })
            yield return Of("cannot specify both a signature policy and a channel config policy");
        else if (EndorsementPolicy is { SignaturePolicy: { Length: > 0 } text } && Parse(text, out var fault) is null)
            yield return Of($"invalid signature policy: {text}: {fault}");
    }

    /// <summary>The collection as a chaincode definition holds it.</summary>
    internal CollectionConfig ToConfig() => new()
    {
        StaticCollectionConfig = new StaticCollectionConfig
        {
            Name = Name,
            MemberOrgsPolicy = new CollectionPolicyConfig { SignaturePolicy = SignaturePolicyParser.Parse(Policy) },
            RequiredPeerCount = RequiredPeerCount,
            MaximumPeerCount = MaxPeerCount,
            BlockToLive = BlockToLive,
            MemberOnlyRead = MemberOnlyRead,
            MemberOnlyWrite = MemberOnlyWrite,
            EndorsementPolicy = EndorsementPolicy switch
            {
                { SignaturePolicy: { Length: > 0 } text } => new ApplicationPolicy { SignaturePolicy = SignaturePolicyParser.Parse(text) },
                { ChannelConfigPolicy: { Length: > 0 } path } => new ApplicationPolicy { ChannelConfigPolicyReference = path },
                _ => null,
            },
        },
    };

    private IEnumerable<string> MemberProblems(IReadOnlyList<OrganizationOptions> organizations)
    {
        if (Parse(Policy, out var fault) is not { } members)
        {
            yield return Of($"invalid policy {Policy}: {fault}");
            yield break;
        }
        if (RequiredOf(members.Rule) is { } required)
            yield return Of($"error in member org policy: signature policy is not an OR concatenation, NOutOf {required}");
        foreach (var stranger in Collection.MembersOf(members).Except(organizations.Select(organization => organization.MspId)))
            yield return Of($"collection member '{stranger}' is not part of the channel");
    }

    private string Of(string problem) => $"collection-name: {Name} -- {problem}";

    // How many of its parts a rule asks for where that is not one of them.
    private static int? RequiredOf(SignaturePolicy rule) => rule.NOutOf is not { } gate ? null
        : gate.N != 1 ? gate.N
        : gate.Rules.Select(RequiredOf).FirstOrDefault(required => required is not null);

    private static SignaturePolicyEnvelope? Parse(string policy, out string fault)
    {
        fault = "";
        try
        {
            return SignaturePolicyParser.Parse(policy);
        }
        catch (FabricDataException e)
        {
            fault = e.Message;
            return null;
        }
    }
}

/// <summary>Who must endorse writes to a collection: one of the two.</summary>
public sealed record CollectionEndorsementPolicy
{
    /// <summary>A policy of its own, such as <c>OR('NorthMSP.peer')</c>.</summary>
    public string? SignaturePolicy { get; init; }

    /// <summary>A policy of the channel's configuration, such as <c>/Channel/Application/Endorsement</c>.</summary>
    public string? ChannelConfigPolicy { get; init; }
}
