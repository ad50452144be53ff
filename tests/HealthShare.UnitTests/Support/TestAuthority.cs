using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using HealthShare.Fabric.Protocol.Msp;

namespace HealthShare.UnitTests.Support;

/// <summary>A certificate authority of one member, for tests: issues identities and makes the member's MSP configuration.</summary>
public sealed class TestAuthority
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly TestAuthority? parent;
    private int serial;

    public TestAuthority(string mspId, TestAuthority? parent = null, bool isAuthority = true)
    {
        MspId = mspId;
        this.parent = parent;
        var request = new CertificateRequest($"CN={(parent is null ? "" : "i")}ca.{mspId},O={mspId}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        Certificate = parent is null
            ? request.CreateSelfSigned(Start, Start.AddYears(10))
            : request.Create(parent.Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(parent.key),
                Start, Start.AddYears(9), [0x7f, (byte)++parent.serial]);
    }

    public string MspId { get; }

    public X509Certificate2 Certificate { get; }

    public FabricMSPConfig Config(bool nodeUnits = true)
    {
        var config = new FabricMSPConfig { Name = MspId };
        (parent is null ? config.RootCerts : config.IntermediateCerts).Add(Pem(Certificate));
        for (var above = parent; above is not null; above = above.parent)
            (above.parent is null ? config.RootCerts : config.IntermediateCerts).Add(Pem(above.Certificate));
        config.FabricNodeOus = new FabricNodeOUs
        {
            Enable = nodeUnits,
            ClientOuIdentifier = new() { OrganizationalUnitIdentifier = "client" },
            PeerOuIdentifier = new() { OrganizationalUnitIdentifier = "peer" },
            AdminOuIdentifier = new() { OrganizationalUnitIdentifier = "admin" },
            OrdererOuIdentifier = new() { OrganizationalUnitIdentifier = "orderer" },
        };
        return config;
    }

    public FabricMsp Msp() => new(Config());

    public SigningIdentity Issue(
        string name, string unit = "client", IReadOnlyDictionary<string, string>? attributes = null,
        DateTimeOffset? from = null, DateTimeOffset? until = null, string? claimedMspId = null, ECCurve? curve = null)
    {
        var subjectKey = ECDsa.Create(curve ?? ECCurve.NamedCurves.nistP256);
        var subject = $"CN=\"{name}\"" + string.Concat(unit.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(ou => $",OU={ou}"));
        var request = new CertificateRequest(subject, subjectKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        if (attributes is not null)
        {
            var json = JsonSerializer.SerializeToUtf8Bytes(new { attrs = attributes });
            request.CertificateExtensions.Add(new X509Extension(CertificateAttributes.Oid, json, false));
        }
        using var certificate = request.Create(Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(key),
            from ?? Start, until ?? Start.AddYears(5), [0x01, (byte)++serial]);
        return new SigningIdentity(claimedMspId ?? MspId, certificate.ExportCertificatePem(), subjectKey);
    }

    public ByteString RevocationListOf(params SigningIdentity[] revoked)
    {
        var list = new CertificateRevocationListBuilder();
        foreach (var identity in revoked)
            list.AddEntry(identity.Certificate);
        using var issuer = Certificate.HasPrivateKey ? new X509Certificate2(Certificate) : Certificate.CopyWithPrivateKey(key);
        return ByteString.CopyFrom(list.Build(issuer, 1, Start.AddYears(10), HashAlgorithmName.SHA256, thisUpdate: Start));
    }

    public static ByteString Pem(X509Certificate2 certificate) =>
        ByteString.CopyFrom(Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()));
}
