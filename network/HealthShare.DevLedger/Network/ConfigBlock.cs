using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Orderer;
using static HealthShare.DevLedger.Network.ConfigPolicies;

namespace HealthShare.DevLedger.Network;

/// <summary>
/// The channel's configuration, as the first block of a Fabric channel holds it: members with their roots, policies,
/// capabilities and the settings of ordering.
/// </summary>
internal static class ConfigBlock
{
    private const int MessageVersion = 1;

    /// <summary>The envelope of block 0. Like a real one it has no creator and no signature.</summary>
    public static Envelope Create(
        string channel, OrganizationMaterial orderer, IReadOnlyList<OrganizationMaterial> organizations, BatchOptions batch,
        DateTimeOffset now)
    {
        var nonce = TransactionId.NewNonce();
        var header = new Header
        {
            ChannelHeader = new ChannelHeader
            {
                Type = (int)HeaderType.Config,
                Version = MessageVersion,
                ChannelId = channel,
                Timestamp = Timestamp.FromDateTimeOffset(now),
                TxId = TransactionId.Compute(nonce, ByteString.Empty),
            }.ToByteString(),
            SignatureHeader = new SignatureHeader { Nonce = nonce }.ToByteString(),
        };
        var config = new Config { ChannelGroup = Channel(orderer, organizations, batch) };
        return new Envelope
        {
            Payload = new Payload { Header = header, Data = new ConfigEnvelope { Config = config }.ToByteString() }.ToByteString(),
        };
    }

    private static ConfigGroup Channel(
        OrganizationMaterial orderer, IReadOnlyList<OrganizationMaterial> organizations, BatchOptions batch)
    {
        var group = Group();
        Set(group, "HashingAlgorithm", new HashingAlgorithm { Name = "SHA256" });
        Set(group, "BlockDataHashingStructure", new BlockDataHashingStructure { Width = uint.MaxValue });
        Set(group, "Capabilities", Capability("V2_0"));
        AddImplicit(group);
        group.Groups["Orderer"] = Orderer(orderer, batch);
        group.Groups["Application"] = Application(organizations);
        return group;
    }

    private static ConfigGroup Orderer(OrganizationMaterial orderer, BatchOptions batch)
    {
        var group = Group();
        // One process orders and says so: no cluster is described.
        Set(group, "ConsensusType", new ConsensusType { Type = "solo" });
        Set(group, "BatchSize", new BatchSize
        {
            MaxMessageCount = (uint)batch.MaxMessageCount,
            AbsoluteMaxBytes = (uint)batch.AbsoluteMaxBytes,
            PreferredMaxBytes = (uint)batch.PreferredMaxBytes,
        });
        // Fabric knows no time-out of zero.
        Set(group, "BatchTimeout", new BatchTimeout { Timeout = $"{Math.Max(1, (long)batch.Timeout.TotalMilliseconds)}ms" });
        Set(group, "ChannelRestrictions", new ChannelRestrictions());
        Set(group, "Capabilities", Capability("V2_0"));
        AddImplicit(group);
        Add(group, "BlockValidation", Implicit(ImplicitMetaPolicy.Types.Rule.Any, "Writers"));

        var organization = Organization(orderer);
        Add(organization, "Readers", AnyOf(orderer.MspId, MSPRole.Types.MSPRoleType.Member));
        Add(organization, "Writers", AnyOf(orderer.MspId, MSPRole.Types.MSPRoleType.Member));
        Add(organization, "Admins", AnyOf(orderer.MspId, MSPRole.Types.MSPRoleType.Admin));
        group.Groups[orderer.MspId] = organization;
        return group;
    }

    private static ConfigGroup Application(IReadOnlyList<OrganizationMaterial> organizations)
    {
        var group = Group();
        Set(group, "Capabilities", Capability("V2_5"));
        AddImplicit(group);
        Add(group, "LifecycleEndorsement", Implicit(ImplicitMetaPolicy.Types.Rule.Majority, "Endorsement"));
        Add(group, "Endorsement", Implicit(ImplicitMetaPolicy.Types.Rule.Majority, "Endorsement"));
        foreach (var material in organizations)
            group.Groups[material.MspId] = Member(material);
        return group;
    }

    /// <summary>A member of the channel with its roots and policies.</summary>
    public static ConfigGroup Member(OrganizationMaterial material)
    {
        var organization = Organization(material);
        Add(organization, "Readers", AnyOf(
            material.MspId, MSPRole.Types.MSPRoleType.Admin, MSPRole.Types.MSPRoleType.Peer, MSPRole.Types.MSPRoleType.Client));
        Add(organization, "Writers", AnyOf(
            material.MspId, MSPRole.Types.MSPRoleType.Admin, MSPRole.Types.MSPRoleType.Client));
        Add(organization, "Admins", AnyOf(material.MspId, MSPRole.Types.MSPRoleType.Admin));
        Add(organization, "Endorsement", AnyOf(material.MspId, MSPRole.Types.MSPRoleType.Peer));
        return organization;
    }

    private static ConfigGroup Organization(OrganizationMaterial material)
    {
        var ca = ByteString.CopyFromUtf8(material.Ca.Certificate);
        var msp = new FabricMSPConfig
        {
            Name = material.MspId,
            CryptoConfig = new FabricCryptoConfig { SignatureHashFamily = "SHA2", IdentityIdentifierHashFunction = "SHA256" },
            FabricNodeOus = new FabricNodeOUs
            {
                Enable = true,
                ClientOuIdentifier = Unit("client"),
                PeerOuIdentifier = Unit("peer"),
                AdminOuIdentifier = Unit("admin"),
                OrdererOuIdentifier = Unit("orderer"),
            },
        };
        msp.RootCerts.Add(ca);
        msp.TlsRootCerts.Add(ByteString.CopyFromUtf8(material.TlsCa.Certificate));
        var group = Group();
        Set(group, "MSP", new MSPConfig { Config = msp.ToByteString() });
        return group;

        FabricOUIdentifier Unit(string name) => new() { Certificate = ca, OrganizationalUnitIdentifier = name };
    }

    private static Capabilities Capability(string name)
    {
        var capabilities = new Capabilities();
        capabilities.Capabilities_.Add(name, new Capability());
        return capabilities;
    }

    private static void Set(ConfigGroup group, string name, IMessage value) =>
        group.Values[name] = new ConfigValue { Value = value.ToByteString(), ModPolicy = Admins };
}
