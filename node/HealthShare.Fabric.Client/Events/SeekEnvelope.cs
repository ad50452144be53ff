using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Orderer;

namespace HealthShare.Fabric.Client.Events;

/// <summary>The signed envelope by which a client asks the Deliver service for blocks.</summary>
internal static class SeekEnvelope
{
    public static Envelope Create(SigningIdentity identity, string channel, ulong from, ulong? last, ReadOnlyMemory<byte> tlsCertificateHash, DateTimeOffset now)
    {
        var nonce = TransactionId.NewNonce();
        var payload = new Payload
        {
            Header = new Header
            {
                ChannelHeader = new ChannelHeader
                {
                    Type = (int)HeaderType.DeliverSeekInfo,
                    ChannelId = channel,
                    TxId = TransactionId.Compute(nonce, identity.Creator),
                    Timestamp = Timestamp.FromDateTimeOffset(now),
                    TlsCertHash = UnsafeByteOperations.UnsafeWrap(tlsCertificateHash),
                }.ToByteString(),
                SignatureHeader = new SignatureHeader { Creator = identity.Creator, Nonce = nonce }.ToByteString(),
            },
            Data = new SeekInfo
            {
                Start = At(from),
                Stop = At(last ?? ulong.MaxValue),
                Behavior = SeekInfo.Types.SeekBehavior.BlockUntilReady,
            }.ToByteString(),
        }.ToByteString();
        return new Envelope { Payload = payload, Signature = UnsafeByteOperations.UnsafeWrap(identity.Sign(payload.Span)) };
    }

    /// <summary>The gRPC status that says the same as Deliver's own.</summary>
    public static StatusCode CodeOf(Status status) => status switch
    {
        Status.BadRequest => StatusCode.InvalidArgument,
        Status.Forbidden => StatusCode.PermissionDenied,
        Status.NotFound => StatusCode.NotFound,
        _ => StatusCode.Unavailable,
    };

    private static SeekPosition At(ulong number) => new() { Specified = new SeekSpecified { Number = number } };
}
