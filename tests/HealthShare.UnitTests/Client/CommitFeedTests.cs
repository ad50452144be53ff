using System.Threading.Channels;
using Google.Protobuf;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.UnitTests.Client;

/// <summary>Commits learned from filtered blocks in place of a question for each.</summary>
public sealed class CommitFeedTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Commits_are_learned_from_one_stream_and_nobody_is_asked()
    {
        await using var scene = await FeedScene.StartAsync();

        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => scene.Client.SubmitAsync(GatewayScene.Request)));

        Assert.All(results, result => Assert.InRange(result.BlockNumber, 7ul, 56ul));
        Assert.Equal(50, results.Select(result => result.TransactionId).Distinct().Count());
        Assert.Empty(scene.Gateway.Requests.OfType<SignedCommitStatusRequest>());
        Assert.Equal(1, scene.Streams);
    }

    [Fact]
    public async Task An_invalid_transaction_is_told_with_its_code_and_block()
    {
        await using var scene = await FeedScene.StartAsync();
        scene.CodeOf = _ => TxValidationCode.MvccReadConflict;

        var failure = await Assert.ThrowsAsync<LedgerException>(() => scene.Client.SubmitAsync(GatewayScene.Request));

        Assert.Equal((LedgerStage.Commit, "commit.mvcc_read_conflict"), (failure.Stage, failure.Code));
        Assert.Empty(scene.Gateway.Requests.OfType<SignedCommitStatusRequest>());
    }

    [Fact]
    public async Task A_stream_that_breaks_is_resumed_where_it_was_and_no_commit_is_missed()
    {
        await using var scene = await FeedScene.StartAsync();
        await scene.Client.SubmitAsync(GatewayScene.Request);
        scene.BreakAfterNext = true; // the block after is committed while nobody listens

        var results = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => scene.Client.SubmitAsync(GatewayScene.Request)));

        Assert.Equal(10, results.Length);
        Assert.Empty(scene.Gateway.Requests.OfType<SignedCommitStatusRequest>());
        Assert.True(scene.Streams > 1);
    }

    [Fact]
    public async Task A_stream_that_says_nothing_is_left_and_the_peers_are_asked()
    {
        await using var scene = await FeedScene.StartAsync(options => options with
        {
            CommitWaitPerPeer = TimeSpan.FromMilliseconds(50), MaxReconnectDelay = TimeSpan.FromHours(1),
        });
        scene.Hides = true;

        var first = await scene.Client.SubmitAsync(GatewayScene.Request).WaitAsync(Patience);
        var second = await scene.Client.SubmitAsync(GatewayScene.Request).WaitAsync(Patience);

        Assert.Equal((7ul, 7ul), (first.BlockNumber, second.BlockNumber)); // as the fake peer answers those who ask
        Assert.Equal(2, scene.Gateway.Requests.OfType<SignedCommitStatusRequest>().Count());
        Assert.Equal(1, scene.Streams);
    }

    [Fact]
    public async Task A_stream_that_is_refused_costs_nothing_but_questions()
    {
        await using var scene = await FeedScene.StartAsync();
        scene.Gateway.DeliverFiltered = (_, stream, _) => stream.WriteAsync(new DeliverResponse { Status = Status.Forbidden });

        var results = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => scene.Client.SubmitAsync(GatewayScene.Request)));

        Assert.All(results, result => Assert.Equal(7ul, result.BlockNumber));
        Assert.Equal(5, scene.Gateway.Requests.OfType<SignedCommitStatusRequest>().Count());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_submit_that_took_all_the_time_there_is_ends_with_what_is_known(bool isCommitted)
    {
        await using var scene = await FeedScene.StartAsync(options => options with { CommitTimeout = TimeSpan.FromSeconds(8) });
        await scene.Client.SubmitAsync(GatewayScene.Request); // the stream is open, and a first call was not too slow
        scene.Hides = true;
        scene.Gateway.Evaluate = (request, _) => throw FakeGateway.NoSuchTransaction(request.TransactionId);
        scene.Gateway.Submit = async (request, _) =>
        {
            await Task.Delay(TimeSpan.FromSeconds(8.5));
            if (isCommitted)
                scene.Gateway.Commit(request);
            return new SubmitResponse();
        };
        var submit = scene.Client.SubmitAsync(GatewayScene.Request).WaitAsync(Patience);

        if (isCommitted)
        {
            Assert.Equal(7ul, (await submit).BlockNumber);
            return;
        }
        var failure = await Assert.ThrowsAsync<LedgerException>(() => submit);
        Assert.Equal((LedgerStage.CommitStatus, LedgerCodes.Timeout, true), (failure.Stage, failure.Code, failure.MayHaveCommitted));
        Assert.Contains("no time was left", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_that_gives_up_leaves_nothing_behind_and_hinders_nobody()
    {
        await using var scene = await FeedScene.StartAsync();
        await scene.Client.SubmitAsync(GatewayScene.Request);
        scene.Hides = true;
        using var enough = new CancellationTokenSource();
        var waiting = scene.Client.SubmitAsync(GatewayScene.Request, enough.Token);
        while (scene.Gateway.Requests.OfType<SubmitRequest>().Count() < 2)
            await Task.Delay(1);
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        scene.Hides = false;

        await scene.Client.SubmitAsync(GatewayScene.Request).WaitAsync(Patience);

        Assert.Empty(scene.Gateway.Requests.OfType<SignedCommitStatusRequest>());
    }

    [Fact]
    public async Task A_client_that_is_closed_ends_its_stream()
    {
        var scene = await FeedScene.StartAsync();
        await scene.Client.SubmitAsync(GatewayScene.Request);

        await scene.Client.DisposeAsync();

        await scene.StreamEnded.WaitAsync(Patience);
        await scene.DisposeAsync();
    }

    /// <summary>A peer that puts every transaction it is handed into a block of its own, and delivers filtered blocks from 6 on.</summary>
    private sealed class FeedScene : IAsyncDisposable
    {
        private readonly List<FilteredBlock> chain = [];
        private readonly Channel<bool> grown = Channel.CreateUnbounded<bool>();
        private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private GatewayScene inner = null!;
        private int streams;

        public FakeGateway Gateway => inner.Gateway;

        public GatewayClient Client => inner.Client;

        public int Streams => Volatile.Read(ref streams);

        public Task StreamEnded => ended.Task;

        public Func<string, TxValidationCode> CodeOf { get; set; } = _ => TxValidationCode.Valid;

        /// <summary>Blocks hold no transaction that anybody would look for.</summary>
        public bool Hides { get; set; }

        public bool BreakAfterNext { get; set; }

        public static async Task<FeedScene> StartAsync(Func<GatewayOptions, GatewayOptions>? change = null)
        {
            var scene = new FeedScene { inner = await GatewayScene.StartAsync(o => (change?.Invoke(o) ?? o) with { FollowCommits = true }) };
            scene.Add("before", TxValidationCode.Valid);
            scene.Gateway.Evaluate = (_, _) => Task.FromResult(new EvaluateResponse
            {
                Result = new Response { Status = 200, Payload = new BlockchainInfo { Height = 7 }.ToByteString() },
            });
            scene.Gateway.Submit = (request, _) =>
            {
                scene.Add(scene.Hides ? "another" : request.TransactionId, scene.CodeOf(request.TransactionId));
                return Task.FromResult(new SubmitResponse());
            };
            scene.Gateway.DeliverFiltered = async (seek, stream, context) =>
            {
                Interlocked.Increment(ref scene.streams);
                try
                {
                    for (var next = seek.Start.Specified.Number; ; next++)
                    {
                        FilteredBlock? block;
                        while ((block = scene.At(next)) is null)
                            await scene.grown.Reader.ReadAsync(context.CancellationToken);
                        if (next > 7 && scene.BreakAfterNext)
                        {
                            scene.BreakAfterNext = false;
                            throw new RpcException(StatusCode.Unavailable, "the peer goes away");
                        }
                        await stream.WriteAsync(new DeliverResponse { FilteredBlock = block }, context.CancellationToken);
                    }
                }
                finally
                {
                    if (!scene.BreakAfterNext)
                        scene.ended.TrySetResult();
                }
            };
            return scene;
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();

        private FilteredBlock? At(ulong number)
        {
            lock (chain)
            {
                return chain.Find(block => block.Number == number);
            }
        }

        private void Add(string transactionId, TxValidationCode code)
        {
            lock (chain)
            {
                chain.Add(new FilteredBlock
                {
                    ChannelId = "channel-1", Number = 6 + (ulong)chain.Count,
                    FilteredTransactions = { new FilteredTransaction { Txid = transactionId, TxValidationCode = code } },
                });
            }
            grown.Writer.TryWrite(true);
        }
    }
}
