using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Google.Protobuf;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.UnitTests.Client;

public sealed class GatewayTransactionTests
{
    [Fact]
    public async Task A_submit_proposes_signs_orders_and_waits_for_its_block()
    {
        await using var scene = await GatewayScene.StartAsync();

        var result = await scene.Client.SubmitAsync(GatewayScene.Request with
        {
            Organizations = ["Org1MSP", "Org2MSP"],
            Transient = new Dictionary<string, ReadOnlyMemory<byte>> { ["secret"] = new byte[] { 1, 2, 3 } },
        });

        Assert.Equal((7ul, "endorsed"), (result.BlockNumber, Encoding.UTF8.GetString(result.Result.Span)));
        var requests = scene.Gateway.Requests.ToArray();
        var endorse = Assert.IsType<EndorseRequest>(requests[0]);
        var submit = Assert.IsType<SubmitRequest>(requests[1]);
        var status = CommitStatusRequest.Parser.ParseFrom(Assert.IsType<SignedCommitStatusRequest>(requests[2]).Request);
        Assert.Equal(["Org1MSP", "Org2MSP"], endorse.EndorsingOrganizations);
        Assert.Equal([result.TransactionId, result.TransactionId, result.TransactionId],
            [endorse.TransactionId, submit.TransactionId, status.TransactionId]);
        Assert.Equal(scene.Identity.Creator, status.Identity);
        AssertSigned(scene, endorse.ProposedTransaction.ProposalBytes, endorse.ProposedTransaction.Signature);
        AssertSigned(scene, submit.PreparedTransaction.Payload, submit.PreparedTransaction.Signature);
        var signed = (SignedCommitStatusRequest)requests[2];
        AssertSigned(scene, signed.Request, signed.Signature);
    }

    [Fact]
    public async Task A_proposal_holds_what_was_asked_and_an_id_bound_to_its_creator()
    {
        await using var scene = await GatewayScene.StartAsync();

        await scene.Client.EndorseAsync(GatewayScene.Request with
        {
            Transient = new Dictionary<string, ReadOnlyMemory<byte>> { ["secret"] = new byte[] { 1, 2, 3 } },
        });

        var request = Assert.IsType<EndorseRequest>(Assert.Single(scene.Gateway.Requests));
        var proposal = Fabric.Protocol.Peer.Proposal.Parser.ParseFrom(request.ProposedTransaction.ProposalBytes);
        var header = Header.Parser.ParseFrom(proposal.Header);
        var channel = ChannelHeader.Parser.ParseFrom(header.ChannelHeader);
        var signature = SignatureHeader.Parser.ParseFrom(header.SignatureHeader);
        var payload = ChaincodeProposalPayload.Parser.ParseFrom(proposal.Payload);
        var spec = ChaincodeInvocationSpec.Parser.ParseFrom(payload.Input).ChaincodeSpec;
        Assert.Equal(((int)HeaderType.EndorserTransaction, "channel-1"), (channel.Type, channel.ChannelId));
        Assert.Equal("basic", ChaincodeHeaderExtension.Parser.ParseFrom(channel.Extension).ChaincodeId.Name);
        Assert.Equal(24, signature.Nonce.Length);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData([.. signature.Nonce, .. scene.Identity.Creator])), channel.TxId);
        Assert.Equal(channel.TxId, request.TransactionId);
        Assert.Equal(["put", "key", "value"], spec.Input.Args.Select(a => a.ToStringUtf8()));
        Assert.Equal([1, 2, 3], payload.TransientMap["secret"].ToByteArray());
    }

    [Fact]
    public async Task An_evaluate_returns_the_result_and_names_the_target_organizations()
    {
        await using var scene = await GatewayScene.StartAsync();

        var result = await scene.Client.EvaluateAsync(GatewayScene.Request with { Organizations = ["Org2MSP"] });

        Assert.Equal("evaluated", Encoding.UTF8.GetString(result.Span));
        var request = Assert.IsType<EvaluateRequest>(Assert.Single(scene.Gateway.Requests));
        Assert.Equal(["Org2MSP"], request.TargetOrganizations);
    }

    [Fact]
    public async Task Many_transactions_at_once_all_get_their_own_id()
    {
        await using var scene = await GatewayScene.StartAsync();

        var results = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => scene.Client.SubmitAsync(GatewayScene.Request)));

        Assert.Equal(100, results.Select(r => r.TransactionId).Distinct().Count());
    }

    [Fact]
    public async Task A_gateway_that_swaps_the_transaction_gets_no_signature()
    {
        await using var scene = await GatewayScene.StartAsync();
        EndorseRequest? first = null;
        scene.Gateway.Endorse = (request, _) =>
            Task.FromResult(new EndorseResponse { PreparedTransaction = FakeGateway.Prepare(first ??= request) });
        await scene.Client.EndorseAsync(GatewayScene.Request);

        var failure = await Assert.ThrowsAsync<LedgerException>(() => scene.Client.SubmitAsync(GatewayScene.Request));

        Assert.Equal((LedgerStage.Endorse, LedgerCodes.BadAnswer), (failure.Stage, failure.Code));
        Assert.DoesNotContain(scene.Gateway.Requests, request => request is SubmitRequest);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_gateway_that_swaps_the_arguments_or_publishes_the_transient_data_gets_no_signature(bool publish)
    {
        await using var scene = await GatewayScene.StartAsync();
        scene.Gateway.Endorse = (request, _) => Task.FromResult(new EndorseResponse
        {
            PreparedTransaction = FakeGateway.Prepare(request, change: payload =>
            {
                if (publish)
                {
                    payload.TransientMap.Add("secret", ByteString.CopyFromUtf8("s"));
                }
                else
                {
                    payload.Input = ByteString.CopyFromUtf8("other");
                }
            }),
        });

        var failure = await Assert.ThrowsAsync<LedgerException>(() => scene.Client.SubmitAsync(GatewayScene.Request));

        Assert.Equal((LedgerStage.Endorse, LedgerCodes.BadAnswer), (failure.Stage, failure.Code));
        Assert.DoesNotContain(scene.Gateway.Requests, request => request is SubmitRequest);
    }

    [Theory]
    [InlineData("")]
    [InlineData("FFFF")]
    [InlineData("0A00")]
    public async Task An_unreadable_prepared_transaction_is_a_bad_answer(string hex)
    {
        await using var scene = await GatewayScene.StartAsync();
        scene.Gateway.Endorse = (_, _) => Task.FromResult(new EndorseResponse
        {
            PreparedTransaction = new Envelope { Payload = ByteString.CopyFrom(Convert.FromHexString(hex)) },
        });

        var failure = await Assert.ThrowsAsync<LedgerException>(() => scene.Client.EndorseAsync(GatewayScene.Request));

        Assert.Equal(LedgerCodes.BadAnswer, failure.Code);
    }

    private static void AssertSigned(GatewayScene scene, ByteString bytes, ByteString signature)
    {
        using var key = scene.Identity.Certificate.GetECDsaPublicKey()!;
        Assert.True(key.VerifyData(bytes.Span, signature.Span, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
    }
}
