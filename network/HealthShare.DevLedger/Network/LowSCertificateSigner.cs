using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace HealthShare.DevLedger.Network;

/// <summary>
/// Signs certificates with s in the lower half of the order, as Fabric's own tools do: Fabric compares certificates by bytes
/// after bringing them into that form.
/// </summary>
internal sealed class LowSCertificateSigner(ECDsa key) : X509SignatureGenerator
{
    private static readonly BigInteger Order = new(
        Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"), isUnsigned: true, isBigEndian: true);

    private readonly X509SignatureGenerator inner = CreateForECDsa(key);

    public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) =>
        inner.GetSignatureAlgorithmIdentifier(hashAlgorithm);

    public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm)
    {
        var signature = key.SignData(data, hashAlgorithm, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        var r = new BigInteger(signature.AsSpan(0, signature.Length / 2), isUnsigned: true, isBigEndian: true);
        var s = new BigInteger(signature.AsSpan(signature.Length / 2), isUnsigned: true, isBigEndian: true);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(r);
            writer.WriteInteger(BigInteger.Min(s, Order - s));
        }
        return writer.Encode();
    }

    protected override PublicKey BuildPublicKey() => inner.PublicKey;
}
