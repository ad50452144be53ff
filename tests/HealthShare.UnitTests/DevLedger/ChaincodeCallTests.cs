using Google.Protobuf;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Peer;
using static HealthShare.UnitTests.DevLedger.ScriptNetwork;

namespace HealthShare.UnitTests.DevLedger;

/// <summary>One chaincode calls another inside a transaction.</summary>
public sealed class ChaincodeCallTests : IAsyncLifetime
{
    private ScriptNetwork network = null!;

    public async Task InitializeAsync() => network = await StartAsync();

    public async Task DisposeAsync() => await network.DisposeAsync();

    [Fact]
    public async Task The_callee_reads_and_writes_its_own_keys_in_the_callers_transaction()
    {
        await network.SubmitAsync("put|k|mine", "call|other|put;k;theirs");
        Assert.Equal("mine\n200 theirs", await network.EvaluateAsync("get|k", "call|other|get;k"));
        Assert.Equal("200 theirs", await network.EvaluateAsync("call|other:any/trial|get;k"));
        network.Verify();
    }

    [Fact]
    public async Task Both_policies_have_to_be_met_and_the_gateway_sees_to_it()
    {
        var request = Call("put|k|1", "call|other|put;k;1");
        var endorsed = await network.Ledger.Client().EndorseAsync(request);
        Assert.Contains("SouthMSP", Tampering.Endorsers(endorsed.Envelope));
        Assert.Equal(TxValidationCode.EndorsementPolicyFailure,
            await network.SubmitAsync(request with { Organizations = ["NorthMSP", "EastMSP"] }));
        Assert.Equal(TxValidationCode.EndorsementPolicyFailure, await network.SubmitAsync(request with { Organizations = ["SouthMSP"] }));
        Assert.Equal(TxValidationCode.Valid, await network.SubmitAsync(request with { Organizations = ["SouthMSP", "EastMSP"] }));
        network.Verify();
    }

    [Fact]
    public async Task A_callee_that_only_read_endorses_too_but_a_commit_does_not_ask_for_it()
    {
        var request = Call("put|k|1", "call|other|get;k");
        Assert.Contains("SouthMSP", Tampering.Endorsers((await network.Ledger.Client().EndorseAsync(request)).Envelope));
        Assert.Equal(TxValidationCode.Valid, await network.SubmitAsync(request with { Organizations = ["NorthMSP", "EastMSP"] }));
        network.Verify();
    }

    [Fact]
    public async Task A_read_of_the_callee_conflicts_like_the_callers_own()
    {
        await network.SubmitAsync(new TransactionRequest("other", "put|k|1"));
        var reading = Call("call|other|get;k", "put|seen|1");
        var writing = new TransactionRequest("other", "put|k|2");
        Assert.Equal([TxValidationCode.Valid, TxValidationCode.MvccReadConflict], await network.RaceAsync(writing, reading));
    }

    [Theory]
    [InlineData("call|nobody|x", "execute failed: invalid invocation: [channel trial] failed to get chaincode container info for nobody")]
    [InlineData("call|script|x", "exists")]
    [InlineData("call|other/elsewhere|x", "[elsewhere]")]
    public async Task Calls_that_cannot_be_made_come_back_as_errors(string call, string text)
    {
        var answer = await network.EvaluateAsync(call);
        Assert.StartsWith("ERROR INVOKE_CHAINCODE failed: transaction ID: ", answer, StringComparison.Ordinal);
        Assert.Contains(text, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_callees_refusal_is_for_the_caller_to_judge()
    {
        Assert.Equal("500 no", await network.EvaluateAsync("call|other|fail;500;no"));
        Assert.Equal("7 broken", await network.EvaluateAsync("call|other|error;broken"));
        Assert.StartsWith("500 Rejecting invoke of QSCC", await network.EvaluateAsync("call|qscc|GetChainInfo,trial"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_callers_event_is_kept()
    {
        var submitted = await network.SubmitAsync("put|k|1", "event|mine|1", "call|other|event;theirs;2,put;k;1");
        await foreach (var found in network.Ledger.Client().ChaincodeEventsAsync("script", new EventPosition(submitted.BlockNumber)))
        {
            Assert.Equal("mine", found.Name);
            break;
        }
    }

    [Fact]
    public async Task What_a_callee_still_does_when_its_caller_is_gone_changes_nothing()
    {
        network.Script.Misbehave = async (transaction, stream) =>
        {
            // Calls on, and completes without waiting for the answer.
            var spec = new ChaincodeSpec { ChaincodeId = new ChaincodeID { Name = "other" }, Input = new ChaincodeInput() };
            spec.Input.Args.Add([ByteString.CopyFromUtf8("sleep|50"), ByteString.CopyFromUtf8("put|late|1")]);
            await stream.WriteAsync(ScriptChaincode.Reply(
                transaction, ChaincodeMessage.Types.Type.InvokeChaincode, spec.ToByteString()));
            await stream.WriteAsync(ScriptChaincode.Reply(
                transaction, ChaincodeMessage.Types.Type.Completed, new Response { Status = 200 }.ToByteString()));
            return true;
        };
        await network.SubmitAsync("x");
        network.Script.Misbehave = null;
        Assert.Equal("200 ", await network.EvaluateAsync("call|other|get;late"));
        network.Verify();
    }

    [Fact]
    public async Task A_callee_that_is_down_ends_the_call_and_not_the_caller()
    {
        await network.Other.DisposeAsync();
        Assert.Contains("execute failed: could not launch chaincode other_1:b", await network.EvaluateAsync("call|other|x"), StringComparison.Ordinal);
        var error = await Assert.ThrowsAsync<LedgerException>(
            () => network.Ledger.Client().EvaluateAsync(new TransactionRequest("other", "x")));
        Assert.Equal(StatusCode.Aborted, error.Status);
    }
}
