using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using HealthShare.UnitTests.Support;
using HealthShare.Vault.Content;

namespace HealthShare.UnitTests.Vault;

/// <summary>Writers, readers, pins and garbage collection on the same contents at once.</summary>
public sealed class ContentRaceTests : IDisposable
{
    private const int Leaf = 1024;
    private readonly TemporaryFolder folder = new();
    private readonly EmbeddedContentStore store;

    public ContentRaceTests() => store = EmbeddedContentStore.Open(new() { Folder = folder.File("store"), Layout = new(Leaf, 4), SyncToDisk = false });

    public void Dispose()
    {
        store.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task What_is_pinned_or_stored_while_garbage_is_collected_stays()
    {
        using var stop = new CancellationTokenSource();
        var collecting = Task.Run(() => CollectUntilAsync(stop.Token));
        // Each worker stores, lets go and takes back contents that all of them share. Its own last word per content is the truth only
        // of contents that nobody else lets go, so each has one of its own besides.
        await Task.WhenAll(Enumerable.Range(0, 6).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            byte[] own = [255, (byte)worker];
            for (var round = 0; round < 80; round++)
            {
                byte[] shared = [(byte)random.Next(3)];
                var cid = (await PutAsync(shared)).Cid;
                await TryAsync(() => store.PinAsync(cid, CancellationToken.None));
                await TryAsync(() => AssertReadsAsync(cid, shared)); // another worker may have let it go since
                await store.UnpinAsync(cid, CancellationToken.None);

                var mine = (await PutAsync(own)).Cid;
                await AssertReadsAsync(mine, own);
                await store.UnpinAsync(mine, CancellationToken.None);
                if (await TryAsync(() => store.PinAsync(mine, CancellationToken.None))) // in time
                    await AssertReadsAsync(mine, own);
            }
            await PutAsync(own);
        })));
        await stop.CancelAsync();
        await collecting;
        for (var worker = 0; worker < 6; worker++)
            await AssertReadsAsync(Cid.Of(CidCodec.Raw, [255, (byte)worker]), [255, (byte)worker]);
        await store.CollectGarbageAsync(TimeSpan.Zero, CancellationToken.None);
        Assert.Equal(6, await store.ListPinsAsync(CancellationToken.None).CountAsync());
        Assert.Empty(Directory.EnumerateFiles(folder.File("store/tmp")));
        Assert.Empty(Directory.EnumerateFiles(folder.File("store/unpinned")));
    }

    [Fact]
    public async Task A_reader_sees_all_of_a_content_or_that_it_is_gone_while_it_is_removed_and_stored_again()
    {
        var content = RandomNumberGenerator.GetBytes(9 * Leaf + 3);
        var cid = (await PutAsync(content)).Cid;
        using var stop = new CancellationTokenSource();
        var churning = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await store.UnpinAsync(cid, CancellationToken.None);
                await store.CollectGarbageAsync(TimeSpan.Zero, CancellationToken.None);
                await PutAsync(content);
            }
        });
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (var read = 0; read < 25;)
                read += await TryAsync(() => AssertReadsAsync(cid, content)) ? 1 : 0;
        })));
        await stop.CancelAsync();
        await churning;
        await AssertReadsAsync(cid, content);
    }

    [Fact]
    public void Any_sequence_of_steps_leaves_what_a_model_says()
    {
        var steps = Gen.Zip(Gen.Choose(0, 4), Gen.Choose(0, 3)).ListOf();
        Prop.ForAll(steps.ToArbitrary(), sequence => RunAsync(sequence).GetAwaiter().GetResult()).Check(Config.QuickThrowOnFailure.WithMaxTest(40));
    }

    [SmallDiskFact]
    public async Task A_full_disk_refuses_what_is_new_and_keeps_what_is_there()
    {
        using var disk = new SmallDisk(4 * 1024 * 1024);
        using var small = EmbeddedContentStore.Open(new() { Folder = Path.Combine(disk.Path, "store"), Layout = new(Leaf, 4) });
        var kept = (await small.PutAsync(new MemoryStream([1]), CancellationToken.None)).Cid;
        var dropped = (await small.PutAsync(new MemoryStream(new byte[40 * Leaf]), CancellationToken.None)).Cid;
        await small.UnpinAsync(dropped, CancellationToken.None);
        disk.Fill();
        foreach (var content in new Stream[] { new MemoryStream(new byte[50 * Leaf]), new GeneratedStream(50 * Leaf, _ => 1), new MemoryStream([7, 7]) })
        {
            await Assert.ThrowsAnyAsync<IOException>(() => small.PutAsync(content, CancellationToken.None));
            Assert.Empty(Directory.EnumerateFiles(Path.Combine(disk.Path, "store", "tmp")));
        }
        await ContentCopy.VerifyAsync(small, kept, CancellationToken.None);
        // Removing makes room, and needs none.
        Assert.Equal(1, await small.CollectGarbageAsync(TimeSpan.Zero, CancellationToken.None));
        var stored = (await small.PutAsync(new MemoryStream(new byte[10 * Leaf]), CancellationToken.None)).Cid;
        await ContentCopy.VerifyAsync(small, stored, CancellationToken.None);
        Assert.Equal(2, await small.ListPinsAsync(CancellationToken.None).CountAsync());
    }

    private async Task<bool> RunAsync(IEnumerable<(int Step, int Content)> steps)
    {
        var model = new Dictionary<Cid, (byte[] Content, bool Pinned)>();
        foreach (var old in await store.ListPinsAsync(CancellationToken.None).ToListAsync())
            await store.UnpinAsync(old, CancellationToken.None);
        await store.CollectGarbageAsync(TimeSpan.Zero, CancellationToken.None);
        foreach (var (step, number) in steps)
        {
            var content = new byte[number * 1500];
            var cid = (step, number) is (0, _) ? (await PutAsync(content)).Cid : CidOf(number);
            switch (step)
            {
                case 0:
                    model[cid] = (content, true);
                    break;
                case 1:
                    if (await TryAsync(() => store.PinAsync(cid, CancellationToken.None)) != model.ContainsKey(cid))
                        return false;
                    if (model.TryGetValue(cid, out var held))
                        model[cid] = (held.Content, true);
                    break;
                case 2:
                    await store.UnpinAsync(cid, CancellationToken.None);
                    if (model.TryGetValue(cid, out var letGo))
                        model[cid] = (letGo.Content, false);
                    break;
                case 3:
                    var garbage = model.Where(entry => !entry.Value.Pinned).Select(entry => entry.Key).ToList();
                    if (await store.CollectGarbageAsync(TimeSpan.Zero, CancellationToken.None) != garbage.Count)
                        return false;
                    garbage.ForEach(gone => model.Remove(gone));
                    break;
                default:
                    if (await store.CollectGarbageAsync(TimeSpan.FromDays(1), CancellationToken.None) != 0)
                        return false;
                    break;
            }
        }
        foreach (var (cid, (content, pinned)) in model)
        {
            if (await store.IsPinnedAsync(cid, CancellationToken.None) != pinned)
                return false;
            await AssertReadsAsync(cid, content);
        }
        return (await store.ListPinsAsync(CancellationToken.None).ToHashSetAsync())
            .SetEquals(model.Where(entry => entry.Value.Pinned).Select(entry => entry.Key));
    }

    // From a store of its own, since a content that was never stored has a CID, too.
    private readonly Dictionary<int, Cid> cids = [];

    private Cid CidOf(int number)
    {
        if (cids.TryGetValue(number, out var known))
            return known;
        using var other = EmbeddedContentStore.Open(new() { Folder = folder.File($"cid-{number}"), Layout = new(Leaf, 4), SyncToDisk = false });
        return cids[number] = other.PutAsync(new MemoryStream(new byte[number * 1500]), CancellationToken.None).GetAwaiter().GetResult().Cid;
    }

    private async Task CollectUntilAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
            await store.CollectGarbageAsync(TimeSpan.Zero, CancellationToken.None);
    }

    private static async Task<bool> TryAsync(Func<Task> step)
    {
        try
        {
            await step();
            return true;
        }
        catch (ContentNotFoundException)
        {
            return false;
        }
    }

    private Task<StoredContent> PutAsync(byte[] content) => store.PutAsync(new MemoryStream(content), CancellationToken.None);

    private async Task AssertReadsAsync(Cid cid, byte[] content)
    {
        await using var stream = await store.OpenAsync(cid, CancellationToken.None);
        using var all = new MemoryStream();
        await stream.CopyToAsync(all);
        Assert.Equal(content, all.ToArray());
    }
}
