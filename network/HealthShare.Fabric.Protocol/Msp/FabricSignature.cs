using Google.Protobuf;

namespace HealthShare.Fabric.Protocol.Msp;

/// <summary>Takes signatures that were made elsewhere.</summary>
public static class FabricSignature
{
    private const int FixedSize = 64;

    /// <summary>
    /// Brings a signature into the form that peers take, a DER sequence with low s, once it is sure that it is the key's over this
    /// hash. High s, which most hardware gives half of the time, is turned into low s; r and s of 32 bytes each, as browsers and
    /// PKCS #11 give them, become DER.
    /// </summary>
    /// <returns>The signature to send; null where it is not the key's over this hash.</returns>
    public static byte[]? Normalize(EcdsaVerifier key, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature)
    {
        if (LowS.Normalize(signature) is { } der && key.VerifyHash(hash, der))
        {
            return der;
        }
        return signature.Length == FixedSize && LowS.Encode(signature) is var encoded && key.VerifyHash(hash, encoded) ? encoded : null;
    }

    /// <summary>As <see cref="Normalize(EcdsaVerifier, ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>, for the key of a creator.</summary>
    /// <param name="creator">A serialized <c>msp.SerializedIdentity</c>, as in a signature header.</param>
    /// <param name="hash">SHA-256 of what is signed.</param>
    /// <param name="signature">The signature given.</param>
    /// <exception cref="FabricDataException">The creator holds no certificate with a P-256 key.</exception>
    public static byte[]? Normalize(ByteString creator, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature)
    {
        var identity = SerializedIdentity.Parser.Read(creator, "creator");
        var what = $"certificate of {identity.Mspid}";
        using var certificate = PemCertificate.Read(identity.IdBytes.Span, what);
        return Normalize(PemCertificate.ReadKey(certificate, what), hash, signature);
    }
}
