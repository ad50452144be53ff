using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.UnitTests.DevLedger;

namespace HealthShare.UnitTests.Client;

/// <summary>Everything that has to be signed can be signed by somebody else, and nothing else can come back.</summary>
public sealed class OfflineSigningTests(LedgerNetwork network) : IClassFixture<LedgerNetwork>
{
    private static readonly BigInteger Order = new(
        Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"), isUnsigned: true, isBigEndian: true);

    private delegate byte[] Form(byte[] lowS);

    [Fact]
    public async Task A_transaction_commits_whose_key_this_process_never_sees()
    {
        using var elsewhere = network.Identity();
        using var here = SigningIdentity.WithoutKey(elsewhere.MspId, elsewhere.CertificatePem);
        await using var client = new GatewayClient(network.Dial(), here, LedgerNetwork.Channel);

        // Each message goes to the signer's machine as bytes, and so does the next step to whoever sends it.
        var proposal = client.NewProposal(LedgerNetwork.Call("put", "offline", "value"));
        var proposalSignature = elsewhere.SignHash(UnsignedProposal.Parse(proposal.ToBytes()).GetDigest());
        var transaction = await client.EndorseAsync(UnsignedProposal.Parse(proposal.ToBytes()), proposalSignature);
        var seen = UnsignedTransaction.Parse(transaction.ToBytes());
        seen.EnsureIsOf(proposal);
        await client.SubmitEndorsedAsync(seen, elsewhere.Sign(seen.SignedBytes.Span));
        var status = UnsignedStatusRequest.Parse(client.NewStatusRequest(proposal.TransactionId).ToBytes());
        var commit = await client.GetCommitStatusAsync(status, elsewhere.SignHash(status.GetDigest()));
        var query = client.NewProposal(LedgerNetwork.Call("get", "offline"));
        var value = await client.EvaluateAsync(query, elsewhere.SignHash(query.GetDigest()));

        Assert.True(commit.IsValid);
        Assert.Equal("value", LedgerNetwork.Text(value));
        Assert.Equal(("asset", "put", "NorthMSP"), (seen.Request.Chaincode, seen.Request.Function, seen.MspId));
        await Assert.ThrowsAsync<InvalidOperationException>(() => client.SubmitAsync(LedgerNetwork.Call("put", "a", "b")));
    }

    [Fact]
    public async Task High_s_and_plain_r_and_s_are_brought_into_Fabrics_form()
    {
        await using var scene = await GatewayScene.StartAsync();
        Form[] forms = [der => der, Fixed, High, der => Fixed(High(der))];
        foreach (var form in forms)
        {
            var proposal = scene.Client.NewProposal(GatewayScene.Request);
            await scene.Client.EndorseAsync(proposal, form(scene.Identity.SignHash(proposal.GetDigest())));
        }

        using var key = System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions.GetECDsaPublicKey(scene.Identity.Certificate)!;
        var verifier = new EcdsaVerifier(key); // refuses high s, as a peer does
        var sent = scene.Gateway.Requests.OfType<EndorseRequest>().Select(request => request.ProposedTransaction).ToList();
        Assert.Equal(forms.Length, sent.Count);
        Assert.All(sent, proposal => Assert.True(verifier.Verify(proposal.ProposalBytes.Span, proposal.Signature.Span)));
    }

    [Fact]
    public async Task A_signature_of_another_key_or_over_other_bytes_is_refused_before_anything_is_sent()
    {
        await using var scene = await GatewayScene.StartAsync();
        var proposal = scene.Client.NewProposal(GatewayScene.Request);
        var good = scene.Identity.SignHash(proposal.GetDigest());
        var transaction = await scene.Client.EndorseAsync(proposal, good);
        var status = scene.Client.NewStatusRequest(proposal.TransactionId);
        var asked = scene.Gateway.Requests.Count;
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] changed = [.. good];
        changed[^1] ^= 1;
        byte[][] bad =
        [
            [], [0], new byte[64], new byte[72], changed, good[..^1], stranger.SignHash(proposal.GetDigest()),
            scene.Identity.Sign("something else"u8),
        ];

        foreach (var signature in bad)
        {
            await Assert.ThrowsAsync<FabricDataException>(() => scene.Client.EndorseAsync(proposal, signature));
            await Assert.ThrowsAsync<FabricDataException>(() => scene.Client.EvaluateAsync(proposal, signature));
            await Assert.ThrowsAsync<FabricDataException>(() => scene.Client.SubmitEndorsedAsync(transaction, signature));
            await Assert.ThrowsAsync<FabricDataException>(() => scene.Client.GetCommitStatusAsync(status, signature));
        }

        Assert.Equal(asked, scene.Gateway.Requests.Count);
    }

    [Fact]
    public async Task Messages_changed_on_their_way_are_refused_when_restored_or_when_the_signature_comes_back()
    {
        await using var scene = await GatewayScene.StartAsync();
        var proposal = scene.Client.NewProposal(GatewayScene.Request);
        var proposalSignature = scene.Identity.SignHash(proposal.GetDigest());
        var transaction = await scene.Client.EndorseAsync(proposal, proposalSignature);
        var transactionSignature = scene.Identity.SignHash(transaction.GetDigest());
        var status = scene.Client.NewStatusRequest(proposal.TransactionId);
        var statusSignature = scene.Identity.SignHash(status.GetDigest());
        var asked = scene.Gateway.Requests.Count;

        await TamperAsync(proposal.ToBytes(), bytes => scene.Client.EndorseAsync(UnsignedProposal.Parse(bytes), proposalSignature));
        await TamperAsync(transaction.ToBytes(), bytes => scene.Client.SubmitEndorsedAsync(UnsignedTransaction.Parse(bytes), transactionSignature));
        await TamperAsync(status.ToBytes(), bytes => scene.Client.GetCommitStatusAsync(UnsignedStatusRequest.Parse(bytes), statusSignature));

        Assert.Equal(asked, scene.Gateway.Requests.Count);
    }

    [Fact]
    public async Task A_transaction_of_another_proposal_is_told_from_the_right_one()
    {
        await using var scene = await GatewayScene.StartAsync();
        var (one, other) = (scene.Client.NewProposal(GatewayScene.Request), scene.Client.NewProposal(GatewayScene.Request));
        var transaction = await scene.Client.EndorseAsync(one, scene.Identity.SignHash(one.GetDigest()));

        UnsignedTransaction.Parse(transaction.ToBytes()).EnsureIsOf(UnsignedProposal.Parse(one.ToBytes()));
        Assert.Throws<FabricDataException>(() => transaction.EnsureIsOf(other));
    }

    [Fact]
    public async Task What_is_signed_for_another_channel_is_not_sent_on_this_one()
    {
        await using var scene = await GatewayScene.StartAsync();
        await using var other = new GatewayClient(new GrpcChannel(scene.Gateway.Address), scene.Identity, "channel-2");
        var proposal = other.NewProposal(GatewayScene.Request);

        await Assert.ThrowsAsync<FabricDataException>(
            () => scene.Client.EndorseAsync(proposal, scene.Identity.SignHash(proposal.GetDigest())));
        Assert.Empty(scene.Gateway.Requests);
    }

    [Fact]
    public async Task A_restored_proposal_shows_all_that_is_signed_and_sent()
    {
        await using var scene = await GatewayScene.StartAsync();
        var request = GatewayScene.Request with
        {
            Transient = new Dictionary<string, ReadOnlyMemory<byte>> { ["secret"] = new byte[] { 1, 2 } },
            Organizations = ["Org1MSP", "Org2MSP"],
        };

        var restored = UnsignedProposal.Parse(scene.Client.NewProposal(request).ToBytes());

        Assert.Equal((request.Chaincode, request.Function), (restored.Request.Chaincode, restored.Request.Function));
        Assert.Equal(request.Arguments.Select(a => a.ToArray()), restored.Request.Arguments.Select(a => a.ToArray()));
        Assert.Equal(request.Organizations, restored.Request.Organizations);
        Assert.Equal([1, 2], restored.Request.Transient["secret"].ToArray());
        Assert.Equal((scene.Identity.MspId, scene.Identity.CertificatePem), (restored.MspId, restored.CertificatePem));
    }

    // Every byte changed in turn: the message is refused, or is still the one that was signed (a field nobody reads).
    private static async Task TamperAsync(byte[] bytes, Func<byte[], Task> send)
    {
        for (var place = 0; place < bytes.Length; place += bytes.Length > 600 ? 7 : 1)
        {
            byte[] changed = [.. bytes];
            changed[place] ^= 0x55;
            await Assert.ThrowsAsync<FabricDataException>(() => send(changed));
        }
        await Assert.ThrowsAsync<FabricDataException>(() => send(bytes[..(bytes.Length / 2)]));
        await Assert.ThrowsAsync<FabricDataException>(() => send([]));
    }

    private static (BigInteger R, BigInteger S) Parts(byte[] der)
    {
        var sequence = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
        return (sequence.ReadInteger(), sequence.ReadInteger());
    }

    private static byte[] High(byte[] der)
    {
        var (r, s) = Parts(der);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(r);
            writer.WriteInteger(Order - s);
        }
        return writer.Encode();
    }

    private static byte[] Fixed(byte[] der)
    {
        var (r, s) = Parts(der);
        return [.. Bytes(r), .. Bytes(s)];

        static byte[] Bytes(BigInteger value)
        {
            var bytes = value.ToByteArray(isUnsigned: true, isBigEndian: true);
            return [.. new byte[32 - bytes.Length], .. bytes];
        }
    }
}
