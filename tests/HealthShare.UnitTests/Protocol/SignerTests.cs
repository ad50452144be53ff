using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Msp;

namespace HealthShare.UnitTests.Protocol;

/// <summary>Identities whose keys are encrypted, or not in this process at all.</summary>
public sealed class SignerTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory();
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly string certificate;

    public SignerTests()
    {
        using var made = new CertificateRequest("CN=user", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(90));
        certificate = made.ExportCertificatePem();
    }

    [Fact]
    public void Keys_come_as_PKCS8_as_SEC1_and_encrypted_with_a_password_from_a_file()
    {
        var parameters = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 2048);
        AssertSigns(SigningIdentity.FromPem("Org1MSP", certificate, key.ExportPkcs8PrivateKeyPem()));
        AssertSigns(SigningIdentity.FromPem("Org1MSP", certificate, key.ExportECPrivateKeyPem()));
        var (certificateFile, keyFile) = (FileOf("c.pem", certificate), FileOf("k.pem", key.ExportEncryptedPkcs8PrivateKeyPem("pass phrase", parameters)));
        AssertSigns(SigningIdentity.FromPemFiles("Org1MSP", certificateFile, keyFile, FileOf("password", "pass phrase\n")));

        Assert.Throws<FabricDataException>(() => SigningIdentity.FromPemFiles("Org1MSP", certificateFile, keyFile));
        foreach (var wrong in new[] { "other\n", "", "\npass phrase", new string('x', 5000) })
        {
            var refusal = Assert.Throws<FabricDataException>(
                () => SigningIdentity.FromPemFiles("Org1MSP", certificateFile, keyFile, FileOf("wrong", wrong)));
            Assert.DoesNotContain("pass phrase", refusal.ToString(), StringComparison.Ordinal);
        }
        Assert.Throws<FileNotFoundException>(() => SigningIdentity.FromPemFiles("Org1MSP", certificateFile, keyFile, keyFile + ".absent"));
    }

    [Theory]
    [InlineData(DSASignatureFormat.Rfc3279DerSequence)]
    [InlineData(DSASignatureFormat.IeeeP1363FixedFieldConcatenation)]
    public void A_signer_elsewhere_may_answer_in_either_form(DSASignatureFormat format)
    {
        for (var i = 0; i < 20; i++) // half of the signatures have high s
        {
            AssertSigns(new SigningIdentity("Org1MSP", certificate, new Signer(hash => key.SignHash(hash, format))));
        }
    }

    [Fact]
    public void What_a_signer_gives_is_checked_before_it_is_used()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Func<byte[], byte[]>[] bad =
            [_ => [], _ => new byte[64], hash => other.SignHash(hash), _ => key.SignHash(new byte[32]), hash => key.SignHash(hash)[..63]];
        foreach (var answer in bad)
        {
            using var identity = new SigningIdentity("Org1MSP", certificate, new Signer(answer));
            Assert.Throws<CryptographicException>(() => identity.Sign("data"u8));
        }
    }

    [Fact]
    public void An_identity_without_a_key_says_so()
    {
        using var identity = SigningIdentity.WithoutKey("Org1MSP", certificate);
        Assert.False(identity.CanSign);
        Assert.Throws<InvalidOperationException>(() => identity.Sign("data"u8));
        Assert.Throws<FabricDataException>(() => SigningIdentity.WithoutKey("Org1MSP", "none"));
        using var rsa = RSA.Create(2048);
        using var other = new CertificateRequest("CN=rsa", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(90));
        Assert.Throws<FabricDataException>(() => SigningIdentity.WithoutKey("Org1MSP", other.ExportCertificatePem()));
    }

    [Fact]
    public void A_signer_is_disposed_with_its_identity()
    {
        var signer = new Signer(hash => key.SignHash(hash));
        new SigningIdentity("Org1MSP", certificate, signer).Dispose();
        Assert.True(signer.IsDisposed);
    }

    public void Dispose()
    {
        key.Dispose();
        folder.Delete(recursive: true);
    }

    private static void AssertSigns(SigningIdentity identity)
    {
        using (identity)
        {
            using var publicKey = identity.Certificate.GetECDsaPublicKey()!;
            Assert.True(identity.CanSign);
            Assert.True(new EcdsaVerifier(publicKey).Verify("data"u8, identity.Sign("data"u8)));
        }
    }

    private string FileOf(string name, string text)
    {
        var path = Path.Combine(folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    private sealed class Signer(Func<byte[], byte[]> sign) : ISigner, IDisposable
    {
        public bool IsDisposed { get; private set; }

        public byte[] SignHash(ReadOnlySpan<byte> hash) => sign(hash.ToArray());

        public void Dispose() => IsDisposed = true;
    }
}
