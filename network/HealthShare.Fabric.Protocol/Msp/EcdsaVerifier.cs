using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace HealthShare.Fabric.Protocol.Msp;

/// <summary>
/// A P-256 public key that checks Fabric's signatures, from many threads at once. Importing a key costs more than three
/// verifications, so the imported ones are kept and lent out.
/// </summary>
public sealed class EcdsaVerifier
{
    private readonly ECParameters parameters;
    private readonly ConcurrentBag<ECDsa> idle = [];

    /// <summary>Keeps the public part of a key.</summary>
    /// <param name="key">A P-256 key; a private part is ignored.</param>
    /// <exception cref="FabricDataException">The key lies on another curve.</exception>
    public EcdsaVerifier(ECDsa key)
    {
        parameters = key.ExportParameters(includePrivateParameters: false);
        if (!IsP256(parameters))
            throw new FabricDataException("The public key is not on the curve P-256.");
    }

    internal static bool IsP256(ECParameters key) =>
        key.Curve.IsNamed && key.Curve.Oid is { } oid
        && (oid.Value == "1.2.840.10045.3.1.7" || oid.FriendlyName is "nistP256" or "ECDSA_P256");

    /// <summary>Whether the signature is this key's over SHA-256 of the data, with low s as Fabric demands.</summary>
    /// <param name="data">The bytes that were signed, not their hash.</param>
    /// <param name="signature">DER sequence of r and s.</param>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(data, hash);
        return VerifyHash(hash, signature);
    }

    /// <summary>As <see cref="Verify"/>, for data hashed by the caller.</summary>
    /// <param name="hash">SHA-256 of the data, 32 bytes.</param>
    /// <param name="signature">DER sequence of r and s.</param>
    public bool VerifyHash(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature)
    {
        Span<byte> fixedSize = stackalloc byte[64];
        if (!LowS.TryDecode(signature, fixedSize))
            return false;
        if (!idle.TryTake(out var key))
            key = ECDsa.Create(parameters);
        try
        {
            return key.VerifyHash(hash, fixedSize, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        finally
        {
            idle.Add(key);
        }
    }
}
