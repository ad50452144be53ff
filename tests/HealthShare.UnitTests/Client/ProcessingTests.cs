using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.UnitTests.Client;

/// <summary>Handlers get each item; the position moves with their effects, also through crashes at every step.</summary>
public sealed class ProcessingTests : IAsyncLifetime
{
    private static readonly string[] All = ["a", "b", "c", "d"];
    private static readonly ProcessingOptions Quick = new() { RetryDelay = TimeSpan.Zero, MaxRetryDelay = TimeSpan.Zero };
    private GatewayScene scene = null!;

    private LedgerStream<LedgerEvent> Events => scene.Client.ChaincodeEvents("basic");

    public async Task InitializeAsync()
    {
        scene = await GatewayScene.StartAsync();
        scene.Gateway.Events = Play;
    }

    public async Task DisposeAsync() => await scene.DisposeAsync();

    [Fact]
    public async Task The_position_is_saved_after_the_handler_returned_and_not_before()
    {
        using var stop = new CancellationTokenSource();
        var (log, checkpointer) = (new List<string>(), new MemoryCheckpointer());

        await UntilStoppedAsync(Events.ProcessAsync(checkpointer, async (item, ct) =>
        {
            log.Add($"{item.TransactionId} at {(await checkpointer.LoadAsync(ct))!.TransactionId}");
            if (item.TransactionId == "d")
            {
                await stop.CancelAsync();
            }
        }, Quick, stop.Token));

        Assert.Equal(["a at ", "b at a", "c at b", "d at c"], log);
    }

    [Fact]
    public async Task A_failing_handler_is_called_again_and_given_up_after_the_bound_without_moving_the_position()
    {
        var (calls, checkpointer) = (new List<string>(), new MemoryCheckpointer());

        var failure = await Assert.ThrowsAsync<EventProcessingException>(() => Events.ProcessAsync(checkpointer, (item, _) =>
        {
            calls.Add(item.TransactionId);
            return item.TransactionId == "c" || calls.Count == 1 ? throw new IOException("no disk") : Task.CompletedTask;
        }, Quick with { Attempts = 3 }));

        Assert.Equal(["a", "a", "b", "c", "c", "c"], calls);
        Assert.Equal((3, new EventPosition(2, "c")), (failure.Attempts, failure.Position));
        Assert.IsType<IOException>(failure.InnerException);
        Assert.Equal(new EventPosition(1, "b"), await checkpointer.LoadAsync());
    }

    [Fact]
    public async Task A_checkpointer_that_fails_is_tried_again_without_the_handler()
    {
        using var stop = new CancellationTokenSource();
        var (calls, checkpointer) = (new List<string>(), new Store { FailingSaves = 3 });

        await UntilStoppedAsync(Events.ProcessAsync(checkpointer, (item, _) =>
        {
            calls.Add(item.TransactionId);
            return item.TransactionId == "d" ? stop.CancelAsync() : Task.CompletedTask;
        }, Quick, stop.Token));

        Assert.Equal(All, calls);
    }

    [Fact]
    public async Task The_first_position_is_stored_before_the_first_item()
    {
        scene.Gateway.Evaluate = (_, _) => Task.FromResult(new EvaluateResponse
        {
            Result = new Response { Status = 200, Payload = Height(9) },
        });
        using var stop = new CancellationTokenSource();
        scene.Gateway.Events = (_, _) =>
        {
            stop.Cancel();
            throw new RpcException(StatusCode.Unavailable, "stopped");
        };
        var checkpointer = new MemoryCheckpointer();

        await UntilStoppedAsync(Events.ProcessAsync(
            checkpointer, (_, _) => Task.CompletedTask, Quick with { Start = EventStart.Next }, stop.Token));

        Assert.Equal(new EventPosition(9), await checkpointer.LoadAsync());
    }

    /// <summary>
    /// The process dies (nothing after the step runs) before the transaction, inside it, right after its commit, and in the commit
    /// with the answer lost, at each item; a new one goes on from the store.
    /// </summary>
    [Fact]
    public async Task A_transactional_handler_has_each_effect_exactly_once_wherever_the_process_dies()
    {
        foreach (var moment in Enum.GetValues<Moment>())
        {
            foreach (var victim in All)
            {
                var store = new Store();
                await Assert.ThrowsAsync<CrashException>(() => RunAsync(store, moment, victim));
                await RunAsync(store, moment: null, victim);
                Assert.Equal(All, store.Effects);
            }
        }
    }

    [Fact]
    public async Task A_commit_whose_answer_was_lost_is_not_repeated_by_the_living_process()
    {
        var store = new Store { LostAnswers = 2 };

        await RunAsync(store, moment: null, victim: "");

        Assert.Equal(All, store.Effects);
        Assert.Equal(0, store.LostAnswers);
    }

    /// <summary>With a checkpointer beside the effects the one item at the crash comes again, and no other.</summary>
    [Theory]
    [InlineData(true, new[] { "a", "b", "b", "c", "d" })]
    [InlineData(false, new[] { "a", "b", "c", "d" })]
    public async Task A_separate_checkpointer_repeats_only_the_item_of_the_crash(bool afterTheEffect, string[] expected)
    {
        var (effects, checkpointer, crashed) = (new List<string>(), new MemoryCheckpointer(), false);
        using var stop = new CancellationTokenSource();
        Task Handle(LedgerEvent item, CancellationToken ct)
        {
            if (item.TransactionId == "b" && !crashed && !afterTheEffect)
            {
                throw Crash();
            }
            effects.Add(item.TransactionId);
            return item.TransactionId == "b" && !crashed ? throw Crash() : item.TransactionId == "d" ? stop.CancelAsync() : Task.CompletedTask;
        }

        // A process that dies makes no second attempt.
        await Assert.ThrowsAsync<EventProcessingException>(() => Events.ProcessAsync(checkpointer, Handle, Quick with { Attempts = 1 }));
        await UntilStoppedAsync(Events.ProcessAsync(checkpointer, Handle, Quick, stop.Token));

        Assert.Equal(expected, effects);

        CrashException Crash()
        {
            crashed = true;
            return new CrashException();
        }
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1001, 0, 0)]
    [InlineData(1, -1, 0)]
    [InlineData(1, 2, 1)]
    public async Task Options_out_of_range_are_refused(int attempts, int delay, int longest) =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Events.ProcessAsync(
            new MemoryCheckpointer(), (_, _) => Task.CompletedTask, new ProcessingOptions
            {
                Attempts = attempts,
                RetryDelay = TimeSpan.FromSeconds(delay),
                MaxRetryDelay = TimeSpan.FromSeconds(longest),
            }));

    private static Google.Protobuf.ByteString Height(ulong height) =>
        Google.Protobuf.MessageExtensions.ToByteString(new Fabric.Protocol.Common.BlockchainInfo { Height = height });

    private static async Task UntilStoppedAsync(Task processing) =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => processing);

    // Two events in each of two blocks, as a peer replays them, and then the connection breaks.
    private static async IAsyncEnumerable<ChaincodeEventsResponse> Play(ChaincodeEventsRequest request, GrpcServerContext context)
    {
        await Task.Yield();
        for (var block = Math.Max(1, request.StartPosition.Specified.Number); block <= 2; block++)
        {
            var ids = All.Skip((int)(block - 1) * 2).Take(2).ToList();
            ids.RemoveRange(0, ids.IndexOf(request.AfterTransactionId) + 1);
            yield return new ChaincodeEventsResponse
            {
                BlockNumber = block,
                Events = { ids.Select(id => new ChaincodeEvent { ChaincodeId = "basic", TxId = id, EventName = "put" }) },
            };
        }
        throw new RpcException(StatusCode.Unavailable, "the peer restarts");
    }

    private async Task RunAsync(Store store, Moment? moment, string victim)
    {
        if (await store.LoadAsync() == new EventPosition(2, All[^1]))
        {
            return; // nothing is left to come
        }
        using var stop = new CancellationTokenSource();
        var handler = new Handler(store, moment, victim, stop);
        try
        {
            await Events.ProcessAsync(handler, Quick, stop.Token);
        }
        catch (OperationCanceledException) when (handler.Crashed)
        {
            throw new CrashException();
        }
        catch (OperationCanceledException)
        {
        }
    }

    private enum Moment
    {
        BeforeTheTransaction,
        InsideTheTransaction,
        AfterTheCommit,
    }

    private sealed class CrashException : Exception;

    /// <summary>A database of effects and the position behind the last one; a transaction changes both or neither.</summary>
    private sealed class Store : ICheckpointer
    {
        private EventPosition? position;

        public List<string> Effects { get; } = [];

        public int FailingSaves { get; set; }

        public int LostAnswers { get; set; }

        public ValueTask<EventPosition?> LoadAsync(CancellationToken ct = default) => ValueTask.FromResult(position);

        public ValueTask SaveAsync(EventPosition position, CancellationToken ct = default)
        {
            if (this.position is not null && FailingSaves-- > 0)
            {
                throw new IOException("no disk");
            }
            this.position = position;
            return ValueTask.CompletedTask;
        }

        public void Commit(string effect, EventPosition next)
        {
            Effects.Add(effect);
            position = next;
            if (LostAnswers > 0)
            {
                LostAnswers--;
                throw new TimeoutException("the answer to the commit is lost");
            }
        }
    }

    private sealed class Handler(Store store, Moment? moment, string victim, CancellationTokenSource process)
        : ITransactionalHandler<LedgerEvent>
    {
        public bool Crashed { get; private set; }

        public ValueTask<EventPosition?> LoadAsync(CancellationToken ct = default) => store.LoadAsync(ct);

        public ValueTask SaveAsync(EventPosition position, CancellationToken ct = default) => store.SaveAsync(position, ct);

        public Task HandleAsync(LedgerEvent item, EventPosition next, CancellationToken ct = default)
        {
            Die(item, Moment.BeforeTheTransaction);
            var effect = item.TransactionId;
            Die(item, Moment.InsideTheTransaction);
            try
            {
                store.Commit(effect, next);
            }
            finally
            {
                if (effect == All[^1] && moment is null)
                {
                    process.Cancel();
                }
            }
            Die(item, Moment.AfterTheCommit);
            return Task.CompletedTask;
        }

        private void Die(LedgerEvent item, Moment now)
        {
            if (now == moment && item.TransactionId == victim)
            {
                Crashed = true;
                process.Cancel();
                process.Token.ThrowIfCancellationRequested();
            }
        }
    }
}
