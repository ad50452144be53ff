using HealthShare.Node.ReadModel;
using HealthShare.UnitTests.Node.Support;
using NSubstitute;

namespace HealthShare.UnitTests.Node.ReadModel;

public sealed class ReplicaCacheTests
{
    private readonly ManualClock clock = new();
    private readonly IReadModel readModel = Substitute.For<IReadModel>();
    private readonly ReplicaCache cache;
    private int made;

    public ReplicaCacheTests() => cache = new ReplicaCache(readModel, clock);

    [Fact]
    public async Task A_result_is_made_once_until_the_next_block()
    {
        Assert.Equal((1, 1), (await GetAsync(), await GetAsync()));
        readModel.Height.Returns(1ul);
        Assert.Equal((2, 2), (await GetAsync(), await GetAsync()));
    }

    [Fact]
    public async Task A_change_without_a_block_and_a_while_have_it_made_again()
    {
        await GetAsync();
        cache.Clear();
        Assert.Equal(2, await GetAsync());
        clock.Now += TimeSpan.FromSeconds(11);
        Assert.Equal(3, await GetAsync());
    }

    [Fact]
    public async Task A_block_that_comes_while_a_result_is_made_has_the_next_caller_make_it_anew()
    {
        var go = new TaskCompletionSource();
        var slow = cache.GetAsync("a", async _ => { await go.Task; return ++made; }, default);
        readModel.Height.Returns(1ul);
        Assert.Equal(1, await GetAsync());
        go.SetResult();
        Assert.Equal(2, await slow);
        Assert.Equal(1, await GetAsync());
    }

    [Fact]
    public async Task Those_who_come_meanwhile_share_the_making_and_one_who_gives_up_does_not_stop_it()
    {
        var go = new TaskCompletionSource();
        using var impatient = new CancellationTokenSource();
        var one = cache.GetAsync("a", async _ => { await go.Task; return ++made; }, impatient.Token);
        var other = GetAsync();
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        go.SetResult();
        Assert.Equal(1, await other);
    }

    [Fact]
    public async Task A_failure_is_not_kept()
    {
        await Assert.ThrowsAsync<IOException>(() => cache.GetAsync<int>("a", _ => throw new IOException(), default));
        await Assert.ThrowsAsync<IOException>(() => cache.GetAsync<int>("a", _ => Task.FromException<int>(new IOException()), default));
        Assert.Equal(1, await GetAsync());
    }

    private Task<int> GetAsync() => cache.GetAsync("a", _ => Task.FromResult(++made), default);
}
