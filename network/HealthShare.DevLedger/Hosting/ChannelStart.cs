using Google.Protobuf;
using HealthShare.DevLedger.Endorsement;
using HealthShare.DevLedger.Network;
using HealthShare.DevLedger.Ordering;
using HealthShare.DevLedger.Storage;
using HealthShare.Fabric.Protocol.Ledger;

namespace HealthShare.DevLedger.Hosting;

/// <summary>Brings a channel into the shape that the options describe: makes it, or checks that it is the same one.</summary>
internal static class ChannelStart
{
    /// <summary>Who the members are: those that the options name, and those that joined the channel later.</summary>
    public static IReadOnlyList<OrganizationOptions> Members(
        ChannelLedger ledger, DevLedgerOptions options, IReadOnlyList<OrganizationOptions> added)
    {
        if (ledger.Height == 0)
            return options.Organizations;
        var joined = ConfigurationOf(ledger).Organizations.Select(organization => organization.Msp.MspId)
            .Except(options.Organizations.Select(organization => organization.MspId)).ToHashSet(StringComparer.Ordinal);
        return [.. options.Organizations, .. added.Where(organization => joined.Contains(organization.MspId))];
    }

    /// <summary>The channel's configuration in force; block 0 is made where there is none.</summary>
    /// <exception cref="InvalidOperationException">The state directory holds another channel.</exception>
    public static ChannelConfig Configure(
        ChannelLedger ledger, DevLedgerOptions options, OrganizationMaterial orderer,
        IReadOnlyList<OrganizationMaterial> organizations, DateTimeOffset now)
    {
        if (ledger.Height == 0)
        {
            var envelope = ConfigBlock.Create(options.Channel, orderer, organizations, options.Batch, now);
            var genesis = BlockCommitter.Genesis(envelope);
            ledger.Append(genesis, [null], new Dictionary<int, Fabric.Protocol.Ledger.RwSet.TxPvtReadWriteSet>(),
                ledger.State with { Height = 1 });
        }
        var config = ConfigurationOf(ledger);
        RequireChannel(config, options);
        RequireSame(config.Organizations, organizations);
        RequireSame(config.OrdererOrganizations, [orderer]);
        return config;
    }

    /// <summary>Defines chaincodes that are not defined as the options say.</summary>
    /// <param name="ledger">State with the definitions in force.</param>
    /// <param name="committer">Commits what is needed, in one block.</param>
    /// <param name="channel">Name of the channel.</param>
    /// <param name="chaincodes">What is to be defined.</param>
    /// <param name="members">All members; the first one's administrator signs.</param>
    /// <param name="peers">Their peers, which endorse.</param>
    /// <param name="now">Time of the transactions.</param>
    /// <exception cref="ArgumentException">A policy of the channel is named that it does not have.</exception>
    /// <exception cref="InvalidOperationException">Collections that exist are left out or changed.</exception>
    public static void Define(
        ChannelLedger ledger, BlockCommitter committer, string channel, IReadOnlyList<ChaincodeOptions> chaincodes,
        IReadOnlyList<Member> members, IReadOnlyList<Endorser> peers, DateTimeOffset now)
    {
        RequirePolicies(ConfigurationOf(ledger), chaincodes);
        using var signer = members[0].Material.User("Admin");
        List<string> endorsing = [.. members.Where(member => member.Options.Endorses).Select(member => member.Options.MspId)];
        List<OrderedTransaction> definitions = [.. chaincodes
            .Select(chaincode => DefinitionTransaction.For(chaincode, channel, ledger.State, signer, peers, endorsing, now))
            .OfType<Fabric.Protocol.Common.Envelope>().Select(envelope => new OrderedTransaction(envelope.ToByteString()))];
        if (definitions.Count == 0)
            return;
        var refused = new BlockView(committer.Commit(definitions)).Transactions.FirstOrDefault(transaction => !transaction.IsValid);
        if (refused is not null)
            throw new InvalidOperationException($"A chaincode could not be defined: {refused.ValidationCode}.");
    }

    private static void RequirePolicies(ChannelConfig config, IReadOnlyList<ChaincodeOptions> chaincodes)
    {
        foreach (var collection in chaincodes.SelectMany(chaincode => chaincode.Collections ?? []))
        {
            if (collection.EndorsementPolicy?.ChannelConfigPolicy is { Length: > 0 } path && config.Policies.Find(path) is null)
                throw new ArgumentException($"collection-name: {collection.Name} -- the channel has no policy '{path}'.");
        }
    }

    private static ChannelConfig ConfigurationOf(ChannelLedger ledger) => ChannelConfig.FromBlock(ledger.Read(ledger.LastConfig));

    private static void RequireChannel(ChannelConfig config, DevLedgerOptions options)
    {
        if (config.ChannelId != options.Channel)
            throw Different($"is of the channel '{config.ChannelId}', not '{options.Channel}'");
    }

    private static void RequireSame(IReadOnlyCollection<ChannelOrganization> configured, IReadOnlyList<OrganizationMaterial> wanted)
    {
        var known = configured.ToDictionary(organization => organization.Msp.MspId, StringComparer.Ordinal);
        if (known.Count != wanted.Count || wanted.Any(material => !known.ContainsKey(material.MspId)))
            throw Different($"has the organizations {string.Join(", ", known.Keys.Order(StringComparer.Ordinal))}, " +
                $"not {string.Join(", ", wanted.Select(material => material.MspId).Order(StringComparer.Ordinal))}");
        foreach (var material in wanted)
        {
            if (!known[material.MspId].Msp.RootCertificates.Contains(ByteString.CopyFromUtf8(material.Ca.Certificate)))
                throw Different($"was made with another authority of {material.MspId} than the one whose key is kept beside it");
        }
    }

    private static InvalidOperationException Different(string how) =>
        new($"The state directory {how}. Use another directory, or empty it to begin anew.");
}
