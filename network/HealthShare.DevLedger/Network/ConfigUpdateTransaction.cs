using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Msp;

namespace HealthShare.DevLedger.Network;

/// <summary>
/// Changes the channel's configuration as Fabric does: an update that says what it builds on and what it changes, signed by
/// administrators, and the configuration that the ordering service makes of it.
/// </summary>
internal static class ConfigUpdateTransaction
{
    private const int MessageVersion = 1;
    private const string Application = "Application";

    /// <summary>The configuration transaction that makes an organization a member.</summary>
    /// <param name="current">The configuration in force.</param>
    /// <param name="added">The new member's certificates.</param>
    /// <param name="administrators">Who signs: administrators as the policy for changes of the members demands.</param>
    /// <param name="orderer">Who signs the resulting configuration.</param>
    /// <param name="now">Time of the transaction.</param>
    public static Envelope AddOrganization(
        ChannelConfig current, OrganizationMaterial added, IReadOnlyList<SigningIdentity> administrators, SigningIdentity orderer,
        DateTimeOffset now)
    {
        var members = current.RootGroup.Groups[Application];
        var group = ConfigBlock.Member(added);
        var update = new ConfigUpdate
        {
            ChannelId = current.ChannelId,
            ReadSet = Within(current.RootGroup, VersionsOf(members)),
            WriteSet = Within(current.RootGroup, Extended(VersionsOf(members), members, added.MspId, group)),
        }.ToByteString();
        var signed = new ConfigUpdateEnvelope { ConfigUpdate = update };
        signed.Signatures.Add(administrators.Select(administrator => Sign(administrator, update)));

        var root = current.RootGroup.Clone();
        Extended(root.Groups[Application], members, added.MspId, group);
        var result = new ConfigEnvelope
        {
            Config = new Config { Sequence = current.Sequence + 1, ChannelGroup = root },
            LastUpdate = Envelope(HeaderType.ConfigUpdate, current.ChannelId, signed, administrators[0], now),
        };
        return Envelope(HeaderType.Config, current.ChannelId, result, orderer, now);
    }

    /// <summary>The configuration that such a transaction brings.</summary>
    public static Config ConfigOf(Envelope configuration) =>
        ConfigEnvelope.Parser.ParseFrom(Payload.Parser.ParseFrom(configuration.Payload).Data).Config;

    // A set names the elements that the change is about, with their versions and, where they stay, without their contents.
    private static ConfigGroup VersionsOf(ConfigGroup group)
    {
        var versions = new ConfigGroup { Version = group.Version };
        foreach (var (name, value) in group.Values)
            versions.Values[name] = new ConfigValue { Version = value.Version };
        foreach (var (name, policy) in group.Policies)
            versions.Policies[name] = new ConfigPolicy { Version = policy.Version };
        foreach (var (name, inner) in group.Groups)
            versions.Groups[name] = new ConfigGroup { Version = inner.Version };
        return versions;
    }

    private static ConfigGroup Extended(ConfigGroup set, ConfigGroup members, string name, ConfigGroup group)
    {
        set.Version = members.Version + 1;
        set.ModPolicy = members.ModPolicy;
        set.Groups[name] = group;
        return set;
    }

    private static ConfigGroup Within(ConfigGroup root, ConfigGroup application)
    {
        var set = new ConfigGroup { Version = root.Version };
        set.Groups[Application] = application;
        return set;
    }

    private static ConfigSignature Sign(SigningIdentity administrator, ByteString update)
    {
        var header = new SignatureHeader { Creator = administrator.Creator, Nonce = TransactionId.NewNonce() }.ToByteString();
        return new ConfigSignature
        {
            SignatureHeader = header,
            Signature = ByteString.CopyFrom(administrator.Sign([.. header.Span, .. update.Span])),
        };
    }

    private static Envelope Envelope(HeaderType type, string channel, IMessage data, SigningIdentity signer, DateTimeOffset now)
    {
        var nonce = TransactionId.NewNonce();
        var header = new Header
        {
            ChannelHeader = new ChannelHeader
            {
                Type = (int)type,
                Version = MessageVersion,
                ChannelId = channel,
                Timestamp = Timestamp.FromDateTimeOffset(now),
                TxId = TransactionId.Compute(nonce, signer.Creator),
            }.ToByteString(),
            SignatureHeader = new SignatureHeader { Creator = signer.Creator, Nonce = nonce }.ToByteString(),
        };
        var payload = new Payload { Header = header, Data = data.ToByteString() }.ToByteString();
        return new Envelope { Payload = payload, Signature = ByteString.CopyFrom(signer.Sign(payload.Span)) };
    }
}
