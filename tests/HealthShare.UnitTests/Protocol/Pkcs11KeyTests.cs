using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Connection;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.UnitTests.DevLedger;

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
    public async Task A_transaction_is_committed_whose_key_is_in_a_token()
    {
        await using var network = await LedgerNetwork.StartAsync();
        var member = network.Connection.Organization("NorthMSP");
        var certificate = CertificateFor(token.MakeKey("client key"), member);
        using var identity = new SigningIdentity(member.MspId, certificate, Pkcs11Key.Open(Options with { Key = "client key", PinFile = token.PinFile }));
        await using var client = GatewayClient.Connect([GatewayEndpoint.From(member.Peers[0], member.MspId)], identity, LedgerNetwork.Channel);

        var result = await client.SubmitAsync(LedgerNetwork.Call("put", "from a token", "value"));
        var value = await client.EvaluateAsync(LedgerNetwork.Call("get", "from a token"));

        Assert.Equal(TxValidationCode.Valid, (await client.GetTransactionAsync(result.TransactionId))!.Code);
        Assert.Equal("value", LedgerNetwork.Text(value));
    }

    [SoftHsmFact]
    public async Task A_token_elsewhere_signs_a_transaction_of_a_client_without_a_key()
    {
        await using var network = await LedgerNetwork.StartAsync();
        var member = network.Connection.Organization("NorthMSP");
        var certificate = CertificateFor(token.MakeKey("key elsewhere"), member);
        using var elsewhere = Pkcs11Key.Open(Options with { Key = "key elsewhere", PinFile = token.PinFile });
        using var here = SigningIdentity.WithoutKey(member.MspId, certificate);
        await using var client = GatewayClient.Connect([GatewayEndpoint.From(member.Peers[0], member.MspId)], here, LedgerNetwork.Channel);

        var proposal = client.NewProposal(LedgerNetwork.Call("put", "signed elsewhere", "value"));
        var transaction = await client.EndorseAsync(proposal, elsewhere.SignHash(proposal.GetDigest()));
        await client.SubmitEndorsedAsync(transaction, elsewhere.SignHash(transaction.GetDigest()));
        var status = client.NewStatusRequest(proposal.TransactionId);
        var commit = await client.GetCommitStatusAsync(status, elsewhere.SignHash(status.GetDigest()));
        var query = client.NewProposal(LedgerNetwork.Call("get", "signed elsewhere"));
        var value = await client.EvaluateAsync(query, elsewhere.SignHash(query.GetDigest()));

        Assert.True(commit.IsValid);
        Assert.Equal("value", LedgerNetwork.Text(value));
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
        return CertificateFor(publicKey, new X500DistinguishedName("CN=authority"), authority, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(90));
    }

    /// <summary>A client's certificate as the member's authority issues it.</summary>
    private static string CertificateFor(byte[] publicKey, OrganizationConnection member)
    {
        using var authority = X509Certificate2.CreateFromPemFile(member.CaCert!, member.CaKey!);
        using var authorityKey = authority.GetECDsaPrivateKey()!;
        return CertificateFor(publicKey, authority.SubjectName, authorityKey, authority.NotBefore, authority.NotAfter);
    }

    private static string CertificateFor(
        byte[] publicKey, X500DistinguishedName issuer, ECDsa issuerKey, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        var request = new CertificateRequest(
            new X500DistinguishedName("OU=client, CN=in a token"), PublicKey.CreateFromSubjectPublicKeyInfo(publicKey, out _), HashAlgorithmName.SHA256);
        using var certificate = request.Create(issuer, X509SignatureGenerator.CreateForECDsa(issuerKey), notBefore, notAfter, RandomNumberGenerator.GetBytes(15));
        return certificate.ExportCertificatePem();
    }
}
