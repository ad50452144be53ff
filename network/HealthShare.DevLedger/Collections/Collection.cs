using System.Collections.Frozen;
using HealthShare.DevLedger.State;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Fabric.Protocol.Policies;

namespace HealthShare.DevLedger.Collections;

/// <summary>A private data collection: who has its values, who may ask for them, and for how long.</summary>
internal sealed class Collection
{
    private readonly FrozenSet<string> members;
    private readonly IChannelPolicy? access;

    private Collection(string chaincode, string name, IEnumerable<string> members, IChannelPolicy? access)
    {
        (Chaincode, Name, this.access) = (chaincode, name, access);
        this.members = members.ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>The chaincode whose collection it is.</summary>
    public string Chaincode { get; }

    public string Name { get; }

    /// <summary>Blocks that are added before a value goes; 0 for never.</summary>
    public ulong BlockToLive { get; private init; }

    /// <summary>Peers of other members that must be there when a value is endorsed.</summary>
    public int RequiredPeerCount { get; private init; }

    public bool MemberOnlyRead { get; private init; }

    public bool MemberOnlyWrite { get; private init; }

    /// <summary>A collection that a chaincode's definition names.</summary>
    public static Collection Of(string chaincode, StaticCollectionConfig config) => new(
        chaincode, config.Name, MembersOf(config.MemberOrgsPolicy.SignaturePolicy), new SignatureRule(config.MemberOrgsPolicy.SignaturePolicy))
    {
        BlockToLive = config.BlockToLive,
        RequiredPeerCount = config.RequiredPeerCount,
        MemberOnlyRead = config.MemberOnlyRead,
        MemberOnlyWrite = config.MemberOnlyWrite,
    };

    /// <summary>The collection that an organization has in every chaincode.</summary>
    public static Collection Implicit(string chaincode, string mspId) => new(chaincode, ImplicitCollection.Of(mspId), [mspId], access: null);

    /// <summary>The organizations that a policy names.</summary>
    public static IEnumerable<string> MembersOf(SignaturePolicyEnvelope policy) =>
        policy.Identities.Select(identity => MSPRole.Parser.ParseFrom(identity.Principal).MspIdentifier).Distinct();

    /// <summary>Whether an organization's peer has the values.</summary>
    public bool HasMember(string mspId) => members.Contains(mspId);

    /// <summary>Whether an identity is one of a member, as the collection's policy has it.</summary>
    public bool Admits(MspIdentity identity) => access?.IsSatisfiedBy([identity]) ?? members.Contains(identity.MspId);

    /// <summary>The block whose commit ends the time of what a block wrote; null where nothing ends it.</summary>
    public ulong? ExpiryOf(ulong written) =>
        BlockToLive == 0 || written + BlockToLive + 1 <= written ? null : written + BlockToLive + 1;
}
