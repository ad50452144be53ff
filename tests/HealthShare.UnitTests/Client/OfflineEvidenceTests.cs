using Google.Protobuf;
using HealthShare.Fabric.Client.Verification;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.UnitTests.Support;

namespace HealthShare.UnitTests.Client;

/// <summary>What config blocks and single envelopes of a real channel prove without its other blocks, and that forged ones prove nothing.</summary>
public sealed class OfflineEvidenceTests
{
    private static readonly List<Block> Configs =
    [
        .. FabricBlocks.ReadAll().Where(block => new BlockView(block).Transactions is [{ Type: HeaderType.Config }]),
    ];

    [Fact]
    public void The_config_blocks_of_a_real_channel_follow_from_its_genesis_block()
    {
        Assert.Equal(3, Configs.Count);
        var (config, hash) = ConfigHistory.Verify(Configs);
        Assert.Equal(2UL, config.Sequence);
        Assert.True(hash.Span.SequenceEqual(new BlockView(Configs[0]).Hash.Span));
        Assert.Equal(0UL, ConfigHistory.Verify([Configs[0]]).Config.Sequence);
    }

    [Fact]
    public void A_history_with_a_gap_a_swap_or_a_changed_byte_is_refused()
    {
        Refused([]);
        Refused([Configs[1]]);
        Refused([Configs[0], Configs[2]]);
        Refused([Configs[0], Configs[2], Configs[1]]);
        Refused([Configs[0], Configs[1], Configs[1]]);
        Refused([Configs[0], Changed(block => block.Metadata.Metadata[0] = ByteString.Empty)]);
        Refused([Configs[0], Changed(block => block.Header.Number++)]);
        Refused([Configs[0], Changed(block => block.Header.PreviousHash = ByteString.CopyFrom(new byte[32]))]);
        var length = Configs[1].Data.Data[0].Length;
        for (var at = 0; at < length; at += 4001)
        {
            var place = at;
            Refused([Configs[0], Changed(block => block.Data.Data[0] = Flipped(block.Data.Data[0], place))]);
            // With a data hash that fits, as who makes blocks alone could: nobody signed that header.
            Refused([Configs[0], Changed(block =>
            {
                block.Data.Data[0] = Flipped(block.Data.Data[0], place);
                block.Header.DataHash = BlockHashes.DataHash(block.Data);
            })]);
        }
    }

    [Fact]
    public void Each_valid_call_of_a_real_channel_proves_who_made_and_who_endorsed_it()
    {
        var config = ConfigHistory.Verify(Configs).Config;
        var calls = 0;
        foreach (var transaction in FabricBlocks.ReadAll().SelectMany(block => new BlockView(block).Transactions)
            .Where(transaction => transaction is { IsValid: true, Type: HeaderType.EndorserTransaction }))
        {
            var evidence = TransactionEvidence.Check(transaction.Envelope.ToByteArray(), config);
            Assert.Equal(transaction.Id, evidence.Transaction.Id);
            Assert.NotEmpty(evidence.Endorsers);
            calls++;
        }
        Assert.InRange(calls, 3, int.MaxValue);
    }

    [Fact]
    public void A_changed_envelope_another_channels_members_and_a_configuration_prove_nothing()
    {
        var config = ConfigHistory.Verify(Configs).Config;
        var envelope = FabricBlocks.ReadAll().SelectMany(block => new BlockView(block).Transactions)
            .First(transaction => transaction is { IsValid: true, Type: HeaderType.EndorserTransaction }).Envelope.ToByteString();
        for (var at = 0; at < envelope.Length; at += 307)
        {
            // An endorsement that does not hold counts for nothing; everything else is refused.
            var changed = Flipped(envelope, at);
            try
            {
                Assert.True(TransactionEvidence.Check(changed.Memory, config).Endorsers.Count
                    < TransactionEvidence.Check(envelope.Memory, config).Endorsers.Count, $"byte {at}");
            }
            catch (FabricDataException)
            {
                // Refused, which is what should be.
            }
        }
        Assert.Throws<FabricDataException>(() => TransactionEvidence.Check(envelope.Memory, ChannelConfig.FromBlock(new TestChannel().Genesis)));
        Assert.Throws<FabricDataException>(() => TransactionEvidence.Check(Configs[1].Data.Data[0].Memory, config));
        Assert.Throws<FabricDataException>(() => TransactionEvidence.Check(ReadOnlyMemory<byte>.Empty, config));
    }

    private static Block Changed(Action<Block> change)
    {
        var block = Configs[1].Clone();
        change(block);
        return block;
    }

    private static ByteString Flipped(ByteString bytes, int at)
    {
        var changed = bytes.ToByteArray();
        changed[at] ^= 0x04;
        return ByteString.CopyFrom(changed);
    }

    private static void Refused(IReadOnlyList<Block> blocks) => Assert.Throws<FabricDataException>(() => ConfigHistory.Verify(blocks));
}
