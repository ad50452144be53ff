using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using HealthShare.Fabric.Protocol.Connection;
using HealthShare.Fabric.Protocol.Msp;

namespace HealthShare.IntegrationTests.Support;

/// <summary>Client identities as a member's authority issues them. Its key lies with networks that are made for development.</summary>
internal static class IssuedIdentity
{
    /// <summary>Issues one.</summary>
    /// <param name="member">The member, with its authority's certificate and key.</param>
    /// <param name="notAfter">End of validity; the beginning is a day before it or now, whichever is earlier.</param>
    /// <param name="attributes">Fabric attributes.</param>
    public static SigningIdentity Issue(OrganizationConnection member, DateTimeOffset notAfter, params (string Name, string Value)[] attributes)
    {
        var (certificate, key) = IssuePem(member, notAfter, attributes);
        return SigningIdentity.FromPem(member.MspId, certificate, key);
    }

    /// <summary>Issues one as PEM text, for files.</summary>
    /// <inheritdoc cref="Issue"/>
    public static (string Certificate, string Key) IssuePem(
        OrganizationConnection member, DateTimeOffset notAfter, params (string Name, string Value)[] attributes)
    {
        using var authorityKey = ECDsa.Create();
        authorityKey.ImportFromPem(File.ReadAllText(member.CaKey ?? throw new InvalidOperationException(
            $"The connection file names no authority's key of {member.MspId}.")));
        using var authority = X509Certificate2.CreateFromPem(File.ReadAllText(member.CaCert!));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("OU=client, CN=issued", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        if (attributes.Length > 0)
        {
            var json = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, Dictionary<string, string>>
            {
                ["attrs"] = attributes.ToDictionary(attribute => attribute.Name, attribute => attribute.Value),
            });
            request.CertificateExtensions.Add(new X509Extension(CertificateAttributes.Oid, json, critical: false));
        }
        var now = DateTimeOffset.UtcNow;
        var notBefore = notAfter.AddDays(-1) < now ? notAfter.AddDays(-1) : now;
        // An authority that is minutes old could not have issued a certificate that ended before.
        if (notBefore < authority.NotBefore)
            notBefore = authority.NotBefore;
        using var issued = request.Create(
            authority.SubjectName, X509SignatureGenerator.CreateForECDsa(authorityKey), notBefore, notAfter, RandomNumberGenerator.GetBytes(15));
        return (issued.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
