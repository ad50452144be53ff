using System.Security.Cryptography;
using HealthShare.Node.Content.Migration;
using HealthShare.UnitTests.Vault;
using HealthShare.UnitTests.Vault.Kubo;
using HealthShare.Vault.Content;
using HealthShare.Vault.Content.Kubo;

namespace HealthShare.UnitTests.Node.Content.Migration;

public sealed class ContentMigrationTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly EmbeddedContentStore from;
    private readonly EmbeddedContentStore to;

    public ContentMigrationTests()
    {
        from = EmbeddedContentStore.Open(new() { Folder = folder.File("from"), Layout = new(1024, 3), SyncToDisk = false });
        to = EmbeddedContentStore.Open(new() { Folder = folder.File("to"), SyncToDisk = false });
    }

    public void Dispose()
    {
        from.Dispose();
        to.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Everything_pinned_arrives_under_its_CID_however_it_was_cut_and_the_source_stays()
    {
        var contents = new Dictionary<Cid, byte[]>();
        foreach (var layout in new ContentLayout[] { new(1024, 3), new(1024, 1024), new(5000, 2), new(4096, 7) })
        {
            foreach (var length in new[] { 0, 1, 1024, 1025, 5000, 5001, 30_000, 100_000 })
            {
                var content = RandomNumberGenerator.GetBytes(length);
                contents.TryAdd((await from.PutAsync(new MemoryStream(content), layout, CancellationToken.None)).Cid, content);
            }
        }
        var dropped = await PutAsync(from, [1, 2]); // of a length that none of the random contents has
        await from.UnpinAsync(dropped, CancellationToken.None);

        var (outcome, progress) = await MigrateAsync();

        Assert.True(outcome.Complete);
        Assert.Empty(outcome.Failures);
        Assert.Equal((contents.Count, contents.Count, 0, 0), (progress.Total, progress.Copied, progress.AlreadyThere, progress.Failed));
        Assert.Equal(contents.Sum(content => content.Value.LongLength), progress.Bytes);
        Assert.False(await to.HasAsync(dropped, CancellationToken.None));
        foreach (var store in new[] { from, to })
        {
            Assert.Equal(contents.Keys.ToHashSet(), await store.ListPinsAsync(CancellationToken.None).ToHashSetAsync());
            foreach (var (cid, content) in contents)
                Assert.Equal(content, await ReadAsync(store, cid));
        }
    }

    [Fact]
    public async Task Everything_goes_to_an_IPFS_daemon_and_back_under_the_same_CIDs()
    {
        var contents = new Dictionary<Cid, byte[]>();
        foreach (var (chunk, links, length) in new[] { (1024, 3, 10), (1024, 3, 9_000), (1024, 3, 50_000), (1024, 4, 16_384), (2000, 1024, 30_000), (1024, 2, 0) })
        {
            var content = RandomNumberGenerator.GetBytes(length);
            contents.Add((await from.PutAsync(new MemoryStream(content), new(chunk, links), CancellationToken.None)).Cid, content);
        }
        await using var daemon = await StandInKubo.StartAsync();
        using var kubo = KuboContentStore.Open(new() { Rpc = new() { Url = daemon.Url }, Folder = folder.File("marks") });
        using (var there = MigrationNote.Open(NotePath))
            Assert.Empty((await new ContentMigration(from, kubo, there, 2).RunAsync(CancellationToken.None)).Failures);
        using (var back = MigrationNote.Open(folder.File("back")))
            Assert.Empty((await new ContentMigration(kubo, to, back, 2).RunAsync(CancellationToken.None)).Failures);
        Assert.Equal(contents.Keys.ToHashSet(), await to.ListPinsAsync(CancellationToken.None).ToHashSetAsync());
        foreach (var (cid, content) in contents)
            Assert.Equal(content, await ReadAsync(to, cid));
    }

    [Fact]
    public async Task A_migration_that_is_stopped_goes_on_where_it_was()
    {
        for (var i = 0; i < 40; i++)
            await PutAsync(from, RandomNumberGenerator.GetBytes(2000));
        using var stop = new CancellationTokenSource();
        var stopping = new WatchedStore(to) { BeforePut = number => { if (number == 15) stop.Cancel(); } };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => MigrateAsync(stopping, ct: stop.Token));
        var noted = (await File.ReadAllLinesAsync(NotePath)).Count(line => line.Length > 0);
        Assert.InRange(noted, 1, 15);

        var (outcome, progress) = await MigrateAsync();
        Assert.Empty(outcome.Failures);
        Assert.Equal(40, progress.Copied + progress.AlreadyThere);
        Assert.InRange(progress.AlreadyThere, noted, 15);
        Assert.Equal(0, (await MigrateAsync()).Progress.Copied);
    }

    [Fact]
    public async Task What_is_corrupt_at_the_source_is_named_and_the_rest_arrives()
    {
        var good = await PutAsync(from, RandomNumberGenerator.GetBytes(3000));
        var bad = await PutAsync(from, RandomNumberGenerator.GetBytes(3000));
        await CorruptAsync("from", bad);
        var (outcome, progress) = await MigrateAsync();
        Assert.True(outcome.Complete);
        Assert.Equal(bad.ToString(), Assert.Single(outcome.Failures).Cid);
        Assert.Equal((1, 1), (progress.Copied, progress.Failed));
        Assert.Equal([good], await to.ListPinsAsync(CancellationToken.None).ToListAsync());
    }

    [Fact]
    public async Task A_corrupt_copy_at_the_target_is_written_again_and_an_unpinned_one_pinned()
    {
        var content = RandomNumberGenerator.GetBytes(3000);
        var (corrupt, unpinned) = (await PutAsync(from, content), await PutAsync(from, [7]));
        await ContentCopy.CopyAsync(from, to, corrupt, CancellationToken.None);
        await ContentCopy.CopyAsync(from, to, unpinned, CancellationToken.None);
        await CorruptAsync("to", corrupt);
        await to.UnpinAsync(unpinned, CancellationToken.None);
        var (outcome, progress) = await MigrateAsync();
        Assert.Empty(outcome.Failures);
        Assert.Equal(2, progress.Copied);
        Assert.Equal(content, await ReadAsync(to, corrupt));
        Assert.True(await to.IsPinnedAsync(unpinned, CancellationToken.None));
    }

    [Fact]
    public async Task A_note_is_not_believed_of_what_the_target_does_not_hold_and_survives_a_cut_line()
    {
        var cid = await PutAsync(from, [1, 2, 3]);
        await File.WriteAllTextAsync(NotePath, $"{cid}\n{cid.ToString()[..20]}");
        Assert.Equal(1, (await MigrateAsync()).Progress.Copied);
        Assert.Equal([1, 2, 3], await ReadAsync(to, cid));
        Assert.Equal(1, (await MigrateAsync()).Progress.AlreadyThere);
    }

    [Fact]
    public async Task A_target_that_takes_nothing_is_given_up()
    {
        for (var i = 0; i < 60; i++)
            await PutAsync(from, BitConverter.GetBytes(i));
        var full = new WatchedStore(to) { BeforePut = _ => throw new IOException("No space left on device") };
        var (outcome, progress) = await MigrateAsync(full, parallel: 2);
        Assert.False(outcome.Complete);
        Assert.InRange(progress.Failed, ContentMigration.HopelessFailures, ContentMigration.HopelessFailures + 2);
        Assert.All(outcome.Failures, failure => Assert.Equal("No space left on device", failure.Reason));
    }

    [Fact]
    public async Task No_more_is_under_way_at_once_than_allowed()
    {
        for (var i = 0; i < 60; i++)
            await PutAsync(from, RandomNumberGenerator.GetBytes(1500));
        var watched = new WatchedStore(to);
        await MigrateAsync(watched, parallel: 3);
        Assert.InRange(watched.MostAtOnce, 1, 3);
        Assert.Equal(60, watched.Puts);
    }

    private string NotePath => folder.File("note");

    private async Task<(MigrationOutcome Outcome, MigrationProgress Progress)> MigrateAsync(
        IContentStore? target = null, int parallel = 4, CancellationToken ct = default)
    {
        using var note = MigrationNote.Open(NotePath);
        var migration = new ContentMigration(from, target ?? to, note, parallel);
        return (await migration.RunAsync(ct), migration.Progress);
    }

    private static async Task<Cid> PutAsync(EmbeddedContentStore store, byte[] content) =>
        (await store.PutAsync(new MemoryStream(content), CancellationToken.None)).Cid;

    private async Task CorruptAsync(string store, Cid cid)
    {
        var path = Directory.GetFiles(folder.File(store), cid.ToString(), SearchOption.AllDirectories).Single();
        var bytes = await File.ReadAllBytesAsync(path);
        bytes[100] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);
    }

    private static async Task<byte[]> ReadAsync(EmbeddedContentStore store, Cid cid)
    {
        await using var stream = await store.OpenAsync(cid, CancellationToken.None);
        using var all = new MemoryStream();
        await stream.CopyToAsync(all);
        return all.ToArray();
    }
}
