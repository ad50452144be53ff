using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Google.Protobuf;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Msp;

namespace HealthShare.Chaincode.Shim;

/// <summary>
/// Who signed the proposal. The peer has verified the certificate and its membership before the chaincode runs; the certificate is
/// parsed when first asked for.
/// </summary>
public sealed class ClientIdentity
{
    private readonly Lazy<X509Certificate2> certificate;
    private readonly Lazy<IReadOnlyDictionary<string, string>> attributes;

    private ClientIdentity(string mspId, byte[] pem)
    {
        MspId = mspId;
        certificate = new(() => ReadCertificate(pem));
        attributes = new(() => Read(() => CertificateAttributes.Read(Certificate)));
    }

    /// <summary>MSP id of the client's organization.</summary>
    public string MspId { get; }

    /// <summary>The client's certificate.</summary>
    /// <exception cref="ContractException"><c>caller.invalid</c>: the identity holds no X.509 certificate.</exception>
    public X509Certificate2 Certificate => certificate.Value;

    /// <summary>
    /// Names the client within the channel as Fabric's other shims do: <c>x509::subject::issuer</c>, distinguished names by
    /// RFC 2253. Stable over a renewal that keeps both names.
    /// </summary>
    public string Id => Read(() => CertificateAttributes.ClientId(Certificate));

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
            return X509Certificate2.CreateFromPem(Encoding.UTF8.GetString(pem));
        }
        catch (CryptographicException e)
        {
            throw Invalid("The identity holds no X.509 certificate.", e);
        }
    }

    private static T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (FabricDataException e)
        {
            throw Invalid("The certificate's names or attributes cannot be read.", e);
        }
    }

    private static ContractException Invalid(string text, Exception? inner = null) => new("caller.invalid", text, inner);
}
