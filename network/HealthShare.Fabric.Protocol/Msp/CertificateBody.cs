using System.Formats.Asn1;

namespace HealthShare.Fabric.Protocol.Msp;

/// <summary>The signed part of a certificate.</summary>
internal static class CertificateBody
{
    /// <summary>Cuts the <c>tbsCertificate</c> out of a certificate's DER.</summary>
    public static ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> certificate)
    {
        try
        {
            return new AsnReader(certificate, AsnEncodingRules.DER).ReadSequence().ReadEncodedValue();
        }
        catch (AsnContentException e)
        {
            throw new FabricDataException("The certificate is not in DER.", e);
        }
    }
}
