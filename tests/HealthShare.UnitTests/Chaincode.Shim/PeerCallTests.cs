using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using HealthShare.Chaincode.Shim;
using HealthShare.Fabric.Protocol.Ledger.QueryResult;
using HealthShare.Fabric.Protocol.Peer;
using MessageType = HealthShare.Fabric.Protocol.Peer.ChaincodeMessage.Types.Type;

namespace HealthShare.UnitTests.Chaincode.Shim;

/// <summary>Calls beyond plain reads and writes: what the peer is asked, and what its answers become.</summary>
public sealed class PeerCallTests
{
    [Fact]
    public async Task A_keys_policy_is_set_and_read_as_its_validation_parameter()
    {
        var policy = new KeyEndorsementPolicy().Add(EndorserRole.Peer, "NorthMSP").ToBytes();
        await using var served = await ServedChaincode.StartAsync(async (stub, ct) =>
        {
            await stub.SetStateValidationParameterAsync("k", policy, ct);
            await stub.SetPrivateDataValidationParameterAsync("c", "p", default, ct);
            var own = KeyEndorsementPolicy.Parse(await stub.GetStateValidationParameterAsync("k", ct));
            return $"{string.Join(',', own.MspIds)}|{await stub.GetPrivateDataValidationParameterAsync("c", "p", ct) is null}";
        });
        await using var peer = await served.DialAsync();
        var put = new List<PutStateMetadata>();
        peer.Intercept = request =>
        {
            if (request.Type is MessageType.PutStateMetadata)
            {
                put.Add(PutStateMetadata.Parser.ParseFrom(request.Payload));
                return FakePeer.Reply(request, MessageType.Response, []);
            }
            var asked = GetStateMetadata.Parser.ParseFrom(request.Payload);
            var answer = new StateMetadataResult { Entries = { new StateMetadata { Metakey = "OTHER", Value = ByteString.CopyFrom(1) } } };
            if (asked.Collection.Length == 0)
                answer.Entries.Add(new StateMetadata { Metakey = "VALIDATION_PARAMETER", Value = ByteString.CopyFrom(policy) });
            return FakePeer.Reply(request, MessageType.Response, answer.ToByteArray());
        };
        Assert.Equal("NorthMSP|True", await AnswerAsync(peer));
        Assert.Equal([("", "k", "VALIDATION_PARAMETER", policy.Length), ("c", "p", "VALIDATION_PARAMETER", 0)],
            put.Select(set => (set.Collection, set.Key, set.Metadata.Metakey, set.Metadata.Value.Length)));
    }

    [Theory]
    [InlineData("", "other")]
    [InlineData("elsewhere", "other/elsewhere")]
    public async Task Another_chaincode_is_called_by_its_name_and_channel(string channel, string target)
    {
        await using var served = await ServedChaincode.StartAsync(async (stub, ct) =>
        {
            var answer = await stub.InvokeChaincodeAsync("other", ["get"u8.ToArray(), "k"u8.ToArray()], channel, ct);
            return $"{answer.IsSuccess} {answer.Status} {answer.Message} {Encoding.UTF8.GetString(answer.Payload.Span)}";
        });
        await using var peer = await served.DialAsync();
        ChaincodeSpec? asked = null;
        peer.Intercept = request =>
        {
            asked = ChaincodeSpec.Parser.ParseFrom(request.Payload);
            var body = new Response { Status = 500, Message = "no", Payload = ByteString.CopyFromUtf8("why") };
            var inner = new ChaincodeMessage { Type = MessageType.Completed, Payload = body.ToByteString() };
            return FakePeer.Reply(request, MessageType.Response, inner.ToByteArray());
        };
        Assert.Equal("False 500 no why", await AnswerAsync(peer));
        Assert.Equal((target, "get k"), (asked!.ChaincodeId.Name, string.Join(' ', asked.Input.Args.Select(argument => argument.ToStringUtf8()))));
    }

    [Fact]
    public async Task A_called_chaincode_that_ends_without_an_answer_fails_the_caller()
    {
        await using var served = await ServedChaincode.StartAsync(async (stub, ct) => $"{await stub.InvokeChaincodeAsync("other", [], "", ct)}");
        await using var peer = await served.DialAsync();
        peer.Intercept = request => FakePeer.Reply(
            request, MessageType.Response, new ChaincodeMessage { Type = MessageType.Error, Payload = ByteString.CopyFromUtf8("SECRET") }.ToByteArray());
        Assert.Equal("ledger.refused: The peer refused INVOKE_CHAINCODE.", (await peer.InvokeAsync("tx1", "f")).Message);
        peer.Intercept = request => FakePeer.Reply(request, MessageType.Response, [0xFF]);
        Assert.StartsWith("ledger.refused: ", (await peer.InvokeAsync("tx2", "f")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET_QUERY_RESULT failed: ExecuteQuery not supported for leveldb", "ledger.unsupported: The peer keeps its state in LevelDB, which answers no rich queries; they need CouchDB.")]
    [InlineData("history database is not enabled", "ledger.unsupported: The peer keeps no history of keys.")]
    [InlineData("purge private data is not enabled, channel application capability of V2_5 or later is required", "ledger.unsupported: The channel lacks the application capability V2_5 that purging needs.")]
    [InlineData("anything else", "ledger.refused: The peer refused GET_QUERY_RESULT.")]
    public async Task What_a_peer_does_not_offer_is_told_apart_from_what_it_refuses(string words, string message)
    {
        await using var served = await ServedChaincode.StartAsync(async (stub, ct) =>
        {
            await foreach (var entry in stub.GetQueryResultAsync("{}", ct))
                return entry.Key;
            return "";
        });
        await using var peer = await served.DialAsync();
        peer.Intercept = request => FakePeer.Reply(request, MessageType.Error, Encoding.UTF8.GetBytes(words));
        Assert.Equal(message, (await peer.InvokeAsync("tx1", "f")).Message);
    }

    [Fact]
    public async Task Queries_and_private_ranges_say_what_they_ask_for()
    {
        await using var served = await ServedChaincode.StartAsync(async (stub, ct) =>
        {
            var keys = new List<string>();
            await foreach (var entry in stub.GetPrivateDataByRangeAsync("c", "", "z", ct))
                keys.Add(entry.Key);
            await foreach (var entry in stub.GetPrivateDataByPartialCompositeKeyAsync("c", "t", ["a"], ct))
                keys.Add(entry.Key);
            await foreach (var entry in stub.GetPrivateDataQueryResultAsync("c", "{q}", ct))
                keys.Add(entry.Key);
            var rich = await stub.GetQueryResultWithPaginationAsync("{q}", 5, "b", ct);
            var composite = await stub.GetStateByPartialCompositeKeyWithPaginationAsync("t", ["a"], 6, "", ct);
            return $"{string.Join(',', keys)} {rich.Bookmark} {composite.Fetched}";
        });
        await using var peer = await served.DialAsync();
        var asked = new List<string>();
        peer.Intercept = request =>
        {
            asked.Add(request.Type is MessageType.GetQueryResult
                ? Show(GetQueryResult.Parser.ParseFrom(request.Payload))
                : Show(GetStateByRange.Parser.ParseFrom(request.Payload)));
            var row = new QueryResultBytes { ResultBytes = new KV { Key = $"k{asked.Count}" }.ToByteString() };
            var metadata = new QueryResponseMetadata { FetchedRecordsCount = 1, Bookmark = "next" }.ToByteString();
            return FakePeer.Reply(request, MessageType.Response, new QueryResponse { Results = { row }, Metadata = metadata }.ToByteArray());
        };
        Assert.Equal("k1,k2,k3 next 1", await AnswerAsync(peer));
        Assert.Equal(["c:\u0001..z", "c:\0t\0a\0..\0t\0a\0\U0010FFFF", "c:{q}", ":{q} 5 b", ":\0t\0a\0..\0t\0a\0\U0010FFFF 6 "], asked);

        static string Show(IMessage query) => query switch
        {
            GetQueryResult rich => $"{rich.Collection}:{rich.Query}{Paging(rich.Metadata)}",
            GetStateByRange range => $"{range.Collection}:{range.StartKey}..{range.EndKey}{Paging(range.Metadata)}",
            _ => "",
        };

        static string Paging(ByteString metadata) => metadata.IsEmpty
            ? ""
            : QueryMetadata.Parser.ParseFrom(metadata) is var page ? $" {page.PageSize} {page.Bookmark}" : "";
    }

    [Fact]
    public async Task Decorations_signature_and_binding_reach_the_chaincode()
    {
        await using var served = await ServedChaincode.StartAsync((stub, _) => Task.FromResult(string.Join('|',
            string.Join(',', stub.Decorations.Keys), stub.SignedProposal.Signature.ToStringUtf8(), Convert.ToHexStringLower(stub.Binding.Span))));
        await using var peer = await served.DialAsync();
        var request = peer.Transaction("tx1", "f");
        var input = ChaincodeInput.Parser.ParseFrom(request.Payload);
        input.Decorations["added"] = ByteString.CopyFromUtf8("x");
        request.Payload = input.ToByteString();
        request.Proposal.Signature = ByteString.CopyFromUtf8("signed");
        var answer = Response.Parser.ParseFrom((await peer.TransactAsync(request)).Payload).Payload.ToStringUtf8();
        // No nonce and epoch 0, as the peer above makes its proposals.
        Assert.Equal($"added|signed|{Convert.ToHexStringLower(SHA256.HashData([.. peer.Creator.Span, 0, 0, 0, 0, 0, 0, 0, 0]))}", answer);
    }

    [Fact]
    public async Task A_value_is_sent_as_it_was_when_the_call_was_made()
    {
        await using var served = await ServedChaincode.StartAsync(async (stub, ct) =>
        {
            var first = stub.GetStateAsync("a", ct);
            var value = new byte[] { 1 };
            var second = stub.PutStateAsync("k", value, ct); // waits for its turn
            value[0] = 2;
            await first;
            await second;
            return "";
        });
        await using var peer = await served.DialAsync();
        await AnswerAsync(peer);
        Assert.Equal([1], PutState.Parser.ParseFrom(peer.Received.Single(m => m.Type is MessageType.PutState).Payload).Value.ToByteArray());
    }

    [Fact]
    public async Task A_result_or_call_beyond_the_message_limit_fails_its_transaction_only()
    {
        await using var served = await ServedChaincode.StartAsync(async (stub, ct) =>
        {
            if (stub.TransactionId == "writes")
                await stub.PutStateAsync("k", new byte[128 * 1024], ct);
            return stub.TransactionId == "answers" ? new string('x', 128 * 1024) : "done";
        }, options => options with { MaxMessageSize = 64 * 1024 });
        await using var peer = await served.DialAsync();
        Assert.Equal("transaction.failed: The result is too large.", (await peer.InvokeAsync("answers", "f")).Message);
        Assert.StartsWith("transaction.failed: ", (await peer.InvokeAsync("writes", "f")).Message, StringComparison.Ordinal);
        Assert.Equal("done", (await peer.InvokeAsync("small", "f")).Payload.ToStringUtf8());
    }

    private static async Task<string> AnswerAsync(FakePeer peer)
    {
        var answer = await peer.InvokeAsync("tx", "f");
        Assert.Equal("", answer.Message);
        return answer.Payload.ToStringUtf8();
    }
}
