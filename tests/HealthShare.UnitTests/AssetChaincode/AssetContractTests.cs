using System.Text;
using HealthShare.AssetChaincode;
using HealthShare.Chaincode.Shim;
using HealthShare.Chaincode.Shim.Testing;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.UnitTests.AssetChaincode;

/// <summary>The test chaincode over the in-memory ledger: a check of both.</summary>
public sealed class AssetContractTests
{
    private const string Collection = "_implicit_org_NorthMSP";
    private static readonly ReadOnlyMemory<byte> North = TestIdentity.Create("NorthMSP", "node", ("role", "auditor"));
    private readonly ChaincodeRouter chaincode = AssetContract.CreateChaincode();
    private readonly InMemoryLedger ledger = new();

    [Fact]
    public async Task Keys_are_written_read_changed_and_deleted()
    {
        await SubmitAsync("put", "k", "1");
        Assert.Equal("1", await SubmitAsync("update", "k", "2"));
        Assert.Equal("2", await EvaluateAsync("get", "k"));
        Assert.Equal("2", await SubmitAsync("putMany", "a", "x", "b", "y"));
        await SubmitAsync("del", "k");
        Assert.Equal("asset.not_found: no such key: k", (await ledger.EvaluateAsync(chaincode, North, "get", "k")).Message);
        Assert.Equal(["put", "putMany"], ledger.Events.Select(raised => raised.Name));
        Assert.Matches("""^\[\{"txId":"[0-9a-f]{64}","deleted":true,"value":"".*"value":"2".*"value":"1"[^{]*\]$""", await EvaluateAsync("history", "k"));
    }

    [Fact]
    public async Task Pages_continue_at_their_bookmark_for_plain_and_composite_keys()
    {
        await SubmitAsync("putMany", "r0", "0", "r1", "1", "r2", "2");
        Assert.Equal("""{"rows":[{"key":"r0","value":"0"},{"key":"r1","value":"1"},{"key":"r2","value":"2"}]}""",
            await EvaluateAsync("range", "r", "s"));
        Assert.Equal("""{"rows":[{"key":"r0","value":"0"},{"key":"r1","value":"1"}],"fetched":2,"bookmark":"r2"}""",
            await EvaluateAsync("range", "r", "s", "2", ""));
        Assert.Equal("""{"rows":[{"key":"r2","value":"2"}],"fetched":1,"bookmark":""}""", await EvaluateAsync("range", "r", "s", "2", "r2"));
        await SubmitAsync("index", "t", "a", "1");
        await SubmitAsync("index", "t", "a", "2");
        await SubmitAsync("index", "t", "b", "3");
        Assert.Equal("""[["a","1"],["a","2"]]""", await EvaluateAsync("list", "t", "a"));
        Assert.Contains("\"fetched\":1,\"bookmark\":\"\\u0000t\\u0000a\\u00002\\u0000\"", await EvaluateAsync("listPage", "1", "", "t", "a"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Private_values_come_from_the_transient_map_and_leave_a_hash()
    {
        var put = ledger.Begin(North, "putPrivate", Collection, "p");
        put.Transient["value"] = "secret"u8.ToArray();
        Assert.True((await chaincode.InvokeAsync(put, default)).IsSuccess);
        Assert.Equal(TxValidationCode.Valid, put.Commit());
        Assert.Equal("secret", await EvaluateAsync("getPrivate", Collection, "p"));
        Assert.Equal(64, (await EvaluateAsync("getPrivateHash", Collection, "p")).Length);
        Assert.Equal("""{"rows":[{"key":"p","value":"secret"}]}""", await EvaluateAsync("rangePrivate", Collection, "", ""));
        await SubmitAsync("purgePrivate", Collection, "p");
        Assert.Equal(("", ""), (await EvaluateAsync("getPrivate", Collection, "p"), await EvaluateAsync("getPrivateHash", Collection, "p")));
    }

    [Fact]
    public async Task A_key_with_a_policy_of_its_own_needs_those_endorsements()
    {
        await SubmitAsync("put", "k", "1");
        await SubmitAsync("setPolicy", "k", "peer", "SouthMSP", "EastMSP");
        Assert.Equal("""["EastMSP","SouthMSP"]""", await EvaluateAsync("getPolicy", "k"));
        Assert.Equal(TxValidationCode.EndorsementPolicyFailure, await CommitAsync(["NorthMSP", "SouthMSP"], "put", "k", "2"));
        Assert.Equal(TxValidationCode.EndorsementPolicyFailure, await CommitAsync(["NorthMSP", "SouthMSP"], "setPolicy", "k", "peer"));
        Assert.Equal(TxValidationCode.Valid, await CommitAsync(["EastMSP", "SouthMSP"], "put", "k", "2"));
        Assert.Equal(TxValidationCode.Valid, await CommitAsync(["EastMSP", "SouthMSP"], "setPolicy", "k", "peer"));
        Assert.Equal("[]", await EvaluateAsync("getPolicy", "k"));
        Assert.Equal(TxValidationCode.Valid, await CommitAsync(["NorthMSP"], "put", "k", "3"));
    }

    [Fact]
    public async Task Another_chaincode_commits_with_its_caller_on_one_channel_and_only_reads_on_another()
    {
        var same = ledger.Install("other", chaincode);
        var elsewhere = ledger.Install("other", chaincode, new InMemoryLedger { ChannelId = "elsewhere" });
        Assert.Equal("", await SubmitAsync("call", "other", "", "put", "k", "1"));
        await SubmitAsync("call", "other", "elsewhere", "put", "k", "1");
        Assert.Equal(["k"], same.State.Keys);
        Assert.Empty(elsewhere.State);
        Assert.Empty(ledger.Events);
        Assert.Equal("asset.call_refused: 500 asset.not_found: no such key: none",
            (await ledger.EvaluateAsync(chaincode, North, "call", "other", "", "get", "none")).Message);
        var loses = ledger.Begin(North, "call", "other", "", "update", "k", "2");
        await chaincode.InvokeAsync(loses, default);
        await SubmitAsync("call", "other", "", "put", "k", "3");
        Assert.Equal(TxValidationCode.MvccReadConflict, loses.Commit());
        Assert.Equal("3", Encoding.UTF8.GetString(same.State["k"]));
    }

    [Fact]
    public async Task Rich_queries_are_refused_as_on_LevelDB_until_a_test_answers_them()
    {
        await SubmitAsync("putMany", "a", "1", "b", "2", "c", "2");
        Assert.StartsWith("ledger.unsupported: ", (await ledger.EvaluateAsync(chaincode, North, "query", "2")).Message, StringComparison.Ordinal);
        ledger.RichQueries = (query, entries) => entries.Where(entry => Encoding.UTF8.GetString(entry.Value.Span) == query);
        Assert.Equal("""{"rows":[{"key":"b","value":"2"},{"key":"c","value":"2"}]}""", await EvaluateAsync("query", "2"));
        Assert.Equal("""{"rows":[{"key":"b","value":"2"}],"fetched":1,"bookmark":"1"}""", await EvaluateAsync("query", "2", "1"));
        Assert.Equal("""{"rows":[{"key":"c","value":"2"}],"fetched":1,"bookmark":""}""", await EvaluateAsync("query", "2", "1", "1"));
    }

    [Theory]
    [InlineData("transaction.unknown: This chaincode has no such function.", "nothing")]
    [InlineData("arguments.invalid: putMany takes pairs of key and value.", "putMany", "a")]
    [InlineData("arguments.invalid: asset:get takes 1 argument (key), not 0.", "get")]
    [InlineData("arguments.invalid: asset:range takes 2 to 4 arguments (start, end, pageSize, bookmark), not 1.", "range", "a")]
    [InlineData("arguments.invalid: asset:index takes at least 1 (objectType, parts), not 0.", "index")]
    [InlineData("asset.no_value: The transient map holds no 'value'.", "putPrivate", Collection, "k")]
    [InlineData("arguments.invalid: A role is peer or member.", "setPolicy", "k", "admin", "NorthMSP")]
    [InlineData("key.invalid: A key must not be empty.", "put", "", "x")]
    public async Task Wrong_calls_are_refused(string message, params string[] call) =>
        Assert.Equal(message, (await ledger.EvaluateAsync(chaincode, North, call)).Message);

    [Fact]
    public async Task The_caller_and_the_proposal_are_reported()
    {
        Assert.Contains("\"mspId\":\"NorthMSP\"", await EvaluateAsync("whoami"), StringComparison.Ordinal);
        Assert.Contains("\"role\":\"auditor\"", await EvaluateAsync("whoami"), StringComparison.Ordinal);
        Assert.Matches("\"binding\":\"[0-9a-f]{64}\"", await EvaluateAsync("proposal"));
        Assert.Equal("x", await EvaluateAsync("asset:echo", "x")); // also by its full name
    }

    private async Task<string> SubmitAsync(params string[] call)
    {
        var (response, _, commit) = await ledger.SubmitAsync(chaincode, North, call);
        Assert.Equal((200, TxValidationCode.Valid), (response.Status, commit));
        return Encoding.UTF8.GetString(response.Payload.Span);
    }

    private async Task<string> EvaluateAsync(params string[] call)
    {
        var response = await ledger.EvaluateAsync(chaincode, North, call);
        Assert.Equal("", response.Message);
        return Encoding.UTF8.GetString(response.Payload.Span);
    }

    private async Task<TxValidationCode> CommitAsync(string[] endorsers, params string[] call)
    {
        var stub = ledger.Begin(North, call);
        stub.Endorsers = endorsers;
        Assert.True((await chaincode.InvokeAsync(stub, default)).IsSuccess);
        return stub.Commit();
    }
}
