using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;

namespace HealthShare.Fabric.Client.Verification;

/// <summary>
/// A channel's configurations from the genesis block on, by their blocks alone: for whoever holds no ledger and trusts one hash, the
/// genesis block's. Who may change a configuration, and who makes blocks, the one before says.
/// </summary>
public static class ConfigHistory
{
    /// <summary>Verifies config blocks and gives the configuration of the last one.</summary>
    /// <param name="blocks">The genesis block and every config block after it, up to the one of interest.</param>
    /// <returns>The configuration, and the hash of the genesis block, which it rests on and nothing here vouches for.</returns>
    /// <exception cref="FabricDataException">They do not follow from the first; the message says where.</exception>
    public static (ChannelConfig Config, ReadOnlyMemory<byte> GenesisHash) Verify(IReadOnlyList<Block> blocks)
    {
        if (blocks.Count == 0)
            throw new FabricDataException("There is no config block.");
        var genesis = Check(blocks[0]);
        if (genesis.Number != 0 || !genesis.Header.PreviousHash.IsEmpty)
            throw new FabricDataException("The first config block is no genesis block.");
        var config = ChannelConfig.FromBlock(genesis.Block);
        for (var i = 1; i < blocks.Count; i++)
            config = Next(config, Check(blocks[i]), after: blocks[i - 1].Header.Number);
        return (config, genesis.Hash.Memory);
    }

    private static BlockView Check(Block block)
    {
        var view = new BlockView(block);
        return BlockHashes.DataHash(block.Data ?? new BlockData()).Equals(view.Header.DataHash)
            ? view
            : throw new FabricDataException($"Config block {view.Number} does not hold what its header names.");
    }

    private static ChannelConfig Next(ChannelConfig current, BlockView view, ulong after)
    {
        if (view.Number <= after || view.LastConfig != view.Number)
            throw new FabricDataException($"Block {view.Number} does not follow as a config block.");
        if (BlockSignatures.FaultOf(view, current, out _) is { } unsigned)
            throw new FabricDataException($"Config block {view.Number}: {unsigned}");
        if (view.Transactions is not [{ Type: HeaderType.Config } transaction] || transaction.ChannelId != current.ChannelId)
            throw new FabricDataException($"Block {view.Number} holds no configuration of this channel.");
        var proposed = ConfigEnvelope.Parser.Read(transaction.Payload.Data, "configuration");
        return ConfigUpdateCheck.Run(current, proposed) is { } refusal
            ? throw new FabricDataException($"Config block {view.Number}: {refusal}")
            : ChannelConfig.FromConfig(current.ChannelId, proposed.Config);
    }
}
