using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Google.Protobuf;
using HealthShare.Fabric.Protocol.Msp;

namespace HealthShare.Chaincode.Shim.Testing;

/// <summary>Makes callers for tests: real certificates, self-signed, one per name and kept for the process.</summary>
public static class TestIdentity
{
    private static readonly ConcurrentDictionary<string, byte[]> Made = new(StringComparer.Ordinal);

    /// <summary>A serialized identity, as a proposal's creator.</summary>
    /// <param name="mspId">MSP id.</param>
    /// <param name="name">Common name in the certificate.</param>
    /// <param name="attributes">Attributes that the organization's CA would put into the certificate.</param>
    public static ReadOnlyMemory<byte> Create(string mspId, string name = "node", params (string Name, string Value)[] attributes)
    {
        var attributeJson = new JsonObject { ["attrs"] = new JsonObject(attributes.Select(
            attribute => KeyValuePair.Create(attribute.Name, (JsonNode?)attribute.Value))) }.ToJsonString();
        return Made.GetOrAdd($"{mspId}\n{name}\n{attributeJson}", _ => Make(mspId, name, attributeJson));
    }

    private static byte[] Make(string mspId, string name, string attributeJson)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name},OU=client,O={mspId}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(
            new X509Extension("1.2.3.4.5.6.7.8.1", System.Text.Encoding.UTF8.GetBytes(attributeJson), critical: false));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        return new SerializedIdentity { Mspid = mspId, IdBytes = ByteString.CopyFromUtf8(certificate.ExportCertificatePem()) }.ToByteArray();
    }
}
