using System.Security.Cryptography;
using Google.Protobuf;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Msp;

namespace HealthShare.Fabric.Client;

/// <summary>
/// Something to be signed elsewhere. Carry <see cref="ToBytes"/> to where the key is, restore it there, look at what it says, sign
/// <see cref="GetDigest"/> (or <see cref="SignedBytes"/>, with SHA-256) and carry the signature back. A signature may come in DER
/// or as r and s of 32 bytes each, with high or low s; it is checked against the creator's certificate before anything is sent.
/// </summary>
public abstract class UnsignedMessage
{
    private readonly ByteString creator;
    private readonly ByteString signed;

    private protected UnsignedMessage(string transactionId, string channel, ByteString creator, ByteString signed)
    {
        (TransactionId, Channel, this.creator, this.signed) = (transactionId, channel, creator, signed);
        var identity = SerializedIdentity.Parser.Read(creator, "creator");
        (MspId, CertificatePem) = (identity.Mspid, identity.IdBytes.ToStringUtf8());
    }

    /// <summary>Id of the transaction.</summary>
    public string TransactionId { get; }

    /// <summary>Name of the channel.</summary>
    public string Channel { get; }

    /// <summary>MSP id of the member whose identity has to sign.</summary>
    public string MspId { get; }

    /// <summary>Certificate, in PEM, whose key has to sign.</summary>
    public string CertificatePem { get; }

    /// <summary>The bytes to sign, not hashed.</summary>
    public ReadOnlyMemory<byte> SignedBytes => signed.Memory;

    /// <summary>SHA-256 of <see cref="SignedBytes"/>: what a signer of hashes signs.</summary>
    public byte[] GetDigest() => SHA256.HashData(signed.Span);

    /// <summary>
    /// The message in the form in which Fabric's official clients exchange it too. A proposal's bytes hold its transient data in
    /// plain text.
    /// </summary>
    public abstract byte[] ToBytes();

    /// <summary>The signature as peers take it.</summary>
    /// <exception cref="FabricDataException">It is not the creator's over these bytes.</exception>
    internal ByteString Complete(ReadOnlyMemory<byte> signature) =>
        UnsafeByteOperations.UnsafeWrap(FabricSignature.Normalize(creator, GetDigest(), signature.Span)
            ?? throw new FabricDataException(
                $"The signature ({signature.Length} bytes) is not that of the certificate of {MspId} over {What} {TransactionId}."));

    private protected abstract string What { get; }

    /// <summary>Reads the header of a proposal or a transaction, and holds the id against what it must be.</summary>
    private protected static (ChannelHeader Channel, SignatureHeader Signature) ReadHeader(Header? header, string claimedId)
    {
        var channel = ChannelHeader.Parser.Read(header?.ChannelHeader ?? ByteString.Empty, "channel header");
        var signature = SignatureHeader.Parser.Read(header?.SignatureHeader ?? ByteString.Empty, "signature header");
        if (channel.Type != (int)HeaderType.EndorserTransaction)
        {
            throw new FabricDataException($"The message is of type {channel.Type}, which is no transaction of a chaincode.");
        }
        if (channel.TxId != claimedId || claimedId != Protocol.Msp.TransactionId.Compute(signature.Nonce, signature.Creator))
        {
            throw new FabricDataException("The transaction id is not that of nonce and creator.");
        }
        return (channel, signature);
    }
}
