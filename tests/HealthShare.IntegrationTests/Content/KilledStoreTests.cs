using HealthShare.Vault.Content;
using Xunit.Abstractions;

namespace HealthShare.IntegrationTests.Content;

/// <summary>
/// A process that stores, pins, unpins and collects garbage at once is killed many times, at random and right after chosen steps.
/// <c>HEALTHSHARE_STORE_KILLS</c> sets how often; 24 times by default.
/// </summary>
public sealed class KilledStoreTests(ITestOutputHelper output) : IDisposable
{
    private static readonly int Kills = int.TryParse(Environment.GetEnvironmentVariable("HEALTHSHARE_STORE_KILLS"), out var kills) ? kills : 24;

    private readonly string folder = Directory.CreateTempSubdirectory("healthshare-killed-").FullName;
    private readonly PinModel model = new();

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_killed_store_keeps_what_it_acknowledged_serves_nothing_half_and_cleans_up()
    {
        var random = new Random(20261121);
        var steps = 0;
        for (var kill = 0; kill < Kills; kill++)
        {
            steps += await RunUntilKilledAsync(kill, random);
            using var store = EmbeddedContentStore.Open(new() { Folder = folder, Layout = StoreWriter.Layout });
            Assert.Empty(Directory.EnumerateFiles(Path.Combine(folder, "tmp")));
            await AssertAsAcknowledgedAsync(store);

            // And nothing is left that no later collection would take.
            await store.CollectGarbageAsync(TimeSpan.Zero, CancellationToken.None);
            Assert.Empty(Directory.EnumerateFiles(Path.Combine(folder, "unpinned")));
            var pins = await store.ListPinsAsync(CancellationToken.None).Select(cid => cid.ToString()).ToHashSetAsync();
            var files = Directory.EnumerateFiles(Path.Combine(folder, "objects"), "*", SearchOption.AllDirectories).Select(Path.GetFileName);
            Assert.Equal(pins, files.ToHashSet()!);
        }
        output.WriteLine($"{Kills} kills, {steps} acknowledged steps.");
        Assert.InRange(steps, Kills, int.MaxValue); // killed at work, not before it
    }

    private async Task<int> RunUntilKilledAsync(int kill, Random random)
    {
        using var process = TestProgram.Start("store-writer", folder, $"{kill}");
        var steps = 0;
        try
        {
            Assert.Equal("ready", await process.StandardOutput.ReadLineAsync());
            using var trigger = KillTrigger.OnStep(process, folder, kill % 6, random);
            while (await process.StandardOutput.ReadLineAsync() is { } line)
                steps += model.Note(line) ? 1 : 0;
        }
        finally
        {
            process.Kill(); // does nothing to a process that has ended
            await process.WaitForExitAsync();
        }
        return steps;
    }

    private async Task AssertAsAcknowledgedAsync(EmbeddedContentStore store)
    {
        var pins = await store.ListPinsAsync(CancellationToken.None).ToHashSetAsync();
        for (var key = 0; key < StoreWriter.Keys; key++)
        {
            var cid = KnownCids.Of(key);
            var (mayBePinned, mayBeUnpinned) = model.StatesOf(key);
            if (!mayBeUnpinned)
                Assert.True(pins.Contains(cid), $"key {key} was acknowledged as pinned and is not");
            if (!mayBePinned)
                Assert.False(pins.Contains(cid), $"key {key} was acknowledged as unpinned, or never stored, and is pinned");
            if (await store.HasAsync(cid, CancellationToken.None))
                Assert.Equal(StoreWriter.ContentOf(key), await ReadAsync(store, cid));
            else
                Assert.DoesNotContain(cid, pins);
            model.Settle(key, pins.Contains(cid));
        }
    }

    private static async Task<byte[]> ReadAsync(EmbeddedContentStore store, Cid cid)
    {
        await using var stream = await store.OpenAsync(cid, CancellationToken.None);
        using var all = new MemoryStream();
        await stream.CopyToAsync(all);
        return all.ToArray();
    }
}
