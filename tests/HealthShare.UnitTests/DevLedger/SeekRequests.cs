using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Orderer;

namespace HealthShare.UnitTests.DevLedger;

/// <summary>Requests for blocks, made by hand.</summary>
internal static class SeekRequests
{
    public static SeekInfo Blocks(ulong from, ulong to) => new() { Start = At(from), Stop = At(to) };

    public static SeekPosition At(ulong number) => new() { Specified = new SeekSpecified { Number = number } };

    public static Envelope Signed(
        SigningIdentity identity, SeekInfo seek, string channel = LedgerNetwork.Channel, TimeSpan age = default)
    {
        var header = new Header
        {
            ChannelHeader = new ChannelHeader
            {
                Type = (int)HeaderType.DeliverSeekInfo,
                ChannelId = channel,
                Timestamp = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow - age),
            }.ToByteString(),
            SignatureHeader = new SignatureHeader { Creator = identity.Creator, Nonce = TransactionId.NewNonce() }.ToByteString(),
        };
        return LedgerNetwork.Sign(identity, new Payload { Header = header, Data = seek.ToByteString() }.ToByteString());
    }
}
