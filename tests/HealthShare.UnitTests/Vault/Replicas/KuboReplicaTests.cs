using System.Security.Cryptography;
using HealthShare.UnitTests.Vault.Kubo;
using HealthShare.Vault.Content;
using HealthShare.Vault.Content.Kubo;
using HealthShare.Vault.Content.Replicas;
using Microsoft.AspNetCore.Http;

namespace HealthShare.UnitTests.Vault.Replicas;

public sealed class KuboReplicaTests : IAsyncLifetime, IDisposable
{
    private const int Leaf = 1024;
    private readonly TemporaryFolder folder = new();
    private StandInKubo daemon = null!;
    private KuboContentStore store = null!;
    private KuboReplica own = null!;
    private EmbeddedContentStore elsewhere = null!;
    private StoreReplica good = null!;
    private StoredContent content = null!;

    public async Task InitializeAsync()
    {
        daemon = await StandInKubo.StartAsync();
        store = KuboContentStore.Open(new()
        {
            Rpc = new() { Url = daemon.Url, Retries = 0, CallTimeout = TimeSpan.FromMinutes(1) }, Folder = folder.File("marks"), Layout = new(Leaf, 4),
        });
        own = new KuboReplica("own", store.Rpc, store, new RpcBlocks("own", store.Rpc));
        elsewhere = EmbeddedContentStore.Open(new() { Folder = folder.File("elsewhere"), Layout = new(Leaf, 4), SyncToDisk = false });
        good = new StoreReplica("elsewhere", elsewhere);
        var bytes = RandomNumberGenerator.GetBytes(18 * Leaf + 3);
        content = await elsewhere.PutAsync(new MemoryStream(bytes), CancellationToken.None);
        Assert.Equal(content, await store.PutAsync(new MemoryStream(bytes), CancellationToken.None));
        // As Kubo: what is pinned cannot be removed, and what is there is not written again.
        daemon.Before = async http =>
        {
            if (http.Request.Path.Value!.EndsWith("block/rm", StringComparison.Ordinal) && !daemon.Pins.IsEmpty)
            {
                await http.Response.WriteAsync($"{{\"Hash\":\"{content.Cid}\",\"Error\":\"pinned: recursive\"}}\n");
                return true;
            }
            return false;
        };
    }

    public async Task DisposeAsync()
    {
        store.Dispose();
        elsewhere.Dispose();
        await daemon.DisposeAsync();
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_whole_copy_passes_and_the_daemon_is_told_not_to_fetch()
    {
        daemon.Calls.Clear();
        await own.ChallengeAsync(content.Cid, content.Size, 9 * Leaf, CancellationToken.None);
        Assert.All(daemon.Calls, call => Assert.Contains("offline=true", call.Query, StringComparison.Ordinal));
        Assert.InRange(daemon.Calls.Count, 2, 5);
    }

    [Fact]
    public async Task What_the_daemon_lost_or_spoiled_is_put_back_and_the_rest_is_left_alone()
    {
        var keys = daemon.Blocks.Keys.Where(key => key != StandInKubo.KeyOf(content.Cid)).Order().ToList();
        daemon.Blocks.TryRemove(keys[3], out _);
        daemon.Blocks[keys[7]] = [1, 2, 3];
        daemon.Blocks[StandInKubo.KeyOf(content.Cid)] = [];
        await Assert.ThrowsAsync<ContentCorruptException>(() => ReadAllAsync(own));
        daemon.Calls.Clear();
        await own.RestoreAsync(content.Cid, good, CancellationToken.None);
        Assert.Equal(content.Size, await ReadAllAsync(own));
        Assert.True(await own.IsPinnedAsync(content.Cid, CancellationToken.None));
        Assert.Equal(2, daemon.Calls.Count(call => call.Call == "block/rm"));
        Assert.Equal(3, daemon.Calls.Count(call => call.Call == "dag/import"));
    }

    [Fact]
    public async Task An_emptied_daemon_is_filled_again()
    {
        daemon.Blocks.Clear();
        daemon.Pins.Clear();
        await Assert.ThrowsAsync<ContentNotFoundException>(() => own.ChallengeAsync(content.Cid, null, 0, CancellationToken.None));
        await own.RestoreAsync(content.Cid, good, CancellationToken.None);
        Assert.Equal(content.Size, await ReadAllAsync(own));
        Assert.True(await own.IsPinnedAsync(content.Cid, CancellationToken.None));
    }

    [Fact]
    public async Task A_repair_cut_in_the_middle_touches_no_good_block_and_the_next_one_ends_it()
    {
        var keys = daemon.Blocks.Keys.Order().ToList();
        var (first, last) = (daemon.Blocks[keys[0]], daemon.Blocks[keys[^1]]);
        (daemon.Blocks[keys[0]], daemon.Blocks[keys[^1]]) = ([1], [2]);
        var before = daemon.Before;
        var imports = 0;
        daemon.Before = async http => await before(http) || (http.Request.Path.Value!.EndsWith("dag/import", StringComparison.Ordinal)
            && ++imports == 2 && await FailAsync(http));
        await Assert.ThrowsAsync<ReplicaUnavailableException>(() => own.RestoreAsync(content.Cid, good, CancellationToken.None));
        Assert.True(daemon.Blocks.Count >= keys.Count - 1, "one bad block is gone at the most");
        daemon.Before = before;
        await own.RestoreAsync(content.Cid, good, CancellationToken.None);
        Assert.Equal(first, daemon.Blocks[keys[0]]);
        Assert.Equal(last, daemon.Blocks[keys[^1]]);
        Assert.True(await own.IsPinnedAsync(content.Cid, CancellationToken.None));
    }

    [Fact]
    public async Task A_source_that_breaks_off_costs_the_own_copy_neither_a_block_nor_its_pin()
    {
        var key = daemon.Blocks.Keys.Order().First();
        daemon.Blocks[key] = [1];
        var broken = NSubstitute.Substitute.For<IContentReplica>();
        NSubstitute.SubstituteExtensions.Returns(broken.ReadBlocksAsync(content.Cid, default), _ => OneAndNoMoreAsync());
        await Assert.ThrowsAsync<ReplicaUnavailableException>(() => own.RestoreAsync(content.Cid, broken, default));
        Assert.Equal([1], daemon.Blocks[key]);
        Assert.True(await own.IsPinnedHereAsync(content.Cid, default));

        async IAsyncEnumerable<ContentBlock> OneAndNoMoreAsync()
        {
            await foreach (var block in good.ReadBlocksAsync(content.Cid, default))
            {
                yield return block;
                throw new ReplicaUnavailableException("broken", "it broke off.");
            }
        }
    }

    [Fact]
    public async Task A_daemon_that_is_away_or_denies_is_unavailable_and_one_that_checks_hashes_itself_is_believed()
    {
        daemon.Before = async http => await FailAsync(http, "block in storage has different hash than requested");
        await Assert.ThrowsAsync<ContentCorruptException>(() => own.ChallengeAsync(content.Cid, null, 0, CancellationToken.None));
        daemon.Before = _ => Task.FromResult(false);
        daemon.Authorization = "Bearer x";
        await Assert.ThrowsAsync<ReplicaUnavailableException>(() => own.ChallengeAsync(content.Cid, null, 0, CancellationToken.None));
        await Assert.ThrowsAsync<ReplicaUnavailableException>(() => own.IsPinnedAsync(content.Cid, CancellationToken.None));
        await daemon.DisposeAsync();
        await Assert.ThrowsAsync<ReplicaUnavailableException>(() => own.ChallengeAsync(content.Cid, null, 0, CancellationToken.None));
    }

    private static async Task<bool> FailAsync(HttpContext http, string message = "no space left on device")
    {
        await StandInKubo.ErrorAsync(http, message);
        return true;
    }

    private async Task<long> ReadAllAsync(KuboReplica replica)
    {
        long size = 0;
        await foreach (var block in replica.ReadBlocksAsync(content.Cid, CancellationToken.None))
            size += block.IsLeaf ? block.Bytes.Length : 0;
        return size;
    }
}
