using HealthShare.Vault.Content;
using HealthShare.Vault.Content.Ipfs;
using HealthShare.Vault.Content.Kubo;

namespace HealthShare.IntegrationTests.Content;

/// <summary>
/// A program that stores, pins, unpins and collects as fast as it can until it is killed. It prints a line before each step and
/// one after it was acknowledged: <c>begin KEY put</c>, <c>end KEY put</c>.
/// </summary>
internal static class StoreWriter
{
    private const int Workers = 4;
    private static readonly TimeSpan BusyMachine = TimeSpan.FromMinutes(1); // what ends the writer before it is killed

    public const int Keys = 80;

    public static readonly ContentLayout Layout = new(1024, 4);

    /// <summary>The content of a key: of no bytes, of one leaf, of a small tree, of a deep one.</summary>
    public static byte[] ContentOf(int key)
    {
        var length = (key % 4) switch { 0 => key, 1 => 1000, 2 => 5_000 + key, _ => 60_000 + key };
        return [.. Enumerable.Range(0, length).Select(i => (byte)(i * 31 + i / 256 + key))];
    }

    /// <summary>Writes to the embedded store in a folder.</summary>
    public static async Task<int> ToEmbeddedAsync(string folder, int seed)
    {
        // Without synchronising a kill strikes among more steps, with it rather between them: both are wanted.
        using var store = EmbeddedContentStore.Open(new() { Folder = folder, Layout = Layout, SyncToDisk = seed % 2 == 0 });
        return await RunAsync(store, seed, pinsWhatIsGone: true);
    }

    /// <summary>Writes to an IPFS daemon until that, or this process, is killed.</summary>
    public static async Task<int> ToDaemonAsync(Uri rpc, string marks, int seed)
    {
        using var store = OpenDaemon(rpc, marks, TimeSpan.FromSeconds(2)); // so long it looks for what is gone
        try
        {
            return await RunAsync(store, seed, pinsWhatIsGone: false);
        }
        catch (IpfsException)
        {
            return 0; // killed: what it did not acknowledge may be there or not
        }
    }

    /// <summary>The store that <see cref="ToDaemonAsync"/> writes to.</summary>
    public static KuboContentStore OpenDaemon(Uri rpc, string marks, TimeSpan patience) => KuboContentStore.Open(new()
    {
        Rpc = new() { Url = rpc, Retries = 0, FetchTimeout = patience, LocalTimeout = patience, ConnectTimeout = BusyMachine, CallTimeout = BusyMachine, PinTimeout = BusyMachine },
        Folder = marks, Layout = Layout,
    });

    // A daemon looks for seconds for what is gone, so there mostly what is there is pinned. And it takes nothing while it collects.
    private static async Task<int> RunAsync(IContentStore store, int seed, bool pinsWhatIsGone)
    {
        _ = KnownCids.Of(0); // now, since a killed process would leave the folder that this takes
        var pinned = pinsWhatIsGone ? null : await store.ListPinsAsync(CancellationToken.None).ToHashSetAsync();
        var pause = TimeSpan.FromMilliseconds(pinsWhatIsGone ? 1 : 100);
        await Console.Out.WriteLineAsync("ready");
        await await Task.WhenAny([.. Enumerable.Range(0, Workers).Select(worker => Task.Run(() =>
            WorkAsync(store, worker, pinned?.ToHashSet(), new Random(seed + worker)))), Task.Run(() => CollectAsync(store, pause))]);
        return 0;
    }

    private static async Task WorkAsync(IContentStore store, int worker, HashSet<Cid>? there, Random random)
    {
        while (true)
        {
            var key = random.Next(Keys / Workers) * Workers + worker;
            var content = ContentOf(key);
            var cid = KnownCids.Of(key);
            var step = random.Next(5) switch { 2 when there?.Contains(cid) != false => "pin", 3 or 4 => "unpin", _ => "put" };
            Console.Out.WriteLine($"begin {key} {step}");
            try
            {
                await (step switch
                {
                    "put" => store.PutAsync(new MemoryStream(content), CancellationToken.None),
                    "pin" => store.PinAsync(cid, CancellationToken.None),
                    _ => store.UnpinAsync(cid, CancellationToken.None),
                });
                if (step != "unpin")
                    there?.Add(cid);
                else if (random.Next(8) > 0)
                    there?.Remove(cid); // else it is pinned again while it may be collected
                Console.Out.WriteLine($"end {key} {step}");
            }
            catch (ContentNotFoundException) when (step == "pin")
            {
                there?.Remove(cid);
                Console.Out.WriteLine($"end {key} unpin"); // collected meanwhile: as it was
            }
        }
    }

    private static async Task CollectAsync(IContentStore store, TimeSpan pause)
    {
        while (true)
        {
            await store.CollectGarbageAsync(TimeSpan.Zero, CancellationToken.None);
            await Task.Delay(pause);
        }
    }
}
