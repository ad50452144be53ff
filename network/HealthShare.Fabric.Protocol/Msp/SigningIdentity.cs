using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Google.Protobuf;

namespace HealthShare.Fabric.Protocol.Msp;

/// <summary>
/// A member's certificate with its private key, or with a way to it: what signs proposals, endorsements, transactions and
/// blocks. Safe to use from many threads.
/// </summary>
public sealed class SigningIdentity : IDisposable
{
    private const int FixedSize = 64; // r and s of 32 bytes each
    private readonly ECDsa? key;
    private readonly ISigner? signer;
    private readonly EcdsaVerifier verifier;
    private readonly Lock signing = new();

    /// <summary>Joins a certificate and its key, which may live in a hardware module, see <see cref="Pkcs11Key"/>.</summary>
    /// <param name="mspId">MSP id of the member, such as <c>Org1MSP</c>.</param>
    /// <param name="certificatePem">The certificate in PEM; sent to others byte for byte.</param>
    /// <param name="key">Its P-256 private key, owned by this object from now on.</param>
    /// <exception cref="FabricDataException">The certificate cannot be read, or certificate and key do not belong together.</exception>
    public SigningIdentity(string mspId, string certificatePem, ECDsa key)
        : this(mspId, certificatePem)
    {
        this.key = key;
        if (!EcdsaVerifier.IsP256(key.ExportParameters(includePrivateParameters: false)))
            throw new FabricDataException($"The private key for {mspId} is not on the curve P-256.");
        if (!Certificate.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo()))
            throw new FabricDataException($"Certificate and private key for {mspId} do not belong together.");
    }

    /// <summary>Joins a certificate and somebody who signs with its key. Every signature is checked before it is used.</summary>
    /// <param name="mspId">MSP id of the member.</param>
    /// <param name="certificatePem">The certificate in PEM.</param>
    /// <param name="signer">Signs with the certificate's key.</param>
    /// <exception cref="FabricDataException">The certificate cannot be read, or its key is not on P-256.</exception>
    public SigningIdentity(string mspId, string certificatePem, ISigner signer)
        : this(mspId, certificatePem) => this.signer = signer;

    private SigningIdentity(string mspId, string certificatePem)
    {
        ArgumentException.ThrowIfNullOrEmpty(mspId);
        MspId = mspId;
        CertificatePem = certificatePem;
        Certificate = PemCertificate.Read(Encoding.UTF8.GetBytes(certificatePem), $"certificate of {mspId}");
        verifier = PemCertificate.ReadKey(Certificate, $"certificate of {mspId}");
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

    /// <summary>False where the key is elsewhere, see <see cref="WithoutKey"/>.</summary>
    public bool CanSign => key is not null || signer is not null;

    /// <summary>
    /// An identity whose signatures are made elsewhere and handed over, see offline signing in the gateway client. Calls that would
    /// have to sign throw <see cref="InvalidOperationException"/>.
    /// </summary>
    /// <exception cref="FabricDataException">The certificate cannot be read, or its key is not on P-256.</exception>
    public static SigningIdentity WithoutKey(string mspId, string certificatePem) => new(mspId, certificatePem);

    /// <summary>Reads certificate and key from PEM text (PKCS #8 or SEC 1; PKCS #8 may be encrypted).</summary>
    /// <param name="mspId">MSP id of the member.</param>
    /// <param name="certificatePem">The certificate.</param>
    /// <param name="keyPem">Its private key.</param>
    /// <param name="password">Password of an encrypted key; empty for one that is not encrypted.</param>
    /// <exception cref="FabricDataException">One of them cannot be read, or they do not belong together.</exception>
    public static SigningIdentity FromPem(string mspId, string certificatePem, string keyPem, ReadOnlySpan<char> password = default)
    {
        var key = ECDsa.Create();
        try
        {
            if (password.IsEmpty)
                key.ImportFromPem(keyPem);
            else
                key.ImportFromEncryptedPem(keyPem, password);
            return new SigningIdentity(mspId, certificatePem, key);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new FabricDataException(password.IsEmpty
                ? $"The private key for {mspId} is not an unencrypted EC key in PEM."
                : $"The private key for {mspId} is not an encrypted PKCS #8 EC key in PEM, or the password is wrong.", e);
        }
        catch (FabricDataException)
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>Reads certificate and key from PEM files.</summary>
    /// <param name="mspId">MSP id of the member.</param>
    /// <param name="certificateFile">File with the certificate.</param>
    /// <param name="keyFile">File with the private key.</param>
    /// <param name="passwordFile">File whose first line is the key's password; null for a key that is not encrypted.</param>
    /// <exception cref="FabricDataException">A file holds something else.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static SigningIdentity FromPemFiles(string mspId, string certificateFile, string keyFile, string? passwordFile = null) =>
        FromPem(mspId, File.ReadAllText(certificateFile), File.ReadAllText(keyFile), passwordFile is null ? "" : SecretFile.Read(passwordFile));

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
        if (key is not null)
        {
            Span<byte> made = stackalloc byte[FixedSize];
            // Key objects make no promise about threads, and some hardware modules have one session.
            lock (signing)
                key.SignHash(hash, made, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
            return LowS.Encode(made);
        }
        if (signer is null)
            throw new InvalidOperationException($"The key of this identity of {MspId} is elsewhere: sign there and hand the signature over.");
        return FabricSignature.Normalize(verifier, hash, signer.SignHash(hash))
            ?? throw new CryptographicException($"The signer of {MspId} gave a signature that is not of the certificate's key.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        key?.Dispose();
        (signer as IDisposable)?.Dispose();
        Certificate.Dispose();
    }
}
