using System.Text;
using Google.Protobuf;
using HealthShare.Chaincode.Shim;
using HealthShare.Fabric.Protocol.Peer;
using MessageType = HealthShare.Fabric.Protocol.Peer.ChaincodeMessage.Types.Type;

namespace HealthShare.UnitTests.Chaincode.Shim;

/// <summary>What chaincode can do at a peer.</summary>
public sealed class ChaincodeServerTests
{
    private const string Thing = """{"name":"lamp","count":1}""";

    [Fact]
    public async Task A_contract_runs_at_a_peer_with_writes_event_and_result()
    {
        await using var served = await ServedChaincode.StartAsync(new ChaincodeRouter([new ThingsContract()], ThingsJson.Default));
        await using var peer = await served.DialAsync(register: false);
        Assert.Equal(ServedChaincode.PackageId, await peer.RegisterAsync());

        var answer = await peer.TransactAsync("tx1", "Things:Put", "one", Thing, "7");
        var response = Response.Parser.ParseFrom(answer.Payload);
        Assert.Equal((MessageType.Completed, 200, """{"name":"lamp","count":7}"""),
            (answer.Type, response.Status, response.Payload.ToStringUtf8()));
        Assert.Equal(("ThingPut", Thing), (answer.ChaincodeEvent.EventName, answer.ChaincodeEvent.Payload.ToStringUtf8()));
        var put = PutState.Parser.ParseFrom(peer.Received.Single(message => message.Type is MessageType.PutState).Payload);
        Assert.Equal((CompositeKey.Make("thing", "one"), Thing, ""), (put.Key, put.Value.ToStringUtf8(), put.Collection));
    }

    [Fact]
    public async Task The_proposal_is_seen_as_the_peer_sent_it()
    {
        await using var served = await ServedChaincode.StartAsync((stub, _) => Task.FromResult(string.Join('|',
            stub.ChannelId, stub.TransactionId, stub.ProposedAt.ToString("O"), ClientIdentity.Parse(stub.Creator).MspId,
            Encoding.UTF8.GetString(stub.Transient["value"].Span), stub.Arguments.Count)));
        await using var peer = await served.DialAsync();
        peer.Transient["value"] = "secret"u8.ToArray();
        Assert.Equal("health|tx1|2026-03-01T08:00:00.0000000+00:00|NorthMSP|secret|2",
            (await peer.InvokeAsync("tx1", "f", "a")).Payload.ToStringUtf8());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(8)]
    public async Task A_range_is_read_batch_after_batch(int count)
    {
        await using var served = await ServedChaincode.StartAsync(async (stub, ct) =>
        {
            var keys = new List<string>();
            await foreach (var entry in stub.GetStateByPartialCompositeKeyAsync("t", ["a"], ct))
                keys.Add(CompositeKey.Split(entry.Key).Parts[1]);
            return string.Join(',', keys);
        });
        await using var peer = await served.DialAsync();
        for (var i = 0; i < count; i++)
            peer.State[CompositeKey.Make("t", "a", $"{i}")] = [1];
        peer.State[CompositeKey.Make("t", "b", "0")] = [1];
        peer.State["plain"] = [1];
        Assert.Equal(string.Join(',', Enumerable.Range(0, count)), (await peer.InvokeAsync("tx1", "f")).Payload.ToStringUtf8());
        Assert.Equal(0, peer.OpenIterators);
    }

    [Fact]
    public async Task A_range_that_is_left_early_closes_the_peers_iterator()
    {
        await using var served = await ServedChaincode.StartAsync(async (stub, ct) =>
        {
            await foreach (var entry in stub.GetStateByRangeAsync("", "", ct))
                return entry.Key;
            return "";
        });
        await using var peer = await served.DialAsync();
        for (var i = 0; i < 8; i++)
            peer.State[$"k{i}"] = [1];
        Assert.Equal("k0", (await peer.InvokeAsync("tx1", "f")).Payload.ToStringUtf8());
        Assert.Equal(0, peer.OpenIterators);
        Assert.Contains(peer.Received, message => message.Type is MessageType.QueryStateClose);
    }

    [Fact]
    public async Task Private_data_names_its_collection_and_purge_has_its_own_message()
    {
        await using var served = await ServedChaincode.StartAsync(async (stub, ct) =>
        {
            await stub.PutPrivateDataAsync("c", "k", "v"u8.ToArray(), ct);
            await stub.DeletePrivateDataAsync("c", "k", ct);
            await stub.PurgePrivateDataAsync("c", "k", ct);
            await stub.GetPrivateDataHashAsync("c", "k", ct);
            return Encoding.UTF8.GetString(await stub.GetPrivateDataAsync("c", "k", ct) ?? []);
        });
        await using var peer = await served.DialAsync();
        peer.Private["c/k"] = "mine"u8.ToArray();
        peer.State["k"] = "public"u8.ToArray();
        Assert.Equal("mine", (await peer.InvokeAsync("tx1", "f")).Payload.ToStringUtf8());
        Assert.Equal(
            [MessageType.PutState, MessageType.DelState, MessageType.PurgePrivateData, MessageType.GetPrivateDataHash, MessageType.GetState],
            peer.Received.Where(message => message.Type is not (MessageType.Register or MessageType.Completed)).Select(message => message.Type));
        Assert.Equal("c", PutState.Parser.ParseFrom(peer.Received.Single(m => m.Type is MessageType.PutState).Payload).Collection);
    }

    [Fact]
    public async Task A_page_carries_size_and_bookmark_both_ways()
    {
        await using var served = await ServedChaincode.StartAsync(async (stub, ct) =>
        {
            var page = await stub.GetStateByRangeWithPaginationAsync("a", "z", 2, "m", ct);
            return $"{page.Fetched} {page.Bookmark}";
        });
        await using var peer = await served.DialAsync();
        QueryMetadata? asked = null;
        peer.Intercept = request =>
        {
            asked = QueryMetadata.Parser.ParseFrom(GetStateByRange.Parser.ParseFrom(request.Payload).Metadata);
            var metadata = new QueryResponseMetadata { FetchedRecordsCount = 2, Bookmark = "o" }.ToByteString();
            return FakePeer.Reply(request, MessageType.Response, new QueryResponse { Metadata = metadata }.ToByteArray());
        };
        Assert.Equal("2 o", (await peer.InvokeAsync("tx1", "f")).Payload.ToStringUtf8());
        Assert.Equal((2, "m"), (asked!.PageSize, asked.Bookmark));
    }

    [Fact]
    public async Task Calls_of_one_transaction_that_start_together_reach_the_peer_one_after_another()
    {
        await using var served = await ServedChaincode.StartAsync(async (stub, ct) =>
        {
            var values = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => stub.GetStateAsync($"k{i}", ct)));
            return string.Join(',', values.Select(value => Encoding.UTF8.GetString(value!)));
        });
        await using var peer = await served.DialAsync();
        var outstanding = 0;
        peer.Intercept = request =>
        {
            Assert.Equal(1, Interlocked.Increment(ref outstanding));
            _ = Task.Run(async () =>
            {
                await Task.Yield();
                Interlocked.Decrement(ref outstanding);
                await peer.SendAsync(FakePeer.Reply(request, MessageType.Response, Encoding.UTF8.GetBytes(GetState.Parser.ParseFrom(request.Payload).Key)));
            });
            return null;
        };
        Assert.Equal(string.Join(',', Enumerable.Range(0, 50).Select(i => $"k{i}")), (await peer.InvokeAsync("tx1", "f")).Payload.ToStringUtf8());
    }

    [Fact]
    public async Task A_hundred_transactions_interleave_on_one_stream()
    {
        await using var served = await ServedChaincode.StartAsync(async (stub, ct) =>
        {
            var read = new List<string>();
            for (var i = 0; i < 5; i++)
                read.Add(Encoding.UTF8.GetString((await stub.GetStateAsync($"{stub.TransactionId}-{i}", ct))!));
            return string.Join(' ', read);
        });
        await using var peer = await served.DialAsync();
        var random = new Random(7);
        var held = new List<ChaincodeMessage>();
        var total = 0;
        peer.Intercept = request =>
        {
            held.Add(request);
            // Ten wait at any time until the last, and any of them may be next.
            if (++total <= 490 && held.Count < 10)
                return null;
            do
            {
                var next = random.Next(held.Count);
                var key = GetState.Parser.ParseFrom(held[next].Payload).Key;
                _ = peer.SendAsync(FakePeer.Reply(held[next], MessageType.Response, Encoding.UTF8.GetBytes(key)));
                held.RemoveAt(next);
            }
            while (total > 490 && held.Count > 0);
            return null;
        };
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => peer.InvokeAsync($"tx{i}", "f")));
        for (var i = 0; i < answers.Length; i++)
            Assert.Equal(string.Join(' ', Enumerable.Range(0, 5).Select(j => $"tx{i}-{j}")), answers[i].Payload.ToStringUtf8());
    }

    [Fact]
    public async Task Many_peers_are_served_at_once_also_with_one_transaction_id()
    {
        await using var served = await ServedChaincode.StartAsync(
            async (stub, ct) => Encoding.UTF8.GetString((await stub.GetStateAsync("k", ct))!));
        var peers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => served.DialAsync()));
        for (var i = 0; i < peers.Length; i++)
            peers[i].State["k"] = Encoding.UTF8.GetBytes($"peer {i}");
        var answers = await Task.WhenAll(peers.Select(peer => peer.InvokeAsync("same", "f")));
        Assert.Equal(["peer 0", "peer 1", "peer 2", "peer 3", "peer 4"], answers.Select(answer => answer.Payload.ToStringUtf8()));
        foreach (var peer in peers)
            await peer.DisposeAsync();
    }
}
