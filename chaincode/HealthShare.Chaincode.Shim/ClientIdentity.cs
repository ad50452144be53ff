using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Google.Protobuf;
using HealthShare.Fabric.Protocol.Msp;

namespace HealthShare.Chaincode.Shim;

/// <summary>
/// Who signed the proposal. The peer has verified the certificate and its membership before the chaincode runs; the certificate is
/// parsed when first asked for.
/// </summary>
public sealed class ClientIdentity
{
    private const string AttributesOid = "1.2.3.4.5.6.7.8.1"; // Fabric CA's attribute extension
    private readonly Lazy<X509Certificate2> certificate;
    private readonly Lazy<IReadOnlyDictionary<string, string>> attributes;

    private ClientIdentity(string mspId, byte[] pem)
    {
        MspId = mspId;
        certificate = new(() => ReadCertificate(pem));
        attributes = new(() => ReadAttributes(Certificate));
    }

    /// <summary>MSP id of the client's organization.</summary>
    public string MspId { get; }

    /// <summary>The client's certificate.</summary>
    /// <exception cref="ContractException"><c>caller.invalid</c>: the identity holds no X.509 certificate.</exception>
    public X509Certificate2 Certificate => certificate.Value;

    /// <summary>
    /// Names the client within the channel: <c>x509::subject::issuer</c>, distinguished names as RFC 4514 strings. Stable over a
    /// renewal that keeps both names.
    /// </summary>
    public string Id => $"x509::{NameOf(Certificate.SubjectName)}::{NameOf(Certificate.IssuerName)}";

    /// <summary>Attributes that the organization's CA put into the certificate; empty where it put none.</summary>
    public IReadOnlyDictionary<string, string> Attributes => attributes.Value;

    /// <summary>Reads a serialized <c>msp.SerializedIdentity</c>.</summary>
    /// <exception cref="ContractException"><c>caller.invalid</c>: the bytes are no identity.</exception>
    public static ClientIdentity Parse(ReadOnlyMemory<byte> creator)
    {
        try
        {
            var identity = SerializedIdentity.Parser.ParseFrom(creator.Span);
            if (identity.Mspid.Length == 0)
                throw Invalid("The identity names no MSP.");
            return new ClientIdentity(identity.Mspid, identity.IdBytes.ToByteArray());
        }
        catch (InvalidProtocolBufferException e)
        {
            throw Invalid("The creator is no serialized identity.", e);
        }
    }

    private static X509Certificate2 ReadCertificate(byte[] pem)
    {
        try
        {
            return X509Certificate2.CreateFromPem(System.Text.Encoding.UTF8.GetString(pem));
        }
        catch (CryptographicException e)
        {
            throw Invalid("The identity holds no X.509 certificate.", e);
        }
    }

    private static Dictionary<string, string> ReadAttributes(X509Certificate2 certificate)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        if (certificate.Extensions[AttributesOid] is not { } extension)
            return found;
        try
        {
            using var json = JsonDocument.Parse(extension.RawData);
            foreach (var attribute in json.RootElement.GetProperty("attrs").EnumerateObject())
                found[attribute.Name] = attribute.Value.GetString() ?? "";
            return found;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw Invalid("The certificate's attributes cannot be read.", e);
        }
    }

    private static string NameOf(X500DistinguishedName name)
    {
        try
        {
            return name.Decode(X500DistinguishedNameFlags.Reversed | X500DistinguishedNameFlags.DoNotUseQuotes).Replace(", ", ",", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException)
        {
            throw Invalid("The certificate's names cannot be read.", e);
        }
    }

    private static ContractException Invalid(string text, Exception? inner = null) => new("caller.invalid", text, inner);
}
