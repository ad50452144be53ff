using Google.Protobuf;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.Fabric.Protocol.Ledger;

/// <summary>
/// A typed look into a block. Nothing is parsed before it is asked for, so a block with a malformed transaction can be looked
/// at up to that transaction. Members throw <see cref="FabricDataException"/> where the bytes are not what they should be.
/// </summary>
public sealed class BlockView
{
    private ByteString? hash;
    private TransactionView[]? transactions;

    /// <summary>Looks into a block.</summary>
    /// <exception cref="FabricDataException">The block has no header.</exception>
    public BlockView(Block block)
    {
        Block = block;
        Header = block.Header ?? throw new FabricDataException("The block has no header.");
    }

    /// <summary>The block itself.</summary>
    public Block Block { get; }

    /// <summary>The block's header.</summary>
    public BlockHeader Header { get; }

    /// <summary>Number, from 0 for the genesis block.</summary>
    public ulong Number => Header.Number;

    /// <summary>The block's own hash, over its header.</summary>
    public ByteString Hash => hash ??= BlockHashes.HeaderHash(Header);

    /// <summary>The transactions in their order, valid or not.</summary>
    public IReadOnlyList<TransactionView> Transactions => transactions ??=
        [.. (Block.Data?.Data ?? []).Select((envelope, index) => new TransactionView(this, index, envelope))];

    /// <summary>Orderers' signatures and what they sign besides the header.</summary>
    public Metadata SignatureMetadata => Metadata.Parser.Read(RawMetadata(BlockMetadataIndex.Signatures), "signature metadata");

    /// <summary>Number of the config block in force, as the orderers sign it; null in a genesis block.</summary>
    public ulong? LastConfig
    {
        get
        {
            var value = SignatureMetadata.Value;
            return value.IsEmpty ? null
                : OrdererBlockMetadata.Parser.Read(value, "orderer's metadata").LastConfig?.Index ?? 0;
        }
    }

    /// <summary>The validation flags, one byte for each transaction; empty in a block straight from an orderer.</summary>
    public ByteString ValidationFlags => RawMetadata(BlockMetadataIndex.TransactionsFilter);

    /// <summary>Reads a serialized block.</summary>
    /// <exception cref="FabricDataException">The bytes are no block, or the block has no header.</exception>
    public static BlockView Read(ReadOnlyMemory<byte> block) => new(Block.Parser.Read(block, "block"));

    internal TxValidationCode FlagOf(int index) => index < ValidationFlags.Length
        ? (TxValidationCode)ValidationFlags[index]
        : TxValidationCode.NotValidated;

    private ByteString RawMetadata(BlockMetadataIndex index) =>
        Block.Metadata is { } metadata && metadata.Metadata.Count > (int)index ? metadata.Metadata[(int)index] : ByteString.Empty;
}
