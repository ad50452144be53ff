using System.Security.Cryptography;
using Google.Protobuf;

namespace HealthShare.Fabric.Protocol.Msp;

/// <summary>Fabric's transaction ids, bound to who made them.</summary>
public static class TransactionId
{
    /// <summary>Length of a nonce in bytes.</summary>
    public const int NonceSize = 24;

    /// <summary>A fresh random nonce of <see cref="NonceSize"/> bytes.</summary>
    public static ByteString NewNonce() => UnsafeByteOperations.UnsafeWrap(RandomNumberGenerator.GetBytes(NonceSize));

    /// <summary>Lower-case hex of SHA-256 over the nonce followed by the serialized creator.</summary>
    /// <param name="nonce">Nonce of the signature header.</param>
    /// <param name="creator">Creator of the signature header, a serialized <c>msp.SerializedIdentity</c>.</param>
    public static string Compute(ByteString nonce, ByteString creator)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(nonce.Span);
        hash.AppendData(creator.Span);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
