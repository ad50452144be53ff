using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace HealthShare.Fabric.Protocol.Msp;

/// <summary>A certificate revocation list of an MSP's configuration (RFC 5280, section 5).</summary>
internal sealed class RevocationList
{
    private const string AuthorityKeyIdentifierOid = "2.5.29.35";
    private readonly HashSet<string> serialNumbers = new(StringComparer.Ordinal);
    private ReadOnlyMemory<byte> body;
    private string algorithm = "";
    private byte[] signature = [];

    /// <summary>Key identifier of the authority that the list is of; empty if it does not say.</summary>
    public ReadOnlyMemory<byte> AuthorityKeyId { get; private set; }

    /// <summary>Reads a list in PEM or DER.</summary>
    /// <exception cref="FabricDataException">It is none.</exception>
    public static RevocationList Read(ReadOnlyMemory<byte> pemOrDer)
    {
        try
        {
            var text = Encoding.Latin1.GetString(pemOrDer.Span);
            var der = PemEncoding.TryFind(text, out var fields) ? Convert.FromBase64String(text[fields.Base64Data]) : pemOrDer;
            return Parse(der);
        }
        catch (Exception e) when (e is AsnContentException or FormatException or CryptographicException)
        {
            throw new FabricDataException("A revocation list of the MSP's configuration cannot be read.", e);
        }
    }

    /// <summary>Whether the authority's list names the certificate. A list that the authority did not sign says nothing.</summary>
    public bool Revokes(X509Certificate2 certificate, X509Certificate2 issuer) =>
        issuer.Extensions.OfType<X509SubjectKeyIdentifierExtension>().FirstOrDefault() is { } id
        && id.SubjectKeyIdentifierBytes.Span.SequenceEqual(AuthorityKeyId.Span)
        && serialNumbers.Contains(Convert.ToHexString(certificate.SerialNumberBytes.Span).TrimStart('0'))
        && IsSignedBy(issuer);

    private static RevocationList Parse(ReadOnlyMemory<byte> der)
    {
        var list = new RevocationList();
        var outer = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
        list.body = outer.PeekEncodedValue();
        var tbs = outer.ReadSequence();
        list.algorithm = outer.ReadSequence().ReadObjectIdentifier();
        list.signature = outer.ReadBitString(out _);

        if (tbs.PeekTag().HasSameClassAndValue(Asn1Tag.Integer))
            tbs.ReadInteger();
        tbs.ReadSequence(); // signature algorithm
        tbs.ReadSequence(); // issuer
        tbs.ReadEncodedValue(); // thisUpdate
        if (tbs.HasData && tbs.PeekTag() is { TagClass: TagClass.Universal, TagValue: 23 or 24 })
            tbs.ReadEncodedValue(); // nextUpdate
        if (tbs.HasData && tbs.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence))
        {
            var entries = tbs.ReadSequence();
            while (entries.HasData)
                list.serialNumbers.Add(Convert.ToHexString(entries.ReadSequence().ReadIntegerBytes().Span).TrimStart('0'));
        }
        if (tbs.HasData)
            list.AuthorityKeyId = ReadAuthorityKeyId(tbs.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0)).ReadSequence());
        return list;
    }

    private static ReadOnlyMemory<byte> ReadAuthorityKeyId(AsnReader extensions)
    {
        while (extensions.HasData)
        {
            var extension = extensions.ReadSequence();
            var oid = extension.ReadObjectIdentifier();
            if (extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean))
                extension.ReadBoolean();
            if (oid == AuthorityKeyIdentifierOid)
                return new X509AuthorityKeyIdentifierExtension(extension.ReadOctetString()).KeyIdentifier ?? default;
        }
        return default;
    }

    private bool IsSignedBy(X509Certificate2 issuer)
    {
        HashAlgorithmName? hash = algorithm switch
        {
            "1.2.840.10045.4.3.2" or "1.2.840.113549.1.1.11" => HashAlgorithmName.SHA256,
            "1.2.840.10045.4.3.3" or "1.2.840.113549.1.1.12" => HashAlgorithmName.SHA384,
            "1.2.840.10045.4.3.4" or "1.2.840.113549.1.1.13" => HashAlgorithmName.SHA512,
            _ => null,
        };
        if (hash is not { } name)
            return false;
        using var ecdsa = issuer.GetECDsaPublicKey();
        if (ecdsa is not null)
            return ecdsa.VerifyData(body.Span, signature, name, DSASignatureFormat.Rfc3279DerSequence);
        using var rsa = issuer.GetRSAPublicKey();
        return rsa is not null && rsa.VerifyData(body.Span, signature, name, RSASignaturePadding.Pkcs1);
    }
}
