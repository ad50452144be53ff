using System.Collections.Immutable;
using Google.Protobuf;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Orderer;
using HealthShare.Fabric.Protocol.Policies;

namespace HealthShare.Fabric.Protocol.Ledger;

/// <summary>The configuration of a channel as one config block sets it: members, orderers, policies, batches.</summary>
public sealed class ChannelConfig
{
    /// <summary>Path of the policy that says whose signature makes a block.</summary>
    public const string BlockValidationPolicy = "/Channel/Orderer/BlockValidation";

    private ChannelConfig(string channelId, Config config)
    {
        var root = config.ChannelGroup ?? throw new FabricDataException("The channel's configuration is empty.");
        ChannelId = channelId;
        RootGroup = root;
        Sequence = config.Sequence;
        Policies = PolicyTree.Of(root);
        Capabilities = CapabilitiesOf(root);
        if (root.Groups.TryGetValue("Application", out var application))
        {
            Organizations = OrganizationsOf(application);
            ApplicationCapabilities = CapabilitiesOf(application);
        }
        if (root.Groups.TryGetValue("Orderer", out var orderer))
        {
            OrdererOrganizations = OrganizationsOf(orderer);
            Batch = BatchOf(orderer);
            ConsensusType = Value(orderer, "ConsensusType", Orderer.ConsensusType.Parser)?.Type ?? "";
        }
        Identities = new MspDirectory(Organizations.Concat(OrdererOrganizations)
            .Select(organization => organization.Msp).DistinctBy(msp => msp.MspId));
    }

    /// <summary>Name of the channel.</summary>
    public string ChannelId { get; }

    /// <summary>How many times the configuration was changed.</summary>
    public ulong Sequence { get; }

    /// <summary>The configuration as it stands on the channel. Do not change it.</summary>
    public ConfigGroup RootGroup { get; }

    /// <summary>Members of the channel, those with peers.</summary>
    public ImmutableArray<ChannelOrganization> Organizations { get; } = [];

    /// <summary>Organizations that run orderers.</summary>
    public ImmutableArray<ChannelOrganization> OrdererOrganizations { get; } = [];

    /// <summary>Everyone's MSP; what tells whose a signature is.</summary>
    public MspDirectory Identities { get; }

    /// <summary>Policies by path, such as <see cref="BlockValidationPolicy"/>.</summary>
    public PolicyTree Policies { get; }

    /// <summary>When the orderer cuts a block; null where the configuration has no orderer.</summary>
    public BatchSettings? Batch { get; }

    /// <summary>How blocks are ordered, such as <c>etcdraft</c>; empty where the configuration does not say.</summary>
    public string ConsensusType { get; } = "";

    /// <summary>Capabilities of the channel, such as <c>V2_0</c>.</summary>
    public ImmutableHashSet<string> Capabilities { get; } = [];

    /// <summary>Capabilities of the applications, such as <c>V2_5</c>.</summary>
    public ImmutableHashSet<string> ApplicationCapabilities { get; } = [];

    /// <summary>Reads a config block: the genesis block or one that holds a configuration update.</summary>
    /// <exception cref="FabricDataException">The block is none, or its configuration cannot be read.</exception>
    public static ChannelConfig FromBlock(Block block) =>
        new BlockView(block).Transactions is [{ Type: HeaderType.Config } transaction]
            ? transaction.ReadConfig()
            : throw new FabricDataException($"Block {block.Header?.Number} holds no configuration.");

    /// <summary>Reads a configuration.</summary>
    /// <param name="channelId">Name of the channel.</param>
    /// <param name="config">The configuration of a config envelope.</param>
    /// <exception cref="FabricDataException">The configuration cannot be read.</exception>
    public static ChannelConfig FromConfig(string channelId, Config config) => new(channelId, config);

    private static ImmutableArray<ChannelOrganization> OrganizationsOf(ConfigGroup group) =>
    [
        .. group.Groups.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => new ChannelOrganization(
            entry.Key,
            FabricMsp.FromConfig(Value(entry.Value, "MSP", MSPConfig.Parser)
                ?? throw new FabricDataException($"The organization '{entry.Key}' has no MSP.")),
            [.. Value(entry.Value, "Endpoints", OrdererAddresses.Parser)?.Addresses ?? []])),
    ];

    private static ImmutableHashSet<string> CapabilitiesOf(ConfigGroup group) =>
        Value(group, "Capabilities", Common.Capabilities.Parser)?.Capabilities_.Keys.ToImmutableHashSet() ?? [];

    private static BatchSettings? BatchOf(ConfigGroup orderer) =>
        Value(orderer, "BatchSize", BatchSize.Parser) is { } size && Value(orderer, "BatchTimeout", BatchTimeout.Parser) is { } timeout
            ? new BatchSettings(size.MaxMessageCount, size.AbsoluteMaxBytes, size.PreferredMaxBytes, GoDuration.Read(timeout.Timeout))
            : null;

    private static T? Value<T>(ConfigGroup group, string name, MessageParser<T> parser) where T : class, IMessage<T> =>
        group.Values.TryGetValue(name, out var value) ? parser.Read(value.Value, $"configuration value '{name}'") : null;
}

/// <summary>An organization of the channel.</summary>
/// <param name="Name">Its name in the configuration, which may differ from the MSP id.</param>
/// <param name="Msp">Who belongs to it.</param>
/// <param name="OrdererEndpoints">Addresses of its orderers, <c>host:port</c>; empty for organizations without.</param>
public sealed record ChannelOrganization(string Name, FabricMsp Msp, ImmutableArray<string> OrdererEndpoints);

/// <summary>When the orderer cuts a block: whichever limit is met first.</summary>
/// <param name="MaxMessageCount">Most transactions in a block.</param>
/// <param name="AbsoluteMaxBytes">Largest block, in bytes of envelopes.</param>
/// <param name="PreferredMaxBytes">Size past which a block is cut, in bytes; one larger transaction gets a block of its own.</param>
/// <param name="Timeout">Longest wait after a block's first transaction.</param>
public sealed record BatchSettings(uint MaxMessageCount, uint AbsoluteMaxBytes, uint PreferredMaxBytes, TimeSpan Timeout);
