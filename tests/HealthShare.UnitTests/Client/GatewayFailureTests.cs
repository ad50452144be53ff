using System.Net;
using System.Net.Sockets;
using Google.Protobuf;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.UnitTests.Client;

/// <summary>Whatever fails, the exception says how far the transaction had come.</summary>
public sealed class GatewayFailureTests
{
    [Fact]
    public async Task A_chaincode_that_refuses_an_endorsement_is_heard_with_its_own_code()
    {
        await using var scene = await GatewayScene.StartAsync();
        scene.Gateway.Endorse = (_, _) => throw FakeGateway.Refusal(
            StatusCode.Aborted, "failed to endorse transaction, see attached details for more info",
            ("Org1MSP", "chaincode response 500, asset.not_found: There is no asset 'a-1': none."));

        var failure = await Assert.ThrowsAsync<LedgerException>(() => scene.Client.SubmitAsync(GatewayScene.Request));

        Assert.Equal((LedgerStage.Endorse, "asset.not_found", 500), (failure.Stage, failure.Code, failure.ChaincodeStatus));
        Assert.Equal("There is no asset 'a-1': none.", failure.ChaincodeMessage);
        Assert.Equal("Org1MSP", Assert.Single(failure.PeerErrors).MspId);
        Assert.Equal(64, failure.TransactionId.Length);
        Assert.False(failure.MayHaveCommitted);
        Assert.False(failure.IsTransient);
    }

    [Theory]
    [InlineData("chaincode response 500, asset.exists: Taken.", "asset.exists", "Taken.")]
    [InlineData("evaluate call to endorser returned error: chaincode response 500, no such key: a", LedgerCodes.ChaincodeError, "no such key: a")]
    [InlineData("chaincode response 400, Asset.Exists: Taken.", LedgerCodes.ChaincodeError, "Asset.Exists: Taken.")]
    [InlineData("chaincode response 500, ", LedgerCodes.ChaincodeError, "")]
    public async Task A_chaincode_that_refuses_a_query_is_heard_from_the_text_alone(string said, string code, string message)
    {
        await using var scene = await GatewayScene.StartAsync();
        scene.Gateway.Evaluate = (_, _) => throw new RpcException(StatusCode.Unknown, said);

        var failure = await Assert.ThrowsAsync<LedgerException>(() => scene.Client.EvaluateAsync(GatewayScene.Request));

        Assert.Equal((LedgerStage.Evaluate, code, message), (failure.Stage, failure.Code, failure.ChaincodeMessage));
    }

    [Fact]
    public async Task A_query_answered_with_an_error_status_is_a_refusal_too()
    {
        await using var scene = await GatewayScene.StartAsync();
        scene.Gateway.Evaluate = (_, _) =>
            Task.FromResult(new EvaluateResponse { Result = new Response { Status = 500, Message = "asset.gone: Away." } });

        var failure = await Assert.ThrowsAsync<LedgerException>(() => scene.Client.EvaluateAsync(GatewayScene.Request));

        Assert.Equal("asset.gone", failure.Code);
    }

    [Theory]
    [InlineData(StatusCode.Unavailable, "x", LedgerCodes.Unavailable, true)]
    [InlineData(StatusCode.ResourceExhausted, "x", LedgerCodes.Busy, true)]
    [InlineData(StatusCode.Unknown, "too many requests for /gateway.Gateway, exceeding concurrency limit (500)", LedgerCodes.Busy, true)]
    [InlineData(StatusCode.DeadlineExceeded, "x", LedgerCodes.Timeout, true)]
    [InlineData(StatusCode.Aborted, "ProposalResponsePayloads do not match", LedgerCodes.Mismatch, true)]
    [InlineData(StatusCode.Aborted, "x", LedgerCodes.Refused, false)]
    [InlineData(StatusCode.FailedPrecondition, "x", LedgerCodes.NotReady, false)]
    [InlineData(StatusCode.PermissionDenied, "x", LedgerCodes.Denied, false)]
    public async Task Each_way_an_endorsement_fails_has_its_code_and_says_whether_to_try_again(
        StatusCode status, string detail, string code, bool transient)
    {
        await using var scene = await GatewayScene.StartAsync();
        scene.Gateway.Endorse = (_, _) => throw new RpcException(status, detail);

        var failure = await Assert.ThrowsAsync<LedgerException>(() => scene.Client.EndorseAsync(GatewayScene.Request));

        Assert.Equal((code, transient, status), (failure.Code, failure.IsTransient, failure.Status));
    }

    [Fact]
    public async Task An_identity_that_the_peers_do_not_accept_is_denied()
    {
        await using var scene = await GatewayScene.StartAsync();
        scene.Gateway.Endorse = (_, _) => throw FakeGateway.Refusal(
            StatusCode.Aborted, "failed to endorse transaction, see attached details for more info",
            ("Org1MSP", "error validating proposal: access denied: channel [channel-1] creator org unknown, creator is malformed"));

        var failure = await Assert.ThrowsAsync<LedgerException>(() => scene.Client.SubmitAsync(GatewayScene.Request));

        Assert.Equal((LedgerStage.Endorse, LedgerCodes.Denied), (failure.Stage, failure.Code));
    }

    [Fact]
    public async Task An_identity_that_has_expired_is_named_whatever_status_the_gateway_gives()
    {
        const string words = "rpc error: code = Unknown desc = proposal client identity expired";
        await using var scene = await GatewayScene.StartAsync();
        scene.Gateway.Endorse = (_, _) => throw FakeGateway.Refusal(
            StatusCode.Aborted, "failed to endorse transaction, see attached details for more info", ("Org2MSP", words));
        scene.Gateway.Evaluate = (_, _) => throw FakeGateway.Refusal(
            StatusCode.Unavailable, "failed to evaluate transaction, see attached details for more info", ("Org2MSP", words));

        var endorse = await Assert.ThrowsAsync<LedgerException>(() => scene.Client.SubmitAsync(GatewayScene.Request));
        var evaluate = await Assert.ThrowsAsync<LedgerException>(() => scene.Client.EvaluateAsync(GatewayScene.Request));

        Assert.All([endorse, evaluate], failure => Assert.Equal((LedgerCodes.CertificateExpired, false), (failure.Code, failure.IsTransient)));
    }

    [Fact]
    public async Task A_failed_submit_may_have_committed_and_is_never_called_transient()
    {
        await using var scene = await GatewayScene.StartAsync(o => o with { SubmitTimeout = TimeSpan.FromSeconds(8) });
        scene.Gateway.Submit = (_, _) => throw FakeGateway.Refusal(
            StatusCode.Unavailable, "no orderers could successfully process transaction", ("OrdererMSP", "connection refused"));

        var failure = await Assert.ThrowsAsync<LedgerException>(() => scene.Client.SubmitAsync(GatewayScene.Request));

        Assert.Equal((LedgerStage.Submit, LedgerCodes.Unavailable), (failure.Stage, failure.Code));
        Assert.True(failure.MayHaveCommitted);
        Assert.False(failure.IsTransient);
    }

    [Theory]
    [InlineData(TxValidationCode.MvccReadConflict, "commit.mvcc_read_conflict", true)]
    [InlineData(TxValidationCode.PhantomReadConflict, "commit.phantom_read_conflict", true)]
    [InlineData(TxValidationCode.EndorsementPolicyFailure, "commit.endorsement_policy_failure", false)]
    public async Task An_invalid_transaction_names_its_validation_code(TxValidationCode validation, string code, bool transient)
    {
        await using var scene = await GatewayScene.StartAsync();
        scene.Gateway.CommitStatus = (_, _) => Task.FromResult(new CommitStatusResponse { Result = validation, BlockNumber = 9 });

        var failure = await Assert.ThrowsAsync<LedgerException>(() => scene.Client.SubmitAsync(GatewayScene.Request));

        Assert.Equal((LedgerStage.Commit, code, transient), (failure.Stage, failure.Code, failure.IsTransient));
        Assert.Equal(validation, failure.ValidationCode);
        Assert.False(failure.MayHaveCommitted);
    }

    [Fact]
    public async Task A_gateway_that_hangs_costs_no_more_than_the_stage_allows()
    {
        var brief = TimeSpan.FromMilliseconds(100);
        await using var scene = await GatewayScene.StartAsync(options => options with
        {
            EvaluateTimeout = brief,
            EndorseTimeout = brief,
            CommitTimeout = brief,
        });
        scene.Gateway.Evaluate = (_, context) => HangAsync<EvaluateResponse>(context);
        scene.Gateway.CommitStatus = (_, context) => HangAsync<CommitStatusResponse>(context);

        var query = await Assert.ThrowsAsync<LedgerException>(() => scene.Client.EvaluateAsync(GatewayScene.Request));
        var commit = await Assert.ThrowsAsync<LedgerException>(() => scene.Client.GetCommitStatusAsync("tx-1"));
        scene.Gateway.Endorse = (_, context) => HangAsync<EndorseResponse>(context);
        var endorse = await Assert.ThrowsAsync<LedgerException>(() => scene.Client.EndorseAsync(GatewayScene.Request));

        Assert.All([query, commit, endorse], failure => Assert.Equal(LedgerCodes.Timeout, failure.Code));
        Assert.Equal((LedgerStage.CommitStatus, true), (commit.Stage, commit.MayHaveCommitted));
        Assert.False(endorse.MayHaveCommitted);
    }

    [Fact]
    public async Task A_port_nobody_listens_on_is_unavailable_at_once()
    {
        using var reserved = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        reserved.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using var scene = await GatewayScene.StartAsync();
        await using var client = new GatewayClient(
            new GrpcChannel(new Uri($"http://127.0.0.1:{((IPEndPoint)reserved.LocalEndPoint!).Port}")), scene.Identity, "channel-1");

        var failure = await Assert.ThrowsAsync<LedgerException>(() => client.SubmitAsync(GatewayScene.Request));

        Assert.Equal((LedgerStage.Endorse, LedgerCodes.Unavailable), (failure.Stage, failure.Code));
    }

    [Fact]
    public async Task The_commit_status_is_asked_for_again_while_the_gateway_is_away()
    {
        await using var scene = await GatewayScene.StartAsync();
        var asked = 0;
        scene.Gateway.CommitStatus = (_, _) => Interlocked.Increment(ref asked) < 4
            ? throw new RpcException(StatusCode.Unavailable, "restarting")
            : Task.FromResult(new CommitStatusResponse { BlockNumber = 3 });

        var result = await scene.Client.SubmitAsync(GatewayScene.Request);

        Assert.Equal((3ul, 4), (result.BlockNumber, asked));
    }

    [Fact]
    public async Task A_caller_that_cancels_gets_a_cancellation_and_not_a_ledger_failure()
    {
        await using var scene = await GatewayScene.StartAsync();
        using var cancel = new CancellationTokenSource();
        scene.Gateway.Endorse = async (_, context) =>
        {
            await cancel.CancelAsync();
            return await HangAsync<EndorseResponse>(context);
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scene.Client.SubmitAsync(GatewayScene.Request, cancel.Token));
    }

    [Fact]
    public async Task An_unknown_outcome_is_looked_up_by_the_transaction_id()
    {
        await using var scene = await GatewayScene.StartAsync();
        scene.Gateway.Evaluate = (request, _) =>
        {
            var proposal = Fabric.Protocol.Peer.Proposal.Parser.ParseFrom(request.ProposedTransaction.ProposalBytes);
            var input = ChaincodeProposalPayload.Parser.ParseFrom(proposal.Payload).Input;
            var arguments = ChaincodeInvocationSpec.Parser.ParseFrom(input).ChaincodeSpec.Input.Args.Select(a => a.ToStringUtf8());
            return arguments.SequenceEqual(["GetTransactionByID", "channel-1", "tx-known"])
                ? Task.FromResult(new EvaluateResponse
                {
                    Result = new Response
                    {
                        Status = 200,
                        Payload = new ProcessedTransaction
                        {
                            ValidationCode = (int)TxValidationCode.MvccReadConflict,
                            TransactionEnvelope = new Envelope { Signature = ByteString.CopyFromUtf8("signature") },
                        }.ToByteString(),
                    },
                })
                : throw new RpcException(StatusCode.Unknown, "evaluate call to endorser returned error: chaincode response 500, "
                    + "Failed to get transaction with id tx-unknown, error no such transaction ID [tx-unknown] in index");
        };

        var known = await scene.Client.GetTransactionAsync("tx-known");
        var unknown = await scene.Client.GetTransactionAsync("tx-unknown");

        Assert.Equal(TxValidationCode.MvccReadConflict, known?.Code);
        Assert.Null(unknown);
    }

    [Fact]
    public async Task A_look_up_that_fails_for_another_reason_is_not_taken_for_absence()
    {
        await using var scene = await GatewayScene.StartAsync();
        scene.Gateway.Evaluate = (_, _) => throw new RpcException(StatusCode.Unavailable, "no peer");

        await Assert.ThrowsAsync<LedgerException>(() => scene.Client.GetTransactionAsync("tx-1"));
    }

    [Fact]
    public async Task Chain_information_that_is_no_protobuf_is_a_bad_answer()
    {
        await using var scene = await GatewayScene.StartAsync();
        scene.Gateway.Evaluate = (_, _) => Task.FromResult(new EvaluateResponse
        {
            Result = new Response { Status = 200, Payload = ByteString.CopyFrom(0xff, 0xff) },
        });

        var failure = await Assert.ThrowsAsync<LedgerException>(() => scene.Client.GetChainInfoAsync());

        Assert.Equal(LedgerCodes.BadAnswer, failure.Code);
    }

    private static async Task<T> HangAsync<T>(GrpcServerContext context)
    {
        await Task.Delay(Timeout.Infinite, context.CancellationToken);
        throw new InvalidOperationException("A delay without end has ended.");
    }
}
