using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using Google.Protobuf;
using HealthShare.Fabric.Protocol.Common;

namespace HealthShare.Fabric.Protocol.Ledger;

/// <summary>The hashes that chain blocks, and the bytes that orderers sign.</summary>
public static class BlockHashes
{
    /// <summary>DER sequence of the number, the previous block's hash and the hash of the data.</summary>
    public static byte[] HeaderBytes(BlockHeader header)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(new BigInteger(header.Number));
            writer.WriteOctetString(header.PreviousHash.Span);
            writer.WriteOctetString(header.DataHash.Span);
        }
        return writer.Encode();
    }

    /// <summary>A block's hash, which the next block names as its previous one: SHA-256 of <see cref="HeaderBytes"/>.</summary>
    public static ByteString HeaderHash(BlockHeader header) =>
        UnsafeByteOperations.UnsafeWrap(SHA256.HashData(HeaderBytes(header)));

    /// <summary>SHA-256 over the envelopes, one behind the other.</summary>
    public static ByteString DataHash(BlockData data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var envelope in data.Data)
            hash.AppendData(envelope.Span);
        return UnsafeByteOperations.UnsafeWrap(hash.GetHashAndReset());
    }

    /// <summary>What an orderer signs: the metadata's value, the signature's header, the block's header.</summary>
    /// <param name="metadataValue">Value of the metadata <c>SIGNATURES</c>, a serialized <c>OrdererBlockMetadata</c>.</param>
    /// <param name="signatureHeader">Serialized <c>SignatureHeader</c> with the orderer as creator.</param>
    /// <param name="header">Header of the block.</param>
    public static byte[] SignedBytes(ByteString metadataValue, ByteString signatureHeader, BlockHeader header) =>
        [.. metadataValue.Span, .. signatureHeader.Span, .. HeaderBytes(header)];
}
