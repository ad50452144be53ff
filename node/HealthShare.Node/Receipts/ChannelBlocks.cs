using Google.Protobuf;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Client.Verification;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Node.Ledger;

namespace HealthShare.Node.Receipts;

/// <summary>Single blocks from this member's own peer, and the channel's configurations.</summary>
internal sealed class ChannelBlocks(ILedger ledger)
{
    private volatile Configuration? latest;

    /// <summary>The configurations up to one, as blocks and as read.</summary>
    internal sealed record Configuration(ulong Number, IReadOnlyList<Block> Blocks, ChannelConfig Config);

    /// <summary>A block.</summary>
    /// <exception cref="LedgerException">No peer gives it.</exception>
    public async Task<BlockView> GetAsync(ulong number, CancellationToken ct)
    {
        await foreach (var block in ledger.BlocksAsync(number, ct))
        {
            return block.Header?.Number == number
                ? new BlockView(block)
                : throw new LedgerException(LedgerStage.Evaluate, "", LedgerCodes.BadAnswer, $"Another block came for block {number}.");
        }
        throw new LedgerException(LedgerStage.Evaluate, "", LedgerCodes.Unavailable, $"Nobody gives block {number}.");
    }

    /// <summary>The configurations from the genesis block to the one in force at a block.</summary>
    /// <exception cref="LedgerException">No peer gives a block.</exception>
    /// <exception cref="FabricDataException">The blocks do not follow from the first.</exception>
    public async Task<Configuration> ConfigurationAsync(BlockView block, CancellationToken ct)
    {
        var last = block.LastConfig ?? 0;
        if (latest is { } known && known.Number == last)
            return known;
        var blocks = new List<Block>();
        for (var next = last; ; next = (await GetAsync(next - 1, ct)).LastConfig ?? 0)
        {
            var view = await GetAsync(next, ct);
            blocks.Insert(0, Proof(view));
            if (next == 0)
                break;
        }
        return latest = new Configuration(last, blocks, ConfigHistory.Verify(blocks).Config);
    }

    /// <summary>The blocks as they stand in a receipt.</summary>
    public static IReadOnlyList<string> TextOf(Configuration configuration) =>
        [.. configuration.Blocks.Select(block => System.Buffers.Text.Base64Url.EncodeToString(block.ToByteArray()))];

    // What neither hash nor signature covers is no proof, and whoever alters it would alter a receipt that still verifies: of the
    // metadata only the orderers' signatures are kept, which the genesis block has none of.
    private static Block Proof(BlockView view)
    {
        var block = new Block { Header = view.Header, Data = view.Block.Data };
        if (view.Number > 0)
            block.Metadata = new BlockMetadata { Metadata = { view.SignatureMetadata.ToByteString() } };
        return block;
    }
}
