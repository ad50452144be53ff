using System.Formats.Asn1;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Google.Protobuf;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.UnitTests.Support;

namespace HealthShare.UnitTests.Protocol;

public sealed class SigningIdentityTests
{
    private static readonly BigInteger Order = BigInteger.Parse(
        "115792089210356248762697446949407573529996955224135760342422259061068512044369", CultureInfo.InvariantCulture);
    private readonly TestAuthority authority = new("NorthMSP");

    [Fact]
    public void Every_signature_has_low_S_and_verifies_here_and_in_the_base_library()
    {
        using var identity = authority.Issue("peer0", "peer");
        using var key = identity.Certificate.GetECDsaPublicKey()!;
        var verifier = new EcdsaVerifier(key);
        for (var i = 0; i < 64; i++)
        {
            var data = Encoding.ASCII.GetBytes($"message {i}");
            var signature = identity.Sign(data);
            Assert.True(Parts(signature).S <= Order / 2);
            Assert.True(verifier.Verify(data, signature));
            Assert.True(key.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        }
    }

    [Theory]
    [InlineData("1", "1")]
    [InlineData("7f", "80")]
    [InlineData("80", "7fff")]
    [InlineData("ff00000000000000000000000000000000000000000000000000000000000000", "00ff")]
    [InlineData("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632550", "7FFFFFFF800000007FFFFFFFFFFFFFFFDE737D56D38BCF4279DCE5617E3192A8")]
    [InlineData("100", "7FFFFFFF800000007FFFFFFFFFFFFFFFDE737D56D38BCF4279DCE5617E3192A9")]
    [InlineData("100", "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632550")]
    [InlineData("100", "8000000000000000000000000000000000000000000000000000000000000000")]
    public void R_and_S_become_the_shortest_DER_with_low_S(string r, string s)
    {
        var (rNumber, sNumber) = (Number(r), Number(s));
        byte[] fixedSize = [.. Fixed(rNumber), .. Fixed(sNumber)];

        Assert.Equal(Der(rNumber, sNumber > Order / 2 ? Order - sNumber : sNumber), LowS.Encode(fixedSize));

        static BigInteger Number(string hex) => BigInteger.Parse("0" + hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

        static byte[] Fixed(BigInteger number)
        {
            var bytes = number.ToByteArray(isUnsigned: true, isBigEndian: true);
            return [.. new byte[32 - bytes.Length], .. bytes];
        }
    }

    [Fact]
    public void High_S_is_refused_though_the_mathematics_hold()
    {
        using var identity = authority.Issue("peer0", "peer");
        using var key = identity.Certificate.GetECDsaPublicKey()!;
        var data = "transaction"u8.ToArray();
        var (r, s) = Parts(identity.Sign(data));
        var high = Der(r, Order - s);

        Assert.True(key.VerifyData(data, high, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        Assert.False(new EcdsaVerifier(key).Verify(data, high));
    }

    [Fact]
    public void Malformed_signatures_are_refused_without_an_exception()
    {
        using var identity = authority.Issue("peer0", "peer");
        using var key = identity.Certificate.GetECDsaPublicKey()!;
        var verifier = new EcdsaVerifier(key);
        var data = "transaction"u8.ToArray();
        var good = identity.Sign(data);
        var (r, s) = Parts(good);
        byte[][] bad =
        [
            [], [0x30], [0x30, 0x84, 0xff, 0xff, 0xff, 0xff], good[..^1], [.. good.Reverse()], new byte[64],
            Der(0, s), Der(r, 0), Der(-r, s), Der(r, -s), Der(Order, s), Der(r + Order, s), Der(BigInteger.One << 4000, s),
        ];
        Assert.All(bad, signature => Assert.False(verifier.Verify(data, signature)));
        Assert.True(verifier.Verify(data, good));
        Assert.True(verifier.Verify(data, [.. good, 1, 2, 3])); // as a peer has it
        Assert.True(verifier.Verify(data, [0x30, (byte)(good[1] + 3), .. good[2..], 0x02, 1, 7]));
        Assert.False(verifier.Verify([.. data, 1], [.. good, 1, 2, 3]));
    }

    [Fact]
    public async Task One_identity_signs_and_verifies_on_many_threads()
    {
        using var identity = authority.Issue("peer0", "peer");
        using var key = identity.Certificate.GetECDsaPublicKey()!;
        var verifier = new EcdsaVerifier(key);
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(() =>
            Enumerable.Range(0, 50).All(i =>
            {
                var data = BitConverter.GetBytes((worker * 1000) + i);
                return verifier.Verify(data, identity.Sign(data));
            }))));
        Assert.All(results, Assert.True);
    }

    [Fact]
    public void A_creator_is_the_serialized_identity_and_the_id_hashes_nonce_and_creator()
    {
        using var identity = authority.Issue("user1");
        var parsed = SerializedIdentity.Parser.ParseFrom(identity.Creator);
        Assert.Equal("NorthMSP", parsed.Mspid);
        Assert.Equal(identity.CertificatePem, parsed.IdBytes.ToStringUtf8());

        var nonce = TransactionId.NewNonce();
        Assert.Equal(TransactionId.NonceSize, nonce.Length);
        Assert.NotEqual(nonce, TransactionId.NewNonce());
        byte[] hashed = [.. nonce, .. identity.Creator];
        Assert.Equal(Convert.ToHexString(SHA256.HashData(hashed)).ToLowerInvariant(), TransactionId.Compute(nonce, identity.Creator));
        // A fixed vector: nonce 00..17, creator "creator".
        Assert.Equal("151635d156b87fcdd972bf6d45d83eb75864e6b9", TransactionId.Compute(
            ByteString.CopyFrom([.. Enumerable.Range(0, 24).Select(i => (byte)i)]), ByteString.CopyFromUtf8("creator"))[..40]);
    }

    [Fact]
    public void Certificate_and_key_must_belong_together_and_be_readable()
    {
        using var one = authority.Issue("one");
        using var otherKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Assert.Throws<FabricDataException>(() => SigningIdentity.FromPem("NorthMSP", one.CertificatePem, otherKey.ExportPkcs8PrivateKeyPem()));
        Assert.Throws<FabricDataException>(() => SigningIdentity.FromPem("NorthMSP", one.CertificatePem, p384.ExportPkcs8PrivateKeyPem()));
        Assert.Throws<FabricDataException>(() => SigningIdentity.FromPem("NorthMSP", one.CertificatePem, "no key"));
        Assert.Throws<FabricDataException>(() => SigningIdentity.FromPem("NorthMSP", "no certificate", otherKey.ExportPkcs8PrivateKeyPem()));
    }

    [Fact]
    public void Attributes_and_client_id_are_read_from_the_certificate()
    {
        using var identity = authority.Issue("dr, who/1", "client", new Dictionary<string, string> { ["role"] = "physician", ["id"] = "" });
        var attributes = CertificateAttributes.Read(identity.Certificate);
        Assert.Equal("physician", attributes["role"]);
        Assert.Equal("", attributes["id"]);
        Assert.StartsWith("x509::CN=dr\\, who/1,OU=client::", CertificateAttributes.ClientId(identity.Certificate), StringComparison.Ordinal);
        using var plain = authority.Issue("plain");
        Assert.Empty(CertificateAttributes.Read(plain.Certificate));
        Assert.Equal("x509::CN=plain,OU=client::CN=ca.NorthMSP,O=NorthMSP", CertificateAttributes.ClientId(plain.Certificate));
    }

    private static (BigInteger R, BigInteger S) Parts(byte[] der)
    {
        var sequence = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
        return (sequence.ReadInteger(), sequence.ReadInteger());
    }

    private static byte[] Der(BigInteger r, BigInteger s)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(r);
            writer.WriteInteger(s);
        }
        return writer.Encode();
    }
}
