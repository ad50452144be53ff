using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace HealthShare.Fabric.Protocol.Msp;

/// <summary>Reads certificates of untrusted origin.</summary>
internal static class PemCertificate
{
    /// <summary>Reads the first PEM block as a certificate, whatever its label, as a peer does.</summary>
    /// <exception cref="FabricDataException">There is no PEM block, or it is no certificate.</exception>
    public static X509Certificate2 Read(ReadOnlySpan<byte> pem, string what)
    {
        var text = Encoding.Latin1.GetString(pem);
        if (!PemEncoding.TryFind(text, out var fields))
            throw new FabricDataException($"The {what} ({pem.Length} bytes) is not in PEM.");
        try
        {
            return X509CertificateLoader.LoadCertificate(Convert.FromBase64String(text[fields.Base64Data]));
        }
        catch (CryptographicException e)
        {
            throw new FabricDataException($"The {what} ({pem.Length} bytes) is not an X.509 certificate.", e);
        }
    }

    /// <summary>The certificate's public key, for checking signatures.</summary>
    /// <exception cref="FabricDataException">It is no key on P-256.</exception>
    public static EcdsaVerifier ReadKey(X509Certificate2 certificate, string what)
    {
        try
        {
            using var key = certificate.GetECDsaPublicKey() ?? throw new FabricDataException($"The {what} holds no ECDSA key.");
            return new EcdsaVerifier(key);
        }
        catch (CryptographicException e)
        {
            throw new FabricDataException($"The {what} holds a key that cannot be read.", e);
        }
    }
}
