using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace HealthShare.UnitTests.Protocol.Grpc;

/// <summary>A certificate authority for tests of TLS.</summary>
internal sealed class TestAuthority : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 root;

    /// <param name="name">Its name.</param>
    /// <param name="parent">Who certifies it; null makes a root.</param>
    public TestAuthority(string name, TestAuthority? parent = null)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var (from, until) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        if (parent is null)
        {
            root = request.CreateSelfSigned(from, until);
            return;
        }
        using var bare = request.Create(
            parent.root.SubjectName, X509SignatureGenerator.CreateForECDsa(parent.key), from.AddHours(1), until.AddHours(-1), [1, 2, 3]);
        root = bare.CopyWithPrivateKey(key);
    }

    /// <summary>The root without its key, as a client would be given it.</summary>
    public X509Certificate2Collection Roots => [X509CertificateLoader.LoadCertificate(root.RawData)];

    /// <summary>Its own certificate and, behind it, that of an identity which it issued, in PEM.</summary>
    public string ChainPem(X509Certificate2 issued) => issued.ExportCertificatePem() + "\n" + root.ExportCertificatePem();

    /// <summary>Issues a certificate for use by servers and clients alike, or by clients alone, good for an hour where nothing else is said.</summary>
    public X509Certificate2 Issue(string name, DateTimeOffset? notAfter = null, bool forServers = true)
    {
        using var leafKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", leafKey, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(name, out var ip))
        {
            names.AddIpAddress(ip);
        }
        else
        {
            names.AddDnsName(name);
        }
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension(forServers ? [new Oid(ServerAuthentication), new Oid(ClientAuthentication)] : [new Oid(ClientAuthentication)], false));
        using var bare = request.Create(
            root, DateTimeOffset.UtcNow.AddHours(-1), notAfter ?? DateTimeOffset.UtcNow.AddHours(1), RandomNumberGenerator.GetBytes(8));
        using var withKey = bare.CopyWithPrivateKey(leafKey);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pfx), null);
    }

    public void Dispose()
    {
        key.Dispose();
        root.Dispose();
    }
}
