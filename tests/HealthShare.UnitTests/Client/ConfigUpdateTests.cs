using Google.Protobuf;
using HealthShare.Fabric.Client.Verification;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.UnitTests.Support;

namespace HealthShare.UnitTests.Client;

/// <summary>Configuration updates of a real channel, and what an orderer could forge of them if only it were asked.</summary>
public sealed class ConfigUpdateTests
{
    private static readonly List<TransactionView> Updates =
    [
        .. FabricBlocks.ReadAll().Skip(1).SelectMany(block => new BlockView(block).Transactions)
            .Where(transaction => transaction.Type == HeaderType.Config),
    ];

    [Fact]
    public void Real_updates_follow_from_one_another()
    {
        Assert.Equal(2, Updates.Count);
        var config = ChannelConfig.FromBlock(FabricBlocks.Read(0));
        Assert.Equal(TimeSpan.FromMilliseconds(200), config.Batch!.Timeout);
        foreach (var update in Updates)
        {
            Assert.Null(ConfigUpdateCheck.Run(config, EnvelopeOf(update)));
            config = update.ReadConfig();
        }
        Assert.Equal(TimeSpan.FromMilliseconds(300), config.Batch!.Timeout);
        Assert.Equal(2UL, config.Sequence);
    }

    [Theory]
    [InlineData("unsigned", "may not change")]
    [InlineData("update changed", "may not change")]
    [InlineData("result changed", "not what its update makes")]
    [InlineData("member added", "not what its update makes")]
    [InlineData("sequence", "is configuration 7")]
    [InlineData("no update", "does not hold both")]
    [InlineData("replayed", "is configuration 1 where 2")]
    [InlineData("replayed with sequence", "takes the value /Channel/Orderer/BatchTimeout from version 1 to 1")]
    public void A_forged_configuration_is_refused(string forgery, string reason)
    {
        var config = ChannelConfig.FromBlock(FabricBlocks.Read(0));
        var envelope = EnvelopeOf(Updates[0]);
        switch (forgery)
        {
            case "unsigned":
                ChangeUpdate(update => update.Signatures.Clear());
                break;
            case "update changed":
                ChangeUpdate(update =>
                {
                    var content = ConfigUpdate.Parser.ParseFrom(update.ConfigUpdate);
                    content.WriteSet.Groups["Orderer"].Values["BatchTimeout"].ModPolicy = "Readers";
                    update.ConfigUpdate = content.ToByteString();
                });
                break;
            case "result changed":
                envelope.Config.ChannelGroup.Groups["Orderer"].Values["BatchSize"].Value = ByteString.CopyFrom(8, 1);
                break;
            case "member added":
                envelope.Config.ChannelGroup.Groups["Application"].Groups["Mallory"] =
                    envelope.Config.ChannelGroup.Groups["Application"].Groups["HospitalAMSP"].Clone();
                break;
            case "sequence":
                envelope.Config.Sequence = 7;
                break;
            case "no update":
                envelope.LastUpdate = null;
                break;
            default:
                config = Updates[0].ReadConfig();
                envelope.Config.Sequence = forgery == "replayed" ? envelope.Config.Sequence : config.Sequence + 1;
                break;
        }
        Assert.Contains(reason, ConfigUpdateCheck.Run(config, envelope), StringComparison.Ordinal);

        void ChangeUpdate(Action<ConfigUpdateEnvelope> change)
        {
            var payload = Payload.Parser.ParseFrom(envelope.LastUpdate.Payload);
            var update = ConfigUpdateEnvelope.Parser.ParseFrom(payload.Data);
            change(update);
            payload.Data = update.ToByteString();
            envelope.LastUpdate.Payload = payload.ToByteString();
        }
    }

    [Fact]
    public void A_member_s_administrator_may_not_change_the_orderers_settings()
    {
        // The second update is signed by a member's administrator for its own anchor peers; its signature is worth nothing elsewhere.
        var config = Updates[0].ReadConfig();
        var envelope = EnvelopeOf(Updates[1]);
        var payload = Payload.Parser.ParseFrom(envelope.LastUpdate.Payload);
        var update = ConfigUpdateEnvelope.Parser.ParseFrom(payload.Data);
        update.Signatures.Add(ConfigUpdateEnvelope.Parser.ParseFrom(
            Payload.Parser.ParseFrom(EnvelopeOf(Updates[0]).LastUpdate.Payload).Data).Signatures);
        update.Signatures.RemoveAt(0);
        payload.Data = update.ToByteString();
        envelope.LastUpdate.Payload = payload.ToByteString();
        Assert.Contains("may not change the value /Channel/Application/HospitalAMSP/AnchorPeers",
            ConfigUpdateCheck.Run(config, envelope), StringComparison.Ordinal);
    }

    private static ConfigEnvelope EnvelopeOf(TransactionView transaction) => ConfigEnvelope.Parser.ParseFrom(transaction.Payload.Data);
}
