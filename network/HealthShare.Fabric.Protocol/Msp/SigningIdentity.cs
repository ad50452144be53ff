using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Google.Protobuf;

namespace HealthShare.Fabric.Protocol.Msp;

/// <summary>
/// A member's certificate with its private key: what signs proposals, endorsements, transactions and blocks. Safe to use
/// from many threads.
/// </summary>
public sealed class SigningIdentity : IDisposable
{
    private readonly ECDsa key;
    private readonly Lock signing = new();

    /// <summary>Joins a certificate and its key, which may live in a hardware module.</summary>
    /// <param name="mspId">MSP id of the member, such as <c>Org1MSP</c>.</param>
    /// <param name="certificatePem">The certificate in PEM; sent to others byte for byte.</param>
    /// <param name="key">Its P-256 private key, owned by this object from now on.</param>
    /// <exception cref="FabricDataException">The certificate cannot be read, or certificate and key do not belong together.</exception>
    public SigningIdentity(string mspId, string certificatePem, ECDsa key)
    {
        ArgumentException.ThrowIfNullOrEmpty(mspId);
        this.key = key;
        MspId = mspId;
        CertificatePem = certificatePem;
        Certificate = PemCertificate.Read(Encoding.UTF8.GetBytes(certificatePem), $"certificate of {mspId}");
        if (!EcdsaVerifier.IsP256(key.ExportParameters(includePrivateParameters: false)))
            throw new FabricDataException($"The private key for {mspId} is not on the curve P-256.");
        if (!Certificate.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo()))
            throw new FabricDataException($"Certificate and private key for {mspId} do not belong together.");
        Creator = new SerializedIdentity { Mspid = mspId, IdBytes = ByteString.CopyFromUtf8(certificatePem) }.ToByteString();
    }

    /// <summary>MSP id of the member.</summary>
    public string MspId { get; }

    /// <summary>The certificate as it was given.</summary>
    public string CertificatePem { get; }

    /// <summary>The certificate; its end of validity is worth a warning in good time.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The serialized <c>msp.SerializedIdentity</c>: creator of a signature header, endorser of an endorsement.</summary>
    public ByteString Creator { get; }

    /// <summary>Reads certificate and key from PEM text (PKCS #8 or SEC 1, not encrypted).</summary>
    /// <exception cref="FabricDataException">One of them cannot be read, or they do not belong together.</exception>
    public static SigningIdentity FromPem(string mspId, string certificatePem, string keyPem)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(keyPem);
            return new SigningIdentity(mspId, certificatePem, key);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new FabricDataException($"The private key for {mspId} is not an unencrypted EC key in PEM.", e);
        }
        catch (FabricDataException)
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>Reads certificate and key from PEM files.</summary>
    /// <exception cref="FabricDataException">A file holds something else.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static SigningIdentity FromPemFiles(string mspId, string certificateFile, string keyFile) =>
        FromPem(mspId, File.ReadAllText(certificateFile), File.ReadAllText(keyFile));

    /// <summary>Signs SHA-256 of the data.</summary>
    /// <returns>DER sequence of r and s, s in the lower half of the order.</returns>
    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(data, hash);
        return SignHash(hash);
    }

    /// <summary>Signs a SHA-256 hash made by the caller.</summary>
    /// <returns>DER sequence of r and s, s in the lower half of the order.</returns>
    public byte[] SignHash(ReadOnlySpan<byte> hash)
    {
        Span<byte> fixedSize = stackalloc byte[64];
        // Key objects make no promise about threads, and some hardware modules have one session.
        lock (signing)
            key.SignHash(hash, fixedSize, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return LowS.Encode(fixedSize);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        key.Dispose();
        Certificate.Dispose();
    }
}
