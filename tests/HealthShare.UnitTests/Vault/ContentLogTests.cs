using System.Security.Cryptography;
using HealthShare.Vault.Content;

namespace HealthShare.UnitTests.Vault;

/// <summary>Small contents are durable in the log before their own files are: whatever a power failure leaves of those files, the log brings them back.</summary>
public sealed class ContentLogTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private EmbeddedContentStore store;

    public ContentLogTests() => store = Open();

    public void Dispose()
    {
        store.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Contents_stored_at_once_are_there_after_their_files_were_lost_emptied_or_cut()
    {
        var contents = Enumerable.Range(0, 100).Select(i => RandomNumberGenerator.GetBytes(1 + (i * 37))).ToList();
        var stored = await Task.WhenAll(contents.Select(content => Task.Run(() => PutAsync(content))));
        store.Dispose();
        foreach (var (i, one) in stored.Index())
        {
            if (i % 4 == 0)
                File.Delete(PathOf(one.Cid));
            else if (i % 4 == 1)
                File.WriteAllBytes(PathOf(one.Cid), []);
            else if (i % 4 == 2)
                File.WriteAllBytes(PathOf(one.Cid), contents[i][..(contents[i].Length / 2)]);
        }
        store = Open();
        foreach (var (content, one) in contents.Zip(stored))
            Assert.Equal(content, await ReadAsync(one.Cid));
        Assert.Empty(Directory.GetFiles(Path.Combine(folder.Path, "log")));
    }

    [Fact]
    public async Task A_frame_that_is_not_whole_ends_the_log_and_takes_nothing_before_it_along()
    {
        var (first, last) = (await PutAsync([1, 2, 3]), await PutAsync([4, 5, 6]));
        store.Dispose();
        var log = Assert.Single(Directory.GetFiles(Path.Combine(folder.Path, "log")));
        foreach (var cut in (Action<FileStream>[])[file => file.SetLength(file.Length - 1), file => file.Write(RandomNumberGenerator.GetBytes(200))])
        {
            await using (var file = new FileStream(log, FileMode.Open))
            {
                file.Seek(0, SeekOrigin.End);
                cut(file);
            }
            Assert.Equal([1, 2, 3], ContentLog.Read(Path.GetDirectoryName(log)!).First());
        }
        File.Delete(PathOf(first.Cid));
        File.Delete(PathOf(last.Cid));
        store = Open();
        Assert.Equal([1, 2, 3], await ReadAsync(first.Cid));
        Assert.False(await store.HasAsync(last.Cid, CancellationToken.None));
    }

    [Fact]
    public async Task What_was_collected_does_not_come_back_from_the_log_and_what_was_unpinned_stays_so()
    {
        var (gone, unpinned, kept) = (await PutAsync([1]), await PutAsync([2]), await PutAsync([3]));
        await store.UnpinAsync(gone.Cid, CancellationToken.None);
        Assert.Equal(1, await store.CollectGarbageAsync(TimeSpan.Zero, CancellationToken.None));
        var later = await PutAsync([4]);
        await store.UnpinAsync(unpinned.Cid, CancellationToken.None);
        await store.UnpinAsync(later.Cid, CancellationToken.None);
        store.Dispose();
        File.Delete(PathOf(later.Cid));
        store = Open();
        Assert.False(await store.HasAsync(gone.Cid, CancellationToken.None));
        Assert.False(await store.IsPinnedAsync(unpinned.Cid, CancellationToken.None));
        Assert.Equal([4], await ReadAsync(later.Cid));
        Assert.False(await store.IsPinnedAsync(later.Cid, CancellationToken.None));
        Assert.True(await store.IsPinnedAsync(kept.Cid, CancellationToken.None));
    }

    [Fact]
    public async Task A_log_that_cannot_be_written_refuses_the_content_and_a_later_one_is_taken()
    {
        await PutAsync([1]);
        await store.UnpinAsync((await PutAsync([9])).Cid, CancellationToken.None);
        await store.CollectGarbageAsync(TimeSpan.Zero, CancellationToken.None); // settled: the next content begins a part
        var log = Path.Combine(folder.Path, "log");
        Directory.Delete(log);
        await Assert.ThrowsAnyAsync<IOException>(() => PutAsync([2]));
        Directory.CreateDirectory(log);
        Assert.Equal([2], await ReadAsync((await PutAsync([2])).Cid));
    }

    [Fact]
    public async Task A_long_content_does_not_go_through_the_log()
    {
        var stored = await PutAsync(RandomNumberGenerator.GetBytes(ContentLog.MostBytes + 1));
        Assert.True(await store.HasAsync(stored.Cid, CancellationToken.None));
        Assert.Empty(Directory.GetFiles(Path.Combine(folder.Path, "log")));
    }

    private EmbeddedContentStore Open() => EmbeddedContentStore.Open(new() { Folder = folder.Path });

    private Task<StoredContent> PutAsync(byte[] content) => store.PutAsync(new MemoryStream(content), CancellationToken.None);

    private string PathOf(Cid cid) => Directory.GetFiles(Path.Combine(folder.Path, "objects"), cid.ToString(), SearchOption.AllDirectories).Single();

    private async Task<byte[]> ReadAsync(Cid cid)
    {
        await using var stream = await store.OpenAsync(cid, CancellationToken.None);
        using var content = new MemoryStream();
        await stream.CopyToAsync(content);
        return content.ToArray();
    }
}
