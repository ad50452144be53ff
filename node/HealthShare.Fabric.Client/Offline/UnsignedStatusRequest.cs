using Google.Protobuf;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Gateway;

namespace HealthShare.Fabric.Client;

/// <summary>A question for a transaction's commit status, to be signed elsewhere: the last of three signatures.</summary>
public sealed class UnsignedStatusRequest : UnsignedMessage
{
    private readonly ByteString request;

    private UnsignedStatusRequest(CommitStatusRequest request, ByteString bytes)
        : base(request.TransactionId, request.ChannelId, request.Identity, bytes) => this.request = bytes;

    private protected override string What => "status request";

    /// <summary>Restores a request from <see cref="UnsignedMessage.ToBytes"/>, or from an official client's commit bytes.</summary>
    /// <exception cref="FabricDataException">The bytes are no request for a commit status.</exception>
    public static UnsignedStatusRequest Parse(ReadOnlyMemory<byte> bytes)
    {
        var request = SignedCommitStatusRequest.Parser.Read(bytes, "signed status request").Request;
        var status = CommitStatusRequest.Parser.Read(request, "status request");
        return status.TransactionId.Length > 0 && status.ChannelId.Length > 0
            ? new UnsignedStatusRequest(status, request)
            : throw new FabricDataException("The status request names no transaction or no channel.");
    }

    /// <inheritdoc/>
    public override byte[] ToBytes() => new SignedCommitStatusRequest { Request = request }.ToByteArray();

    internal static UnsignedStatusRequest Of(string transactionId, string channel, ByteString creator)
    {
        var status = new CommitStatusRequest { TransactionId = transactionId, ChannelId = channel, Identity = creator };
        return new UnsignedStatusRequest(status, status.ToByteString());
    }

    /// <summary>The request as it is sent.</summary>
    internal SignedCommitStatusRequest Sign(ReadOnlyMemory<byte> signature) => new() { Request = request, Signature = Complete(signature) };
}
