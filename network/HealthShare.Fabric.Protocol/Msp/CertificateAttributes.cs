using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace HealthShare.Fabric.Protocol.Msp;

/// <summary>What a Fabric certificate says about its holder beyond the name.</summary>
public static class CertificateAttributes
{
    /// <summary>Object identifier of the extension that holds the attributes.</summary>
    public const string Oid = "1.2.3.4.5.6.7.8.1";

    /// <summary>Reads the attributes of the extension <see cref="Oid"/>, JSON of the form <c>{"attrs":{"name":"value"}}</c>.</summary>
    /// <returns>Attributes by name; empty where the certificate has none.</returns>
    /// <exception cref="FabricDataException">The extension holds something else.</exception>
    public static ImmutableDictionary<string, string> Read(X509Certificate2 certificate)
    {
        var extension = certificate.Extensions.FirstOrDefault(entry => entry.Oid?.Value == Oid);
        if (extension is null)
            return ImmutableDictionary<string, string>.Empty;
        try
        {
            using var json = JsonDocument.Parse(extension.RawData);
            var attributes = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
            if (json.RootElement.TryGetProperty("attrs", out var list) && list.ValueKind != JsonValueKind.Null)
            {
                foreach (var attribute in list.EnumerateObject())
                    attributes[attribute.Name] = attribute.Value.GetString() ?? "";
            }
            return attributes.ToImmutable();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FabricDataException($"The certificate's extension {Oid} does not hold attributes.", e);
        }
    }

    /// <summary>
    /// The client's id as Fabric's shims give it: <c>x509::subject::issuer</c>, each name from its last part to its first,
    /// separated by commas and escaped by RFC 2253.
    /// </summary>
    /// <exception cref="FabricDataException">A name in the certificate cannot be read.</exception>
    public static string ClientId(X509Certificate2 certificate) =>
        $"x509::{DistinguishedName.Format(certificate.SubjectName)}::{DistinguishedName.Format(certificate.IssuerName)}";
}
