using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using HealthShare.Fabric.Protocol.Msp;

namespace HealthShare.DevLedger.Network;

/// <summary>An organization's authority for identities or for TLS: P-256 throughout.</summary>
internal sealed class CertificateAuthority : IDisposable
{
    private const int ValidYears = 10;
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");
    private readonly X509Certificate2 certificate;
    private readonly ECDsa key;

    private CertificateAuthority(X509Certificate2 certificate, ECDsa key) => (this.certificate, this.key) = (certificate, key);

    /// <summary>The authority's own certificate and key.</summary>
    public PemPair Pem => new(certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());

    /// <summary>Makes a self-signed authority.</summary>
    public static CertificateAuthority Create(string organization, string commonName, DateTimeOffset now)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var name = new X500DistinguishedNameBuilder();
        name.AddOrganizationName(organization);
        name.AddCommonName(commonName);
        var request = new CertificateRequest(name.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment | X509KeyUsageFlags.KeyCertSign
                | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(
            request.PublicKey, X509SubjectKeyIdentifierHashAlgorithm.Sha256, critical: false));
        var certificate = request.Create(
            request.SubjectName, new LowSCertificateSigner(key), NotBefore(now), now.AddYears(ValidYears), NewSerialNumber());
        return new CertificateAuthority(certificate, key);
    }

    /// <summary>Reads an authority back.</summary>
    public static CertificateAuthority Load(PemPair pem)
    {
        var key = ECDsa.Create();
        key.ImportFromPem(pem.Key);
        return new CertificateAuthority(X509Certificate2.CreateFromPem(pem.Certificate), key);
    }

    /// <summary>Issues a member's identity.</summary>
    /// <param name="unit">Node OU: client, admin, peer or orderer.</param>
    /// <param name="commonName">Common name, such as <c>User1@north.example</c>.</param>
    /// <param name="now">Start of validity.</param>
    /// <param name="attributes">Fabric attributes; none by default.</param>
    public PemPair IssueIdentity(
        string unit, string commonName, DateTimeOffset now, IReadOnlyDictionary<string, string>? attributes = null)
    {
        List<X509Extension> extensions = [];
        if (attributes is { Count: > 0 })
            extensions.Add(new X509Extension(CertificateAttributes.Oid, AttributesJson(attributes), critical: false));
        return Issue(unit, commonName, X509KeyUsageFlags.DigitalSignature, extensions, now);
    }

    /// <summary>Issues a TLS certificate for servers and clients.</summary>
    /// <param name="commonName">Common name, which is also one of the names.</param>
    /// <param name="now">Start of validity.</param>
    public PemPair IssueTls(string commonName, DateTimeOffset now)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(commonName);
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        return Issue(null, commonName, X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment,
            [new X509EnhancedKeyUsageExtension([ServerAuthentication, ClientAuthentication], critical: false), names.Build()], now);
    }

    public void Dispose()
    {
        certificate.Dispose();
        key.Dispose();
    }

    private PemPair Issue(
        string? unit, string commonName, X509KeyUsageFlags usage, IEnumerable<X509Extension> extensions, DateTimeOffset now)
    {
        using var subjectKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var name = new X500DistinguishedNameBuilder();
        if (unit is not null)
            name.AddOrganizationalUnitName(unit);
        name.AddCommonName(commonName);
        var request = new CertificateRequest(name.Build(), subjectKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, critical: true));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(
            certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        foreach (var extension in extensions)
            request.CertificateExtensions.Add(extension);
        var end = now.AddYears(ValidYears) < certificate.NotAfter ? now.AddYears(ValidYears) : certificate.NotAfter;
        using var issued = request.Create(
            certificate.SubjectName, new LowSCertificateSigner(key), NotBefore(now), end, NewSerialNumber());
        return new PemPair(issued.ExportCertificatePem(), subjectKey.ExportPkcs8PrivateKeyPem());
    }

    // Clocks of one machine and its containers differ by a little.
    private static DateTimeOffset NotBefore(DateTimeOffset now) => now.AddMinutes(-5);

    private static byte[] NewSerialNumber()
    {
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x7F) | 0x01); // positive, and no leading zero
        return serial;
    }

    private static byte[] AttributesJson(IReadOnlyDictionary<string, string> attributes)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("attrs");
            foreach (var (name, value) in attributes.OrderBy(attribute => attribute.Key, StringComparer.Ordinal))
                json.WriteString(name, value);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }
}
