using System.Security.Cryptography;
using HealthShare.Vault.Content;

namespace HealthShare.UnitTests.Vault;

public sealed class EmbeddedContentStoreTests : IDisposable
{
    private const int Leaf = 1024;
    private readonly TemporaryFolder folder = new();
    private readonly ManualTime time = new();
    private EmbeddedContentStore store;

    public EmbeddedContentStoreTests() => store = Open();

    public void Dispose()
    {
        store.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Leaf)]
    [InlineData(Leaf + 1)]
    [InlineData(3 * Leaf)]
    [InlineData(20 * Leaf + 5)]
    public async Task What_is_stored_reads_back_also_after_a_restart(int length)
    {
        var content = RandomNumberGenerator.GetBytes(length);
        var stored = await PutAsync(content);
        store.Dispose();
        store = Open();
        Assert.Equal(content, await ReadAsync(stored.Cid));
        Assert.True(await store.HasAsync(stored.Cid, CancellationToken.None));
    }

    [Theory]
    [InlineData(1024, 2)]
    [InlineData(4096, 3)]
    public async Task A_copy_of_what_was_cut_in_another_way_keeps_its_id(int chunk, int links)
    {
        var content = RandomNumberGenerator.GetBytes(9 * chunk + 11);
        using var folder = new TemporaryFolder();
        using var other = EmbeddedContentStore.Open(new() { Folder = folder.Path, Layout = new(chunk, links) });
        var stored = await other.PutAsync(new MemoryStream(content), CancellationToken.None);
        Assert.Equal(stored, await store.PutAsync(new MemoryStream(content), new ContentLayout(chunk, links), CancellationToken.None));
        Assert.Equal(content, await ReadAsync(stored.Cid));
        await Assert.ThrowsAsync<ArgumentException>(
            () => store.PutAsync(new MemoryStream(content), new ContentLayout(1023, links), CancellationToken.None));
    }

    [Fact]
    public async Task Pinned_is_what_is_held_and_not_unpinned()
    {
        var stored = await PutAsync([1, 2, 3]);
        Assert.True(await store.IsPinnedAsync(stored.Cid, CancellationToken.None));
        await store.UnpinAsync(stored.Cid, CancellationToken.None);
        Assert.False(await store.IsPinnedAsync(stored.Cid, CancellationToken.None));
        await store.PinAsync(stored.Cid, CancellationToken.None);
        Assert.True(await store.IsPinnedAsync(stored.Cid, CancellationToken.None));
        File.Delete(FileOf(stored.Cid));
        Assert.False(await store.IsPinnedAsync(stored.Cid, CancellationToken.None));
    }

    [Fact]
    public async Task A_read_can_begin_anywhere()
    {
        var content = RandomNumberGenerator.GetBytes(5 * Leaf + 7);
        var stored = await PutAsync(content);
        await using var stream = await store.OpenAsync(stored.Cid, CancellationToken.None);
        stream.Seek(-10, SeekOrigin.End);
        var end = new byte[20];
        Assert.Equal(10, await stream.ReadAtLeastAsync(end, 20, throwOnEndOfStream: false));
        Assert.Equal(content[^10..], end[..10]);
        stream.Position = 2 * Leaf - 3;
        await stream.ReadExactlyAsync(end);
        Assert.Equal(content.AsSpan(2 * Leaf - 3, 20).ToArray(), end);
        stream.Position = 100 * Leaf;
        Assert.Equal(0, await stream.ReadAsync(end));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(6 * Leaf + 100)]
    public async Task Any_changed_byte_of_a_stored_file_is_found(int length)
    {
        var content = RandomNumberGenerator.GetBytes(length);
        var stored = await PutAsync(content);
        var path = FileOf(stored.Cid);
        var bytes = await File.ReadAllBytesAsync(path);
        for (var at = 0; at < bytes.Length; at += at > length - 5 ? 1 : 37)
        {
            bytes[at] ^= 0x10;
            await File.WriteAllBytesAsync(path, bytes);
            var failure = await Assert.ThrowsAsync<ContentCorruptException>(() => ReadAsync(stored.Cid));
            Assert.Equal(stored.Cid, failure.Cid);
            bytes[at] ^= 0x10;
        }
        await File.WriteAllBytesAsync(path, bytes);
        Assert.Equal(content, await ReadAsync(stored.Cid));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(6 * Leaf + 100)]
    public async Task A_file_cut_or_extended_is_found(int length)
    {
        var stored = await PutAsync(RandomNumberGenerator.GetBytes(length));
        var path = FileOf(stored.Cid);
        var bytes = await File.ReadAllBytesAsync(path);
        foreach (var size in new[] { 0, 10, length / 2, bytes.Length - 1 })
        {
            await File.WriteAllBytesAsync(path, bytes[..size]);
            await Assert.ThrowsAsync<ContentCorruptException>(() => ReadAsync(stored.Cid));
        }
        await File.WriteAllBytesAsync(path, [.. bytes, 0]);
        await Assert.ThrowsAsync<ContentCorruptException>(() => ReadAsync(stored.Cid));
    }

    [Fact]
    public async Task A_footer_that_claims_another_size_takes_no_memory_and_is_refused()
    {
        var stored = await PutAsync(new byte[6 * Leaf]);
        var path = FileOf(stored.Cid);
        var bytes = await File.ReadAllBytesAsync(path);
        Convert.FromHexString("7fffffffffffffff").CopyTo(bytes, bytes.Length - 24);
        await File.WriteAllBytesAsync(path, bytes);
        await Assert.ThrowsAsync<ContentCorruptException>(() => store.OpenAsync(stored.Cid, CancellationToken.None));
    }

    [Fact]
    public async Task Nothing_of_a_corrupt_leaf_is_given_out()
    {
        var content = RandomNumberGenerator.GetBytes(3 * Leaf);
        var stored = await PutAsync(content);
        var bytes = await File.ReadAllBytesAsync(FileOf(stored.Cid));
        bytes[Leaf + 500] ^= 1;
        await File.WriteAllBytesAsync(FileOf(stored.Cid), bytes);
        await using var stream = await store.OpenAsync(stored.Cid, CancellationToken.None);
        var first = new byte[Leaf];
        await stream.ReadExactlyAsync(first);
        Assert.Equal(content[..Leaf], first);
        Assert.Throws<ContentCorruptException>(() => stream.ReadByte());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Leaf)]
    [InlineData(7 * Leaf + 1)]
    [InlineData(30 * Leaf)]
    public async Task A_stream_that_gives_another_length_than_it_claims_is_stored_as_what_it_gave(int given)
    {
        var content = RandomNumberGenerator.GetBytes(given);
        var stored = await store.PutAsync(new MisjudgedStream(content, claimed: 20 * Leaf), CancellationToken.None);
        Assert.Equal(given, stored.Size);
        Assert.Equal(content, await ReadAsync(stored.Cid));
        Assert.Equal(stored, await store.PutAsync(new GeneratedStream(given, i => content[i]), CancellationToken.None));
        Assert.Equal(content, await ReadAsync(stored.Cid));
    }

    [Fact]
    public async Task Storing_again_heals_a_corrupt_file()
    {
        var stored = await PutAsync([1, 2, 3]);
        await File.WriteAllBytesAsync(FileOf(stored.Cid), [9, 9, 9]);
        Assert.Equal(stored, await PutAsync([1, 2, 3]));
        Assert.Equal([1, 2, 3], await ReadAsync(stored.Cid));
    }

    [Fact]
    public async Task Leftovers_of_an_interrupted_write_are_gone_after_a_start()
    {
        store.Dispose();
        var leftover = folder.File("tmp/0123456789abcdef");
        await File.WriteAllBytesAsync(leftover, new byte[100]);
        store = Open();
        Assert.False(File.Exists(leftover));
    }

    [Fact]
    public async Task A_failed_or_cancelled_write_leaves_nothing()
    {
        await Assert.ThrowsAsync<IOException>(() => store.PutAsync(
            new GeneratedStream(10 * Leaf, i => i < 5 * Leaf ? (byte)1 : throw new IOException("cut")), CancellationToken.None));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.PutAsync(
            new GeneratedStream(10, _ => 1), new CancellationToken(canceled: true)));
        Assert.Equal([folder.File("lock")], Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Concurrent_writers_of_the_same_content_all_succeed()
    {
        var content = RandomNumberGenerator.GetBytes(9 * Leaf);
        var all = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(() => PutAsync(content))));
        Assert.Single(all.Distinct());
        Assert.Equal(content, await ReadAsync(all[0].Cid));
        Assert.Empty(Directory.EnumerateFiles(folder.File("tmp")));
    }

    [Fact]
    public async Task Absent_content_is_said_to_be_absent()
    {
        var absent = Cid.Of(CidCodec.Raw, [1]);
        Assert.False(await store.HasAsync(absent, CancellationToken.None));
        await Assert.ThrowsAsync<ContentNotFoundException>(() => store.OpenAsync(absent, CancellationToken.None));
        await Assert.ThrowsAsync<ContentNotFoundException>(() => store.PinAsync(absent, CancellationToken.None));
        await store.UnpinAsync(absent, CancellationToken.None);
        Assert.Equal(0, await store.CollectGarbageAsync(TimeSpan.Zero, CancellationToken.None));
    }

    [Fact]
    public async Task The_pins_are_what_is_stored_and_not_unpinned_also_after_a_restart()
    {
        Assert.Empty(await PinsAsync());
        var kept = (await PutAsync([1])).Cid;
        var pinnedAgain = (await PutAsync(new byte[3 * Leaf])).Cid;
        var dropped = (await PutAsync([2])).Cid;
        foreach (var cid in new[] { pinnedAgain, dropped })
            await store.UnpinAsync(cid, CancellationToken.None);
        Assert.Equal([kept], await PinsAsync());
        await store.PinAsync(pinnedAgain, CancellationToken.None);
        await File.WriteAllTextAsync(folder.File("objects/notes.txt"), "not a content");
        store.Dispose();
        store = Open();
        Assert.Equal(new[] { kept, pinnedAgain }.ToHashSet(), (await PinsAsync()).ToHashSet());
    }

    [Fact]
    public async Task A_list_of_pins_stops_when_it_is_told_to()
    {
        await PutAsync([1]);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await store.ListPinsAsync(new CancellationToken(canceled: true)).ToListAsync());
    }

    [Fact]
    public async Task Garbage_collection_takes_what_is_unpinned_for_the_grace_time_and_nothing_else()
    {
        var kept = await PutAsync([1]);
        var pinnedAgain = await PutAsync([2]);
        var storedAgain = await PutAsync([3]);
        var dropped = await PutAsync([4]);
        foreach (var content in new[] { pinnedAgain, storedAgain, dropped })
            await store.UnpinAsync(content.Cid, CancellationToken.None);
        await store.PinAsync(pinnedAgain.Cid, CancellationToken.None);
        await PutAsync([3]);

        var grace = TimeSpan.FromHours(1);
        time.Now += TimeSpan.FromMinutes(59);
        Assert.Equal(0, await store.CollectGarbageAsync(grace, CancellationToken.None));
        time.Now += TimeSpan.FromMinutes(2);
        store.Dispose();
        store = Open(); // the marks survive a restart
        Assert.Equal(1, await store.CollectGarbageAsync(grace, CancellationToken.None));

        Assert.False(await store.HasAsync(dropped.Cid, CancellationToken.None));
        foreach (var content in new[] { kept, pinnedAgain, storedAgain })
            Assert.Single(await ReadAsync(content.Cid));
    }

    [Fact]
    public async Task Garbage_collection_never_takes_what_a_writer_is_storing()
    {
        byte[] content = [1, 2, 3];
        for (var round = 0; round < 50; round++)
        {
            var cid = (await PutAsync(content)).Cid;
            await store.UnpinAsync(cid, CancellationToken.None);
            var collecting = Task.Run(() => store.CollectGarbageAsync(TimeSpan.Zero, CancellationToken.None));
            await PutAsync(content);
            await collecting;
            Assert.Equal(content, await ReadAsync(cid));
        }
    }

    [Fact]
    public async Task A_reader_finishes_though_the_content_is_collected_meanwhile()
    {
        var content = RandomNumberGenerator.GetBytes(4 * Leaf);
        var stored = await PutAsync(content);
        await using var stream = await store.OpenAsync(stored.Cid, CancellationToken.None);
        await store.UnpinAsync(stored.Cid, CancellationToken.None);
        Assert.Equal(1, await store.CollectGarbageAsync(TimeSpan.Zero, CancellationToken.None));
        using var read = new MemoryStream();
        await stream.CopyToAsync(read);
        Assert.Equal(content, read.ToArray());
    }

    [Fact]
    public async Task A_folder_belongs_to_one_store_at_a_time()
    {
        var stored = await PutAsync([1]);
        var leftover = folder.File("tmp/of-a-writer");
        await File.WriteAllBytesAsync(leftover, [1]);
        Assert.Contains(folder.Path, Assert.Throws<IOException>(Open).Message, StringComparison.Ordinal);
        Assert.True(File.Exists(leftover)); // whoever does not own the folder touches nothing in it
        store.Dispose();
        store = Open();
        Assert.Equal([1], await ReadAsync(stored.Cid));
    }

    [Fact]
    public async Task A_clock_that_is_put_back_starts_the_grace_time_anew_and_keeps_nothing_for_ever()
    {
        var dropped = await PutAsync([1]);
        await store.UnpinAsync(dropped.Cid, CancellationToken.None);
        var grace = TimeSpan.FromHours(1);
        time.Now -= TimeSpan.FromDays(3650);
        Assert.Equal(0, await store.CollectGarbageAsync(grace, CancellationToken.None));
        time.Now += TimeSpan.FromMinutes(59);
        Assert.Equal(0, await store.CollectGarbageAsync(grace, CancellationToken.None));
        time.Now += TimeSpan.FromMinutes(1);
        Assert.Equal(1, await store.CollectGarbageAsync(grace, CancellationToken.None));
        Assert.Empty(Directory.EnumerateFiles(folder.File("unpinned")));
    }

    [Fact]
    public async Task A_mark_whose_content_is_gone_goes_with_the_next_collection()
    {
        var stored = await PutAsync([1]);
        await store.UnpinAsync(stored.Cid, CancellationToken.None);
        File.Delete(FileOf(stored.Cid)); // as after a crash in the middle of a collection
        Assert.Equal(0, await store.CollectGarbageAsync(TimeSpan.Zero, CancellationToken.None));
        Assert.Empty(Directory.EnumerateFiles(folder.File("unpinned")));
    }

    [Fact]
    public void A_layout_out_of_range_is_refused() =>
        Assert.Throws<ArgumentException>(() => EmbeddedContentStore.Open(new() { Folder = folder.File("x"), Layout = new(100, 1024) }));

    private EmbeddedContentStore Open() => EmbeddedContentStore.Open(new() { Folder = folder.Path, Layout = new(Leaf, 4) }, time);

    private Task<StoredContent> PutAsync(byte[] content) => store.PutAsync(new MemoryStream(content), CancellationToken.None);

    private ValueTask<List<Cid>> PinsAsync() => store.ListPinsAsync(CancellationToken.None).ToListAsync();

    private async Task<byte[]> ReadAsync(Cid cid)
    {
        await using var stream = await store.OpenAsync(cid, CancellationToken.None);
        using var all = new MemoryStream();
        await stream.CopyToAsync(all);
        return all.ToArray();
    }

    private string FileOf(Cid cid) => Directory.GetFiles(folder.File("objects"), cid.ToString(), SearchOption.AllDirectories).Single();

    private sealed class MisjudgedStream(byte[] content, long claimed) : MemoryStream(content)
    {
        public override long Length => claimed;
    }

    private sealed class ManualTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
