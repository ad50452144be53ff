using HealthShare.Vault.Content;

namespace HealthShare.IntegrationTests.Content;

/// <summary>
/// A program that stores, pins, unpins and collects as fast as it can until it is killed. It prints a line before each step and
/// one after it was acknowledged: <c>begin KEY put</c>, <c>end KEY put</c>.
/// </summary>
internal static class StoreWriter
{
    private const int Workers = 4;
    public const int Keys = 80;

    public static readonly ContentLayout Layout = new(1024, 4);

    /// <summary>The content of a key: of no bytes, of one leaf, of a small tree, of a deep one.</summary>
    public static byte[] ContentOf(int key)
    {
        var length = (key % 4) switch { 0 => key, 1 => 1000, 2 => 5_000 + key, _ => 60_000 + key };
        return [.. Enumerable.Range(0, length).Select(i => (byte)(i * 31 + i / 256 + key))];
    }

    public static async Task<int> RunAsync(string folder, int seed)
    {
        // Without synchronising a kill strikes among more steps, with it rather between them: both are wanted.
        using var store = EmbeddedContentStore.Open(new() { Folder = folder, Layout = Layout, SyncToDisk = seed % 2 == 0 });
        _ = KnownCids.Of(0); // now, since a killed process would leave the folder that this takes
        await Console.Out.WriteLineAsync("ready");
        await Task.WhenAll([.. Enumerable.Range(0, Workers).Select(worker => Task.Run(() => WorkAsync(store, worker, new Random(seed + worker)))),
            Task.Run(() => CollectAsync(store))]);
        return 0;
    }

    private static async Task WorkAsync(EmbeddedContentStore store, int worker, Random random)
    {
        while (true)
        {
            var key = random.Next(Keys / Workers) * Workers + worker;
            var content = ContentOf(key);
            var cid = KnownCids.Of(key);
            var step = random.Next(5) switch { 0 or 1 => "put", 2 => "pin", _ => "unpin" };
            Console.Out.WriteLine($"begin {key} {step}");
            try
            {
                await (step switch
                {
                    "put" => store.PutAsync(new MemoryStream(content), CancellationToken.None),
                    "pin" => store.PinAsync(cid, CancellationToken.None),
                    _ => store.UnpinAsync(cid, CancellationToken.None),
                });
                Console.Out.WriteLine($"end {key} {step}");
            }
            catch (ContentNotFoundException) when (step == "pin")
            {
                Console.Out.WriteLine($"end {key} unpin"); // collected meanwhile: as it was
            }
        }
    }

    private static async Task CollectAsync(EmbeddedContentStore store)
    {
        while (true)
        {
            await store.CollectGarbageAsync(TimeSpan.Zero, CancellationToken.None);
            await Task.Delay(1);
        }
    }
}
