using Google.Protobuf;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.Fabric.Protocol.Ledger;

/// <summary>
/// A typed look at one transaction of a block. Members throw <see cref="FabricDataException"/> where the bytes are not what
/// they should be; the flag <see cref="ValidationCode"/> can always be read.
/// </summary>
public sealed class TransactionView
{
    private readonly ByteString bytes;
    private Envelope? envelope;
    private Payload? payload;
    private ChannelHeader? channelHeader;
    private SignatureHeader? signatureHeader;
    private EndorserTransactionView? endorsed;

    internal TransactionView(BlockView block, int index, ByteString bytes)
    {
        Block = block;
        Index = index;
        this.bytes = bytes;
    }

    /// <summary>The block that holds the transaction.</summary>
    public BlockView Block { get; }

    /// <summary>Place in the block, from 0.</summary>
    public int Index { get; }

    /// <summary>What the peer that gave the block found the transaction to be.</summary>
    public TxValidationCode ValidationCode => Block.FlagOf(Index);

    /// <summary>Whether the peer that gave the block counted it; others' effects are void.</summary>
    public bool IsValid => ValidationCode == TxValidationCode.Valid;

    /// <summary>The signed envelope.</summary>
    public Envelope Envelope => envelope ??= Envelope.Parser.Read(bytes, Where("envelope"));

    /// <summary>The envelope's payload.</summary>
    public Payload Payload => payload ??= Payload.Parser.Read(Envelope.Payload, Where("payload"));

    /// <summary>The channel's part of the header.</summary>
    public ChannelHeader ChannelHeader => channelHeader ??=
        ChannelHeader.Parser.Read(Header.ChannelHeader, Where("channel header"));

    /// <summary>The creator's part of the header.</summary>
    public SignatureHeader SignatureHeader => signatureHeader ??=
        SignatureHeader.Parser.Read(Header.SignatureHeader, Where("signature header"));

    /// <summary>The transaction's id, 64 hex digits; empty for configuration made by an orderer.</summary>
    public string Id => ChannelHeader.TxId;

    /// <summary>What kind of transaction it is.</summary>
    public HeaderType Type => (HeaderType)ChannelHeader.Type;

    /// <summary>The channel it is for.</summary>
    public string ChannelId => ChannelHeader.ChannelId;

    /// <summary>When the creator says it was made; null where it does not say.</summary>
    public DateTimeOffset? Timestamp
    {
        get
        {
            try
            {
                return ChannelHeader.Timestamp?.ToDateTimeOffset();
            }
            catch (InvalidOperationException e)
            {
                throw new FabricDataException($"The {Where("timestamp")} is out of range.", e);
            }
        }
    }

    /// <summary>Who made it, a serialized <c>msp.SerializedIdentity</c>.</summary>
    public ByteString Creator => SignatureHeader.Creator;

    /// <summary>MSP id of who made it.</summary>
    public string CreatorMspId => SerializedIdentity.Parser.Read(Creator, Where("creator")).Mspid;

    /// <summary>The endorsed chaincode call.</summary>
    /// <exception cref="FabricDataException">The transaction is of another type, or malformed.</exception>
    public EndorserTransactionView Endorsed => endorsed ??= Type == HeaderType.EndorserTransaction
        ? new EndorserTransactionView(this)
        : throw new FabricDataException($"Transaction {Index} of block {Block.Number} is no chaincode call.");

    /// <summary>Reads the channel's configuration out of a configuration transaction.</summary>
    /// <exception cref="FabricDataException">The transaction is of another type, or malformed.</exception>
    public ChannelConfig ReadConfig() => Type == HeaderType.Config
        ? ChannelConfig.FromConfig(ChannelId, ConfigEnvelope.Parser.Read(Payload.Data, Where("configuration")).Config
            ?? throw new FabricDataException($"The {Where("configuration")} is empty."))
        : throw new FabricDataException($"Transaction {Index} of block {Block.Number} is no configuration.");

    internal string Where(string what) => $"{what} of transaction {Index} in block {Block.Number}";

    private Header Header => Payload.Header ?? throw new FabricDataException($"There is no {Where("header")}.");
}
