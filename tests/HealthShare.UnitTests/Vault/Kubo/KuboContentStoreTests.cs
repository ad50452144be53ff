using System.Security.Cryptography;
using HealthShare.Vault.Content;
using HealthShare.Vault.Content.Ipfs;
using HealthShare.Vault.Content.Kubo;
using Microsoft.AspNetCore.Http;

namespace HealthShare.UnitTests.Vault.Kubo;

public sealed class KuboContentStoreTests : IAsyncLifetime, IDisposable
{
    private const int Leaf = 1024;
    private static readonly CancellationToken Ct = CancellationToken.None;
    private readonly TemporaryFolder folder = new();
    private readonly ManualTime time = new();
    private StandInKubo daemon = null!;
    private KuboContentStore store = null!;

    public async Task InitializeAsync()
    {
        daemon = await StandInKubo.StartAsync();
        store = Open();
    }

    public async Task DisposeAsync()
    {
        store.Dispose();
        await daemon.DisposeAsync();
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Leaf)]
    [InlineData(Leaf + 1)]
    [InlineData(4 * Leaf)]
    [InlineData(67 * Leaf + 5)]
    public async Task What_is_stored_has_the_embedded_stores_id_is_pinned_and_reads_back(int length)
    {
        var content = RandomNumberGenerator.GetBytes(length);
        using var other = new TemporaryFolder();
        using var embedded = EmbeddedContentStore.Open(new() { Folder = other.Path, Layout = new(Leaf, 4) });
        var stored = await store.PutAsync(new MemoryStream(content), Ct);
        Assert.Equal(await embedded.PutAsync(new MemoryStream(content), Ct), stored);
        Assert.True(await store.IsPinnedAsync(stored.Cid, Ct));
        Assert.True(await store.HasAsync(stored.Cid, Ct));
        Assert.Equal(content, await ReadAsync(stored.Cid));
    }

    [Fact]
    public async Task A_read_can_begin_anywhere()
    {
        var content = RandomNumberGenerator.GetBytes(50 * Leaf + 7);
        var stored = await store.PutAsync(new MemoryStream(content), Ct);
        await using var stream = await store.OpenAsync(stored.Cid, Ct);
        Assert.Equal(content.Length, stream.Length);
        var random = new Random(5);
        for (var i = 0; i < 60; i++)
        {
            var at = i % 5 == 0 ? (int)stream.Position : random.Next(content.Length);
            var part = new byte[Math.Min(random.Next(3 * Leaf), content.Length - at)];
            stream.Position = at;
            await stream.ReadExactlyAsync(part, Ct);
            Assert.Equal(content.AsSpan(at, part.Length).ToArray(), part);
        }
        stream.Position = content.Length + 5;
        Assert.Equal(0, await stream.ReadAsync(new byte[5], Ct));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Position = -1);
    }

    [Fact]
    public async Task A_reader_asks_for_little_ahead_and_for_nothing_once_it_is_closed()
    {
        var stored = await store.PutAsync(new MemoryStream(RandomNumberGenerator.GetBytes(200 * Leaf)), new(Leaf, 1000), Ct);
        daemon.Calls.Clear();
        await using (var stream = await store.OpenAsync(stored.Cid, Ct))
            Assert.Equal(1, await stream.ReadAsync(new byte[1], Ct));
        Assert.InRange(daemon.Calls.Count, 2, 18);
    }

    [Fact]
    public async Task A_daemon_that_reads_slowly_holds_the_upload_back()
    {
        var stop = new TaskCompletionSource();
        daemon.Before = async http =>
        {
            await http.Request.Body.ReadExactlyAsync(new byte[1]);
            await stop.Task;
            await StandInKubo.ErrorAsync(http, "repository is full");
            return true;
        };
        const long Length = 1L << 40;
        var content = new GeneratedStream(Length, static _ => 7);
        var put = store.PutAsync(content, Ct);
        long seen;
        do
        {
            seen = content.Position;
            await Task.Delay(300);
        }
        while (seen == 0 || content.Position != seen);
        Assert.InRange(seen, 1, 64 * 1024 * 1024); // what sockets hold, not what there is
        stop.SetResult();
        await Assert.ThrowsAsync<IpfsException>(() => put);
    }

    [Fact]
    public async Task A_content_that_cannot_be_read_fails_as_it_fails_and_leaves_no_pin()
    {
        var broken = new GeneratedStream(10 * Leaf, at => at < 5 * Leaf ? (byte)1 : throw new InvalidDataException("sealed wrongly"));
        var failure = await Assert.ThrowsAsync<InvalidDataException>(() => store.PutAsync(broken, Ct));
        Assert.Equal("sealed wrongly", failure.Message);
        Assert.Empty(daemon.Pins);
    }

    [Fact]
    public async Task A_content_is_sent_again_only_while_nothing_of_it_was_read()
    {
        var busy = 2;
        daemon.Before = async http =>
        {
            if (Interlocked.Decrement(ref busy) < 0)
                return false;
            await StandInKubo.ErrorAsync(http, "not yet", 503);
            return true;
        };
        var content = RandomNumberGenerator.GetBytes(Leaf);
        var stored = await store.PutAsync(new MemoryStream(content), Ct);
        Assert.Equal(content, await ReadAsync(stored.Cid));

        daemon.Before = async http =>
        {
            await http.Request.Body.ReadExactlyAsync(new byte[600]);
            http.Abort();
            return true;
        };
        daemon.Calls.Clear();
        await Assert.ThrowsAsync<IpfsException>(() => store.PutAsync(new MemoryStream(content), Ct));
        Assert.Single(daemon.Calls);
    }

    [Theory]
    [InlineData("")]
    [InlineData("""{"Root":{"Cid":{"/":"bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"},"PinErrorMsg":""}}""")]
    [InlineData("""{"Root":{"Cid":{"/":"ROOT"},"PinErrorMsg":"disk full"}}""")]
    [InlineData("""{"Root":{"Cid":{"/":"nonsense"}}}""")]
    public async Task Stored_is_only_what_the_daemon_says_it_pinned(string answer)
    {
        daemon.Before = async http =>
        {
            await http.Request.Body.CopyToAsync(Stream.Null);
            await http.Response.WriteAsync(answer.Replace("ROOT", Cid.Of(CidCodec.Raw, "x"u8).ToString(), StringComparison.Ordinal));
            return true;
        };
        await Assert.ThrowsAsync<IpfsException>(() => store.PutAsync(new MemoryStream("x"u8.ToArray()), Ct));
    }

    [Fact]
    public async Task A_cancelled_upload_ends()
    {
        using var stop = new CancellationTokenSource();
        var content = new GeneratedStream(1L << 40, at =>
        {
            if (at == 3 * Leaf)
                stop.Cancel();
            return 1;
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.PutAsync(content, stop.Token));
        Assert.Empty(daemon.Pins);
    }

    [Fact]
    public async Task A_leaf_that_changed_is_not_given_out_and_one_that_is_gone_makes_the_content_incomplete()
    {
        var content = RandomNumberGenerator.GetBytes(10 * Leaf);
        var stored = await store.PutAsync(new MemoryStream(content), Ct);
        var leaf = StandInKubo.KeyOf(Cid.Of(CidCodec.Raw, content.AsSpan(6 * Leaf, Leaf)));
        daemon.Blocks[leaf] = [.. content.AsSpan(6 * Leaf, Leaf - 1), (byte)(content[(7 * Leaf) - 1] ^ 1)];
        await using (var stream = await store.OpenAsync(stored.Cid, Ct))
        {
            var begun = new byte[6 * Leaf];
            await stream.ReadExactlyAsync(begun, Ct);
            Assert.Equal(content[..(6 * Leaf)], begun);
            var corrupt = await Assert.ThrowsAsync<ContentCorruptException>(() => stream.ReadAsync(begun, Ct).AsTask());
            Assert.Equal(stored.Cid, corrupt.Cid);
            daemon.Blocks[leaf] = content[(6 * Leaf)..(7 * Leaf)];
            await stream.ReadExactlyAsync(begun.AsMemory(0, 4 * Leaf), Ct);
            Assert.Equal(content[(6 * Leaf)..], begun[..(4 * Leaf)]);
        }
        daemon.Blocks.Remove(leaf, out _);
        Assert.Equal(stored.Cid, (await Assert.ThrowsAsync<ContentCorruptException>(() => ReadAsync(stored.Cid))).Cid);
        daemon.Blocks.Clear();
        Assert.Equal(stored.Cid, (await Assert.ThrowsAsync<ContentNotFoundException>(() => ReadAsync(stored.Cid))).Cid);
        Assert.False(await store.HasAsync(stored.Cid, Ct));
    }

    [Fact]
    public async Task What_is_unpinned_stays_for_its_grace_time_and_whatever_else_happens()
    {
        var first = await store.PutAsync(new MemoryStream([1]), Ct);
        var second = await store.PutAsync(new MemoryStream([2]), Ct);
        await store.UnpinAsync(first.Cid, Ct);
        await store.UnpinAsync(first.Cid, Ct);
        Assert.False(await store.IsPinnedAsync(first.Cid, Ct));
        Assert.Equal([second.Cid], await PinsAsync());
        time.Now += TimeSpan.FromMinutes(59);
        store.Dispose();
        store = Open();
        Assert.Equal(0, await store.CollectGarbageAsync(TimeSpan.FromHours(1), Ct));
        Assert.Equal([1], await ReadAsync(first.Cid));
        time.Now += TimeSpan.FromMinutes(1);
        Assert.Equal(1, await store.CollectGarbageAsync(TimeSpan.FromHours(1), Ct));
        await Assert.ThrowsAsync<ContentNotFoundException>(() => ReadAsync(first.Cid));
        Assert.Equal([2], await ReadAsync(second.Cid));
        Assert.Equal(0, await store.CollectGarbageAsync(TimeSpan.Zero, Ct));
    }

    [Fact]
    public async Task What_is_stored_or_pinned_again_is_not_collected()
    {
        var first = await store.PutAsync(new MemoryStream([1]), Ct);
        var second = await store.PutAsync(new MemoryStream([2]), Ct);
        await store.UnpinAsync(first.Cid, Ct);
        await store.UnpinAsync(second.Cid, Ct);
        await store.PutAsync(new MemoryStream([1]), Ct);
        await store.PinAsync(second.Cid, Ct);
        Assert.Equal(0, await store.CollectGarbageAsync(TimeSpan.Zero, Ct));
        Assert.Equal([1], await ReadAsync(first.Cid));
        Assert.Equal([2], await ReadAsync(second.Cid));
    }

    [Fact]
    public async Task A_pin_that_is_let_go_while_the_same_content_is_stored_is_made_again()
    {
        var content = "the same"u8.ToArray();
        var stored = await store.PutAsync(new MemoryStream(content), Ct);
        await store.UnpinAsync(stored.Cid, Ct);
        daemon.Before = async http =>
        {
            // The daemon has pinned; before the writer hears of it, garbage collection lets the old pin go.
            if (http.Request.Path != "/api/v0/dag/import")
                return false;
            daemon.Before = _ => Task.FromResult(false);
            await http.Request.Body.CopyToAsync(Stream.Null);
            daemon.Pins[stored.Cid] = true;
            Assert.Equal(1, await store.CollectGarbageAsync(TimeSpan.Zero, Ct));
            daemon.Blocks[StandInKubo.KeyOf(stored.Cid)] = content;
            await http.Response.WriteAsync($$$"""{"Root":{"Cid":{"/":"{{{stored.Cid}}}"},"PinErrorMsg":""}}""");
            return true;
        };
        await store.PutAsync(new MemoryStream(content), Ct);
        Assert.True(daemon.Pins.ContainsKey(stored.Cid));
        Assert.True(await store.IsPinnedAsync(stored.Cid, Ct));
    }

    [Fact]
    public async Task A_pin_that_could_not_be_let_go_is_let_go_the_next_time()
    {
        var stored = await store.PutAsync(new MemoryStream([1]), Ct);
        await store.UnpinAsync(stored.Cid, Ct);
        daemon.Before = async http =>
        {
            await StandInKubo.ErrorAsync(http, "repository is locked");
            return true;
        };
        await Assert.ThrowsAsync<IpfsException>(() => store.CollectGarbageAsync(TimeSpan.Zero, Ct));
        daemon.Before = _ => Task.FromResult(false);
        Assert.Equal(1, await store.CollectGarbageAsync(TimeSpan.Zero, Ct));
        Assert.Empty(daemon.Pins);
    }

    [Fact]
    public async Task Many_writers_and_readers_do_not_disturb_one_another() => await Parallel.ForAsync(0, 24, async (i, ct) =>
    {
        var content = RandomNumberGenerator.GetBytes((i * 700) + 1);
        var stored = await store.PutAsync(new MemoryStream(content), ct);
        Assert.Equal(content, await ReadAsync(stored.Cid));
    });

    [Fact]
    public async Task A_layout_out_of_range_is_refused()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => store.PutAsync(Stream.Null, new(100, 4), Ct));
        Assert.Throws<ArgumentException>(() => KuboContentStore.Open(
            new() { Rpc = new() { Url = daemon.Url }, Folder = folder.Path, Layout = new(1024, 1) }));
    }

    private KuboContentStore Open() => KuboContentStore.Open(new()
    {
        Rpc = new() { Url = daemon.Url, RetryDelay = TimeSpan.FromMilliseconds(1), LocalTimeout = TimeSpan.FromSeconds(10) },
        Folder = folder.File("unpinned"),
        Layout = new(Leaf, 4),
    }, time);

    private async Task<byte[]> ReadAsync(Cid cid)
    {
        await using var stream = await store.OpenAsync(cid, Ct);
        using var all = new MemoryStream();
        await stream.CopyToAsync(all, Ct);
        return all.ToArray();
    }

    private async Task<List<Cid>> PinsAsync()
    {
        var pins = new List<Cid>();
        await foreach (var pin in store.ListPinsAsync(Ct))
            pins.Add(pin);
        return pins;
    }

    private sealed class ManualTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
