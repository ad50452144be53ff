using Google.Protobuf;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Orderer;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Fabric.Protocol.Peer.Lifecycle;
using static HealthShare.UnitTests.DevLedger.LedgerNetwork;
using static HealthShare.UnitTests.DevLedger.ScriptNetwork;
using Type = HealthShare.Fabric.Protocol.Peer.ChaincodeMessage.Types.Type;

namespace HealthShare.UnitTests.DevLedger;

/// <summary>
/// Answers that a peer 2.5.4 was seen to give to the same calls. One network serves all of them: none leaves anything behind
/// that another would stumble over.
/// </summary>
public sealed class PeerAgreementTests : IClassFixture<PeerAgreementTests.Running>
{
    private const string Evaluating = "evaluate call to endorser returned error: ";
    private readonly ScriptNetwork network;

    public PeerAgreementTests(Running running) => network = running.Network;

    public sealed class Running : IAsyncLifetime
    {
        internal ScriptNetwork Network { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Network = await ScriptNetwork.StartAsync();
            await Network.SubmitAsync("put|a|1", "put|b|2", "put|c|3");
        }

        public async Task DisposeAsync() => await Network.DisposeAsync();
    }

    [Theory]
    [InlineData("page|a||2|", "a=1,b=2 2 [c]")]
    [InlineData("page|a||2|c", "c=3 1 []")]
    [InlineData("page|a|c|0|b", "b=2 1 []")]
    [InlineData("page|a|c|-1|", "a=1,b=2 2 []")]
    [InlineData("query|{}", "ERROR GET_QUERY_RESULT failed: transaction ID: TX: ExecuteQuery not supported for leveldb")]
    [InlineData("pquery|{}|3", "ERROR GET_QUERY_RESULT failed: transaction ID: TX: ExecuteQueryWithMetadata not supported for leveldb")]
    [InlineData("next|nope", "ERROR QUERY_STATE_NEXT failed: transaction ID: TX: query iterator not found")]
    [InlineData("getp|nocoll|k", "ERROR GET_STATE failed: transaction ID: TX: collection trial/script/nocoll could not be found")]
    [InlineData("getp|_implicit_org_NoMSP|k", "ERROR GET_STATE failed: transaction ID: TX: collection [_implicit_org_NoMSP] not defined in the collection config for chaincode [script]")]
    [InlineData("purge||k", "ERROR PURGE_PRIVATE_DATA failed: transaction ID: TX: only applicable for private data")]
    [InlineData("call|other/elsewhere|x", "ERROR INVOKE_CHAINCODE failed: transaction ID: TX: Failed to get policy manager for channel [elsewhere]")]
    [InlineData("call|cscc|GetChannels", "500 Rejecting invoke of CSCC from another chaincode, original invocation for 'script'")]
    [InlineData("call|_lifecycle|x", "500 lifecycle scc operations require exactly two arguments but received 1")]
    public async Task A_chaincode_is_answered_as_by_a_peer(string request, string answer) =>
        Assert.Equal(answer, WithoutId(await network.EvaluateAsync(request)));

    [Theory]
    [InlineData("page|a||2|", "put|x|1", "unsuppored transaction. Transaction has already performed a paginated query. Writes are not allowed")]
    [InlineData("put|x|1", "page|a||2|", "unsuppored transaction. Paginated queries are supported only in a read-only transaction")]
    [InlineData("rangep|_implicit_org_NorthMSP|a|b", "put|x|1", "unsuppored transaction. Transaction has already performed queries on pvt data. Writes are not allowed")]
    [InlineData("put|x|1", "rangep|_implicit_org_NorthMSP|a|b", "unsuppored transaction. Queries on pvt data is supported only in a read-only transaction")]
    public async Task Queries_that_no_commit_could_check_go_with_no_write(string first, string second, string refusal) =>
        Assert.EndsWith(refusal, await network.EvaluateAsync(At("NorthMSP", first, second)), StringComparison.Ordinal);

    [Theory]
    [InlineData("qscc", StatusCode.Unknown, "chaincode response 500, Incorrect number of arguments, 0")]
    [InlineData("qscc GetBlockByNumber trial", StatusCode.Unknown, "chaincode response 500, missing 3rd argument for GetBlockByNumber")]
    [InlineData("qscc GetBlockByNumber trial x", StatusCode.Unknown, "chaincode response 500, Failed to parse block number with error strconv.ParseUint: parsing \"x\": invalid syntax")]
    [InlineData("qscc GetBlockByHash trial x", StatusCode.Unknown, "chaincode response 500, Failed to get block hash x, error no such block hash [78] in index")]
    [InlineData("qscc GetBlockByTxID trial x", StatusCode.Unknown, "chaincode response 500, Failed to get block for txID x, error no such transaction ID [x] in index")]
    [InlineData("qscc Nope trial x", StatusCode.Unknown, "chaincode response 500, access denied for [Nope][trial]: [Unmapped policy for qscc/Nope]")]
    [InlineData("cscc GetConfigBlock nope", StatusCode.Unknown, "chaincode response 500, access denied for [GetConfigBlock][nope]: Failed to get policy manager for channel [nope]")]
    [InlineData("cscc Nope x", StatusCode.Unknown, "chaincode response 500, Requested function Nope not found.")]
    [InlineData("_lifecycle Nope x", StatusCode.Unknown, "chaincode response 500, Failed to authorize invocation due to failed ACL check: Unmapped policy for _lifecycle/Nope")]
    [InlineData("script fail|404|text", StatusCode.Unknown, "chaincode response 404, text")]
    [InlineData("script fail|100|text", StatusCode.Unknown, "chaincode response 100, text")]
    public async Task An_evaluation_that_fails_has_a_peers_code_and_text(string call, StatusCode code, string text)
    {
        var words = call.Split(' ');
        var error = await Assert.ThrowsAsync<RpcException>(() => EvaluateAsync(words[0], words[1..]));
        Assert.Equal((code, Evaluating + text), (error.Status, error.Detail));
    }

    [Fact]
    public async Task Blocks_are_found_by_hash_and_the_channel_and_its_chaincodes_are_described()
    {
        var info = BlockchainInfo.Parser.ParseFrom((await EvaluateAsync("qscc", "GetChainInfo", Channel)).Payload);
        var found = await EvaluateAsync("qscc", ["GetBlockByHash", Channel], info.CurrentBlockHash);
        Assert.Equal(info.Height - 1, Block.Parser.ParseFrom(found.Payload).Header.Number);
        var channels = ChannelQueryResponse.Parser.ParseFrom((await EvaluateAsync("cscc", "GetChannels")).Payload).Channels;
        Assert.Equal(Channel, Assert.Single(channels).ChannelId);
        Assert.Contains("Application", Config.Parser.ParseFrom(
            (await EvaluateAsync("cscc", "GetChannelConfig", Channel)).Payload).ChannelGroup.Groups.Keys);
        var all = QueryChaincodeDefinitionsResult.Parser.ParseFrom(
            (await EvaluateAsync(Lifecycle, "QueryChaincodeDefinitions", "")).Payload).ChaincodeDefinitions;
        Assert.Equal(["asset", "other", "script"], all.Select(definition => definition.Name));
        var one = QueryChaincodeDefinitionResult.Parser.ParseFrom((await EvaluateAsync(Lifecycle, ["QueryChaincodeDefinition"],
            new QueryChaincodeDefinitionArgs { Name = "script" }.ToByteString())).Payload);
        Assert.Equal((1L, "1.0", "escc", "vscc"), (one.Sequence, one.Version, one.EndorsementPlugin, one.ValidationPlugin));
    }

    [Theory]
    [InlineData(Type.Completed, false, "failed to unmarshal response for transaction TX: proto: cannot parse invalid wire-format data")]
    [InlineData((Type)99, false, "failed to execute transaction TX: error sending: chaincode stream terminated")]
    [InlineData(Type.Register, false, "failed to execute transaction TX: error sending: chaincode stream terminated")]
    public async Task Garbage_of_a_chaincode_ends_what_it_was_asked_and_the_next_call_works(Type type, bool answer, string text)
    {
        network.Script.Misbehave = async (transaction, stream) =>
        {
            await stream.WriteAsync(ScriptChaincode.Reply(transaction, type, ByteString.CopyFrom(0xFF, 0xFF)));
            return !answer;
        };
        var error = await Assert.ThrowsAsync<RpcException>(() => EvaluateAsync("script", "get|a"));
        network.Script.Misbehave = null;
        Assert.Equal((StatusCode.Aborted, "failed to evaluate transaction, see attached details for more info"), (error.Status, error.Detail));
        var details = Fabric.Protocol.Rpc.Status.Parser.ParseFrom(error.StatusDetails.Span).Details.Select(any => any.Unpack<ErrorDetail>());
        Assert.All(details, detail => Assert.Equal($"error in simulation: {text}", WithoutId(detail.Message)));
        Assert.Equal("1", await network.EvaluateAsync("get|a"));
    }

    [Fact]
    public async Task Answers_for_other_transactions_and_floods_of_requests_harm_nobody()
    {
        network.Script.Misbehave = async (transaction, stream) =>
        {
            for (var i = 0; i < 1000; i++)
            {
                var stray = ScriptChaincode.Reply(transaction, i % 2 == 0 ? Type.Completed : Type.GetState, ByteString.Empty);
                stray.Txid = "another";
                await stream.WriteAsync(stray);
            }
            return false;
        };
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => network.EvaluateAsync("get|a")));
        network.Script.Misbehave = null;
        Assert.All(answers, answer => Assert.Equal("1", answer));
    }

    [Fact]
    public async Task Private_values_are_delivered_by_their_organizations_peer_to_any_reader_and_by_no_other()
    {
        var code = await network.SubmitAsync(At("NorthMSP", $"putp|{OfNorth}|delivered|v"));
        Assert.Equal(TxValidationCode.Valid, code);
        var last = network.Ledger.Host.Height - 1;
        Assert.Equal(1, await CountAsync("NorthMSP", "SouthMSP", last));
        Assert.Equal(0, await CountAsync("SouthMSP", "NorthMSP", last));
    }

    [Fact]
    public async Task A_stop_without_a_place_means_block_zero_and_a_start_without_one_is_not_found()
    {
        Assert.Equal(Status.Success, (await SeekAsync(new SeekInfo { Start = SeekRequests.At(0), Stop = new SeekPosition() }))[^1].Status);
        Assert.Equal(Status.NotFound, (await SeekAsync(new SeekInfo { Start = new SeekPosition(), Stop = SeekRequests.At(1) }))[^1].Status);
    }

    private const string Lifecycle = "_lifecycle";

    private Task<Response> EvaluateAsync(string chaincode, params string[] call) => EvaluateAsync(chaincode, call, null);

    private async Task<Response> EvaluateAsync(string chaincode, string[] call, ByteString? last)
    {
        await using var channel = network.Ledger.Dial();
        var proposal = last is null
            ? Tampering.Proposal(network.Ledger.Identity(), Channel, chaincode, call)
            : Tampering.ProposalWith(network.Ledger.Identity(), Channel, chaincode, [.. call.Select(ByteString.CopyFromUtf8), last]);
        return (await channel.UnaryAsync(FabricMethods.Evaluate, new EvaluateRequest { ProposedTransaction = proposal })).Result;
    }

    private async Task<int> CountAsync(string at, string reader, ulong number)
    {
        await using var channel = network.Ledger.Dial(at);
        await using var call = await channel.DuplexAsync(FabricMethods.DeliverWithPrivateData);
        await call.WriteAsync(SeekRequests.Signed(network.Ledger.Identity(reader), SeekRequests.Blocks(number, number)));
        await foreach (var response in call.ReadAllAsync())
            return response.BlockAndPrivateData.PrivateDataMap.Count;
        throw new InvalidOperationException("Nothing was delivered.");
    }

    private async Task<List<DeliverResponse>> SeekAsync(SeekInfo seek)
    {
        await using var channel = network.Ledger.Dial();
        await using var call = await channel.DuplexAsync(FabricMethods.Deliver);
        await call.WriteAsync(SeekRequests.Signed(network.Ledger.Identity(), seek));
        await call.CompleteAsync();
        List<DeliverResponse> responses = [];
        await foreach (var response in call.ReadAllAsync())
            responses.Add(response);
        return responses;
    }

    private static string WithoutId(string text) => System.Text.RegularExpressions.Regex.Replace(text, "[0-9a-f]{64}", "TX");
}
