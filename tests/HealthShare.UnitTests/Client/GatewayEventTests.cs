using Google.Protobuf;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Orderer;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.UnitTests.Client;

/// <summary>Blocks and events come in order and once, whatever the connection does.</summary>
public sealed class GatewayEventTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory();

    [Fact]
    public async Task Blocks_come_from_the_number_asked_for_over_a_stream_that_breaks_again_and_again()
    {
        await using var scene = await GatewayScene.StartAsync();
        scene.Gateway.Deliver = async (seek, stream, _) =>
        {
            for (var n = seek.Start.Specified.Number; n < seek.Start.Specified.Number + 3; n++)
            {
                await stream.WriteAsync(FakeGateway.Block(n));
            }
            throw new RpcException(StatusCode.Unavailable, "the peer restarts");
        };

        var numbers = await TakeAsync(scene.Client.BlocksAsync(5), 10);

        Assert.Equal(Enumerable.Range(5, 10).Select(n => (ulong)n), numbers.Select(b => b.Header.Number));
        Assert.Equal([5ul, 8ul, 11ul, 14ul],
            scene.Gateway.Requests.OfType<SeekInfo>().Select(seek => seek.Start.Specified.Number));
    }

    [Fact]
    public async Task A_repeated_or_skipped_block_is_never_passed_on()
    {
        await using var scene = await GatewayScene.StartAsync();
        var tries = 0;
        scene.Gateway.Deliver = async (seek, stream, _) =>
        {
            var start = seek.Start.Specified.Number;
            ulong[] numbers = Interlocked.Increment(ref tries) switch
            {
                1 => [start, start],
                2 => [start, start + 2],
                3 => [start - 1],
                _ => [start, start + 1],
            };
            foreach (var number in numbers)
            {
                await stream.WriteAsync(FakeGateway.Block(number));
            }
            await stream.WriteAsync(new DeliverResponse { Status = Status.ServiceUnavailable });
        };

        var blocks = await TakeAsync(scene.Client.BlocksAsync(10), 5);

        Assert.Equal([10ul, 11, 12, 13, 14], blocks.Select(b => b.Header.Number));
    }

    [Fact]
    public async Task A_bounded_range_of_blocks_ends_by_itself()
    {
        await using var scene = await GatewayScene.StartAsync();
        scene.Gateway.Deliver = async (seek, stream, _) =>
        {
            for (var n = seek.Start.Specified.Number; n <= seek.Stop.Specified.Number; n++)
            {
                await stream.WriteAsync(FakeGateway.Block(n));
            }
            await stream.WriteAsync(new DeliverResponse { Status = Status.Success });
        };

        Assert.Equal(4, (await TakeAsync(scene.Client.BlocksAsync(0, last: 3), int.MaxValue)).Count);
        Assert.Empty(await TakeAsync(scene.Client.BlocksAsync(4, last: 3), int.MaxValue));
    }

    [Theory]
    [InlineData(Status.Forbidden, LedgerCodes.Denied)]
    [InlineData(Status.NotFound, LedgerCodes.NotReady)]
    public async Task A_peer_that_refuses_the_identity_or_the_channel_ends_the_blocks(Status status, string code)
    {
        await using var scene = await GatewayScene.StartAsync();
        scene.Gateway.Deliver = (_, stream, _) => stream.WriteAsync(new DeliverResponse { Status = status });

        var failure = await Assert.ThrowsAsync<LedgerException>(() => TakeAsync(scene.Client.BlocksAsync(0), 1));

        Assert.Equal((LedgerStage.Events, code), (failure.Stage, failure.Code));
    }

    [Fact]
    public async Task Cancelling_ends_a_silent_stream()
    {
        await using var scene = await GatewayScene.StartAsync();
        using var cancel = new CancellationTokenSource();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        scene.Gateway.Deliver = async (_, _, context) =>
        {
            await cancel.CancelAsync();
            await Task.Delay(Timeout.Infinite, context.CancellationToken).ContinueWith(_ => ended.SetResult(), TaskScheduler.Default);
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => TakeAsync(scene.Client.BlocksAsync(0, ct: cancel.Token), 1));

        await ended.Task.WaitAsync(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Events_come_once_and_go_on_after_the_last_one_when_the_stream_breaks()
    {
        await using var scene = await GatewayScene.StartAsync();
        ChaincodeEventsResponse[] all = [Events(3, "a", "b"), Events(4, "c"), Events(6, "d", "e")];
        var careless = false;
        scene.Gateway.Events = (request, _) => PlayAsync(all, request, careless = !careless);

        var events = await TakeAsync(scene.Client.ChaincodeEventsAsync("basic", new EventPosition(3, "a")), 4);

        Assert.Equal(["b", "c", "d", "e"], events.Select(e => e.TransactionId));
        Assert.Equal([3ul, 4, 6, 6], events.Select(e => e.BlockNumber));
        Assert.All(events, e => Assert.Equal(("basic", "put"), (e.Chaincode, e.Name)));
    }

    [Fact]
    public async Task Without_a_start_events_begin_with_the_next_block_even_if_the_first_connections_fail()
    {
        await using var scene = await GatewayScene.StartAsync();
        var tries = 0;
        scene.Gateway.Evaluate = (_, _) => Task.FromResult(new EvaluateResponse
        {
            Result = new Response { Status = 200, Payload = new BlockchainInfo { Height = 6 }.ToByteString() },
        });
        scene.Gateway.Events = (request, _) => Interlocked.Increment(ref tries) < 3
            ? throw new RpcException(StatusCode.Unavailable, "not yet")
            : PlayAsync([Events(request.StartPosition.Specified.Number, "first")], request, careless: false);

        var first = Assert.Single(await TakeAsync(scene.Client.ChaincodeEventsAsync("basic"), 1));

        Assert.Equal((6ul, "first"), (first.BlockNumber, first.TransactionId));
    }

    [Fact]
    public async Task A_checkpoint_moves_when_the_next_one_is_asked_for()
    {
        await using var scene = await GatewayScene.StartAsync();
        var path = Path.Combine(folder.FullName, "checkpoint.json");
        scene.Gateway.Events = (request, _) => PlayAsync([Events(1, "a", "b", "c")], request, careless: false);
        scene.Gateway.Deliver = async (seek, stream, _) =>
        {
            for (var n = seek.Start.Specified.Number; n < 10; n++)
            {
                await stream.WriteAsync(FakeGateway.Block(n));
            }
        };

        await new FileCheckpointer(path).SaveAsync(new EventPosition(1));
        var before = await TakeAsync(scene.Client.ChaincodeEvents("basic").ReadAsync(new FileCheckpointer(path)), 2);
        var after = await TakeAsync(scene.Client.ChaincodeEvents("basic").ReadAsync(new FileCheckpointer(path)), 2);

        Assert.Equal(["a", "b", "b", "c"], before.Concat(after).Select(e => e.TransactionId));

        File.Delete(path);
        var blocks = await TakeAsync(scene.Client.Blocks.ReadAsync(new FileCheckpointer(path)), 3);
        blocks.AddRange(await TakeAsync(scene.Client.Blocks.ReadAsync(new FileCheckpointer(path)), 2));

        Assert.Equal([0ul, 1, 2, 2, 3], blocks.Select(b => b.Header.Number));
    }

    public void Dispose() => folder.Delete(recursive: true);

    private static ChaincodeEventsResponse Events(ulong block, params string[] transactions) => new()
    {
        BlockNumber = block,
        Events = { transactions.Select(id => new ChaincodeEvent { ChaincodeId = "basic", TxId = id, EventName = "put" }) },
    };

    // As a peer does it: from the block asked for, in it after the transaction named; a careless peer ignores the latter. One
    // answer a connection, then it breaks.
    private static async IAsyncEnumerable<ChaincodeEventsResponse> PlayAsync(
        ChaincodeEventsResponse[] all, ChaincodeEventsRequest request, bool careless)
    {
        await Task.Yield();
        foreach (var answer in all.Where(a => a.BlockNumber >= request.StartPosition.Specified.Number))
        {
            var events = answer.Events.ToList();
            if (!careless && answer.BlockNumber == request.StartPosition.Specified.Number)
            {
                events.RemoveRange(0, events.FindIndex(e => e.TxId == request.AfterTransactionId) + 1);
            }
            if (events.Count > 0)
            {
                yield return new ChaincodeEventsResponse { BlockNumber = answer.BlockNumber, Events = { events } };
                if (!careless)
                {
                    break;
                }
            }
        }
        throw new RpcException(StatusCode.Unavailable, "the peer restarts");
    }

    private static async Task<List<T>> TakeAsync<T>(IAsyncEnumerable<T> items, int count)
    {
        var taken = new List<T>();
        await foreach (var item in items)
        {
            taken.Add(item);
            if (taken.Count == count)
            {
                break;
            }
        }
        return taken;
    }
}
