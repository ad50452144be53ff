using Google.Protobuf;
using HealthShare.Chaincode.Shim;
using HealthShare.Chaincode.Shim.Server;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Peer;
using MessageType = HealthShare.Fabric.Protocol.Peer.ChaincodeMessage.Types.Type;

namespace HealthShare.UnitTests.Chaincode.Shim;

/// <summary>Whatever goes wrong, every transaction is answered once and the others go on.</summary>
public sealed class ChaincodeServerFaultTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Limit = new ChaincodeServerOptions { Address = "127.0.0.1:0", PackageId = "any:1" }.ExecutionTimeout;

    [Fact]
    public async Task A_refusal_is_answered_with_its_code_and_without_an_event()
    {
        await using var served = await ServedChaincode.StartAsync((stub, _) =>
        {
            stub.SetEvent("Never", new byte[] { 1 });
            throw new ContractException("thing.refused", "Not this one.");
        });
        await using var peer = await served.DialAsync();
        var answer = await peer.TransactAsync("tx1", "f");
        var response = Response.Parser.ParseFrom(answer.Payload);
        Assert.Equal((MessageType.Completed, 500, "thing.refused: Not this one."), (answer.Type, response.Status, response.Message));
        Assert.Null(answer.ChaincodeEvent);
    }

    [Fact]
    public async Task Chaincode_that_throws_is_answered_without_its_words()
    {
        var logs = new RecordedLogs();
        await using var served = await ServedChaincode.StartAsync(
            (_, _) => throw new InvalidOperationException("SECRET"), loggers: logs);
        await using var peer = await served.DialAsync();
        var response = await peer.InvokeAsync("tx1", "f");
        Assert.Equal(500, response.Status);
        Assert.StartsWith("transaction.failed: ", response.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", response.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(logs.Lines, line => line.Contains("SECRET", StringComparison.Ordinal));
        Assert.Contains(logs.Lines, line => line.Contains(nameof(InvalidOperationException), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Chaincode_that_hangs_is_answered_at_its_limit_while_others_run(bool listens)
    {
        var (never, time) = (new TaskCompletionSource(), new ManualTimers());
        await using var served = await ServedChaincode.StartAsync(async (stub, ct) =>
        {
            if (stub.TransactionId == "hangs")
                await (listens ? Task.Delay(Timeout.Infinite, ct) : never.Task);
            return "done";
        }, time: time);
        await using var peer = await served.DialAsync();
        var hangs = peer.InvokeAsync("hangs", "f");
        Assert.Equal("done", (await peer.InvokeAsync("runs", "f")).Payload.ToStringUtf8());
        Assert.StartsWith("transaction.timeout: ", (await AtItsLimitAsync(hangs, time)).Message, StringComparison.Ordinal);
        never.SetResult();
    }

    [Fact]
    public async Task Chaincode_that_blocks_its_thread_holds_up_neither_the_stream_nor_its_answer()
    {
        var time = new ManualTimers();
        using var released = new ManualResetEventSlim();
        await using var served = await ServedChaincode.StartAsync((stub, _) =>
        {
            if (stub.TransactionId == "blocks")
                released.Wait(CancellationToken.None);
            return Task.FromResult("done");
        }, time: time);
        await using var peer = await served.DialAsync();
        var blocks = peer.InvokeAsync("blocks", "f");
        Assert.Equal("done", (await peer.InvokeAsync("runs", "f")).Payload.ToStringUtf8());
        Assert.StartsWith("transaction.timeout: ", (await AtItsLimitAsync(blocks, time)).Message, StringComparison.Ordinal);
        released.Set();
    }

    [Fact]
    public async Task A_peer_that_never_answers_a_call_does_not_hold_the_transaction()
    {
        var time = new ManualTimers();
        await using var served = await ServedChaincode.StartAsync(async (stub, ct) => $"{await stub.GetStateAsync("k", ct)}", time: time);
        await using var peer = await served.DialAsync();
        ChaincodeMessage? unanswered = null;
        peer.Intercept = request =>
        {
            unanswered = request;
            return null;
        };
        Assert.StartsWith("transaction.timeout: ", (await AtItsLimitAsync(peer.InvokeAsync("tx1", "f"), time)).Message, StringComparison.Ordinal);
        await peer.SendAsync(FakePeer.Reply(unanswered!, MessageType.Response, [1])); // late: ignored
        peer.Intercept = null;
        Assert.Equal(200, (await peer.InvokeAsync("tx2", "f")).Status);
    }

    [Fact]
    public async Task A_call_that_the_peer_refuses_fails_the_transaction_without_the_peers_words()
    {
        await using var served = await ServedChaincode.StartAsync(async (stub, ct) => $"{await stub.GetPrivateDataAsync("c", "k", ct)}");
        await using var peer = await served.DialAsync();
        peer.Intercept = request => FakePeer.Reply(request, MessageType.Error, "SECRET key"u8.ToArray());
        Assert.Equal("ledger.refused: The peer refused GET_STATE.", (await peer.InvokeAsync("tx1", "f")).Message);
        peer.Intercept = null;
        Assert.Equal(200, (await peer.InvokeAsync("tx2", "f")).Status);
    }

    [Fact]
    public async Task A_malformed_answer_of_the_peer_fails_only_that_transaction()
    {
        await using var served = await ServedChaincode.StartAsync(async (stub, ct) =>
        {
            await foreach (var entry in stub.GetStateByRangeAsync("", "", ct))
                return entry.Key;
            return "none";
        });
        await using var peer = await served.DialAsync();
        peer.Intercept = request => FakePeer.Reply(request, MessageType.Response, [0xFF, 0xFF]);
        Assert.StartsWith("ledger.refused: ", (await peer.InvokeAsync("tx1", "f")).Message, StringComparison.Ordinal);
        peer.Intercept = null;
        Assert.Equal("none", (await peer.InvokeAsync("tx2", "f")).Payload.ToStringUtf8());
    }

    [Fact]
    public async Task A_contract_that_does_not_await_a_call_is_refused_since_its_writes_would_be_left_to_chance()
    {
        await using var served = await ServedChaincode.StartAsync((stub, ct) =>
        {
            _ = stub.PutStateAsync("k", new byte[] { 1 }, ct);
            return Task.FromResult("done");
        });
        await using var peer = await served.DialAsync();
        peer.Intercept = _ => null;
        Assert.StartsWith("transaction.failed: ", (await peer.InvokeAsync("tx1", "f")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_malformed_transaction_is_answered_with_an_error()
    {
        await using var served = await ServedChaincode.StartAsync((_, _) => Task.FromResult("done"));
        await using var peer = await served.DialAsync();
        var garbage = ByteString.CopyFrom(0xFF, 0xFF);
        var header = new Header { ChannelHeader = new ChannelHeader().ToByteString() }.ToByteString();
        Action<ChaincodeMessage>[] damages =
        [
            message => message.Payload = garbage,
            message => message.Proposal = null,
            message => message.Proposal.ProposalBytes = garbage,
            message => message.Proposal.ProposalBytes = new Proposal { Header = garbage }.ToByteString(),
            message => message.Proposal.ProposalBytes = new Proposal { Header = header }.ToByteString(),
        ];
        for (var i = 0; i < damages.Length; i++)
        {
            var request = peer.Transaction($"tx{i}", "f");
            damages[i](request);
            var answer = await peer.TransactAsync(request);
            Assert.Equal(MessageType.Error, answer.Type);
            Assert.StartsWith("proposal.invalid: ", answer.Payload.ToStringUtf8(), StringComparison.Ordinal);
        }
        Assert.Equal("done", (await peer.InvokeAsync("good", "f")).Payload.ToStringUtf8());
    }

    [Fact]
    public async Task A_disconnect_cancels_what_runs_for_that_peer_only()
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var served = await ServedChaincode.StartAsync(async (stub, ct) =>
        {
            if (stub.TransactionId != "victim")
            {
                await goOn.Task;
                return "done";
            }
            ct.Register(cancelled.SetResult);
            begun.SetResult();
            await Task.Delay(Timeout.Infinite, ct);
            return "";
        });
        await using var stays = await served.DialAsync();
        var leaves = await served.DialAsync();
        var survivor = stays.InvokeAsync("survivor", "f");
        _ = leaves.SendAsync(leaves.Transaction("victim", "f"));
        await begun.Task.WaitAsync(Patience);
        await leaves.HangUpAsync();
        await leaves.DisposeAsync();
        await cancelled.Task.WaitAsync(Patience);
        goOn.SetResult();
        Assert.Equal("done", (await survivor).Payload.ToStringUtf8());
        await using var again = await served.DialAsync();
        Assert.Equal("done", (await again.InvokeAsync("next", "f")).Payload.ToStringUtf8());
    }

    [Fact]
    public async Task A_transaction_begun_twice_is_answered_once_and_refused()
    {
        await using var served = await ServedChaincode.StartAsync(async (stub, ct) =>
        {
            if (stub.TransactionId == "twice")
                await Task.Delay(Timeout.Infinite, ct);
            return "done";
        });
        await using var peer = await served.DialAsync();
        var answer = peer.InvokeAsync("twice", "f");
        await peer.SendAsync(peer.Transaction("twice", "f"));
        Assert.StartsWith("transaction.cancelled: ", (await answer).Message, StringComparison.Ordinal);
        Assert.Equal("done", (await peer.InvokeAsync("other", "f")).Payload.ToStringUtf8());
        Assert.Single(peer.Received, message => message.Txid == "twice");
    }

    [Fact]
    public async Task More_transactions_than_may_run_and_wait_are_told_so_and_the_rest_finish()
    {
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = 0;
        var most = 0;
        await using var served = await ServedChaincode.StartAsync(async (_, _) =>
        {
            InterlockedMax(ref most, Interlocked.Increment(ref running));
            await goOn.Task;
            Interlocked.Decrement(ref running);
            return "done";
        }, options => options with { MaxConcurrentTransactions = 2, MaxWaitingTransactions = 3 }, time: new ManualTimers()); // no limit passes
        await using var peer = await served.DialAsync();
        var all = Enumerable.Range(0, 200).Select(i => peer.InvokeAsync($"tx{i}", "f")).ToArray();
        while (all.Where(task => !task.IsCompleted).ToArray() is { Length: > 5 } open) // one look: the last may end between two
            await Task.WhenAny(open);
        while (Volatile.Read(ref running) < 2)
            await Task.Delay(1); // both have their places, but a busy machine may not have begun with them
        goOn.SetResult();
        var answers = await Task.WhenAll(all);
        Assert.Equal((5, 195, 2), (
            answers.Count(answer => answer.Status == 200),
            answers.Count(answer => answer.Message.StartsWith("transaction.overload: ", StringComparison.Ordinal)),
            most));
    }

    [Fact]
    public async Task A_stop_refuses_what_is_new_lets_finish_what_runs_and_then_closes_the_stream()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var served = await ServedChaincode.StartAsync(async (stub, ct) =>
        {
            begun.TrySetResult();
            await goOn.Task;
            return $"{(await stub.GetStateAsync("k", ct))!.Length}";
        });
        await using var peer = await served.DialAsync();
        peer.State["k"] = [1, 2, 3];
        var running = peer.InvokeAsync("running", "f");
        await begun.Task.WaitAsync(Patience);
        var stopping = served.Server.StopAsync();
        Assert.StartsWith("transaction.cancelled: ", (await peer.InvokeAsync("new", "f")).Message, StringComparison.Ordinal);
        goOn.SetResult();
        Assert.Equal("3", (await running).Payload.ToStringUtf8());
        await stopping;
        await peer.Closed.WaitAsync(Patience);
    }

    [Theory]
    [InlineData(MessageType.Transaction)]
    [InlineData(MessageType.Ready)]
    [InlineData(MessageType.Response)]
    public async Task A_peer_that_skips_the_registration_loses_its_stream(MessageType type)
    {
        await using var served = await ServedChaincode.StartAsync((_, _) => Task.FromResult("done"));
        await using var peer = await served.DialAsync(register: false);
        await peer.SendAsync(new() { Type = type, Txid = "tx1", ChannelId = "health" });
        var end = await Assert.ThrowsAsync<RpcException>(() => peer.Closed.WaitAsync(Patience));
        Assert.Equal(StatusCode.FailedPrecondition, end.Status);
    }

    [Fact]
    public async Task A_message_of_an_unknown_type_ends_the_stream()
    {
        await using var served = await ServedChaincode.StartAsync((_, _) => Task.FromResult("done"));
        await using var peer = await served.DialAsync();
        await peer.SendAsync(new() { Type = (MessageType)99, Txid = "tx1" });
        Assert.Equal(StatusCode.FailedPrecondition, (await Assert.ThrowsAsync<RpcException>(() => peer.Closed.WaitAsync(Patience))).Status);
    }

    [Fact]
    public async Task A_keepalive_is_answered_and_a_flood_of_them_changes_nothing()
    {
        await using var served = await ServedChaincode.StartAsync((_, _) => Task.FromResult("done"));
        await using var peer = await served.DialAsync();
        for (var i = 0; i < 500; i++)
            await peer.SendAsync(new() { Type = MessageType.Keepalive });
        Assert.Equal("done", (await peer.InvokeAsync("tx1", "f")).Payload.ToStringUtf8());
        Assert.Equal(500, peer.Received.Count(message => message.Type is MessageType.Keepalive));
    }

    [Fact]
    public async Task A_peer_that_does_not_accept_the_package_id_is_logged_and_let_go()
    {
        var logs = new RecordedLogs();
        var time = new ManualTimers();
        await using var served = await ServedChaincode.StartAsync((_, _) => Task.FromResult("done"), loggers: logs, time: time);
        await using var accepts = await served.DialAsync();
        await using var refuses = await served.DialAsync(register: false);
        Assert.Equal("done", (await accepts.InvokeAsync("tx1", "f")).Payload.ToStringUtf8());
        while (time.Fire(PeerStream.RegistrationLimit) < 2)
            await Task.Yield(); // until the server has begun to serve the second peer as well
        await refuses.Closed.WaitAsync(Patience);
        Assert.Contains(logs.Lines, line => line.Contains("did not accept the package id " + ServedChaincode.PackageId, StringComparison.Ordinal));
        Assert.Equal("done", (await accepts.InvokeAsync("tx2", "f")).Payload.ToStringUtf8());
    }

    private static async Task<Response> AtItsLimitAsync(Task<Response> transaction, ManualTimers time)
    {
        do
            time.Fire(Limit); // nothing yet where the server has not begun with it
        while (await Task.WhenAny(transaction, Task.Delay(10)) != transaction);
        return await transaction;
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
            Interlocked.CompareExchange(ref most, value, seen);
    }
}
