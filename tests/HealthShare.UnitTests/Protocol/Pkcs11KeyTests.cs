using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Msp;

namespace HealthShare.UnitTests.Protocol;

/// <summary>A key that stays in a token signs for an identity.</summary>
public sealed class Pkcs11KeyTests(SoftHsm token) : IClassFixture<SoftHsm>
{
    private static readonly Pkcs11KeyOptions Options = new() { Token = SoftHsm.Token, Key = "" };

    [SoftHsmFact]
    public async Task A_key_in_a_token_signs_on_many_threads_as_peers_want_it()
    {
        var certificate = CertificateFor(token.MakeKey("signing key"));
        using var identity = new SigningIdentity("Org1MSP", certificate, Pkcs11Key.Open(Options with { Key = "signing key", PinFile = token.PinFile }));
        using var publicKey = identity.Certificate.GetECDsaPublicKey()!;
        var verifier = new EcdsaVerifier(publicKey);

        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(() => Enumerable.Range(0, 25).All(i =>
        {
            var data = BitConverter.GetBytes((worker * 1000) + i);
            return verifier.Verify(data, identity.Sign(data));
        }))));

        Assert.All(results, Assert.True);
    }

    [SoftHsmFact]
    public void A_certificate_of_another_key_is_refused()
    {
        token.MakeKey("one");
        var other = CertificateFor(token.MakeKey("two"));
        using var key = Pkcs11Key.Open(Options with { Key = "one", PinFile = token.PinFile });

        Assert.Throws<FabricDataException>(() => new SigningIdentity("Org1MSP", other, key));
    }

    [SoftHsmFact]
    public void What_is_missing_is_said_and_the_PIN_never()
    {
        token.MakeKey("known");
        var known = Options with { Key = "known", PinFile = token.PinFile };
        Refused(known with { Key = "unknown" }, "unknown");
        Refused(known with { Token = "elsewhere" }, "elsewhere");
        Refused(known with { PinFile = null }, "name one");
        Refused(known with { PinVariable = "HEALTHSHARE_TEST_PIN" }, "name one");
        Refused(known with { PinFile = null, PinVariable = "HEALTHSHARE_TEST_PIN" }, "HEALTHSHARE_TEST_PIN");
        Assert.Throws<FileNotFoundException>(() => Pkcs11Key.Open(known with { PinFile = token.PinFile + ".absent" }));

        void Refused(Pkcs11KeyOptions options, string told)
        {
            var refusal = Assert.Throws<FabricDataException>(() => Pkcs11Key.Open(options));
            Assert.Contains(told, refusal.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(SoftHsm.Pin, refusal.ToString(), StringComparison.Ordinal);
        }
    }

    private static string CertificateFor(byte[] publicKey)
    {
        using var authority = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(publicKey, out _);
        using var certificate = new CertificateRequest("CN=in a token", key, HashAlgorithmName.SHA256).Create(
            new X500DistinguishedName("CN=authority"), X509SignatureGenerator.CreateForECDsa(authority),
            DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(90), [1]);
        return certificate.ExportCertificatePem();
    }
}
