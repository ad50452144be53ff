using System.Diagnostics;
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
        var host = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";
        using var process = Process.Start(new ProcessStartInfo(host,
            [typeof(StoreWriter).Assembly.Location, "store-writer", folder, $"{kill}"]) { RedirectStandardOutput = true })!;
        var steps = 0;
        try
        {
            Assert.Equal("ready", await process.StandardOutput.ReadLineAsync());
            using var trigger = new KillTrigger(process, folder, kill % 6, random);
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

    /// <summary>What is known of each key from the lines that the process printed before it was killed.</summary>
    private sealed class PinModel
    {
        private readonly bool[] pinned = new bool[StoreWriter.Keys];
        private readonly bool?[] underWay = new bool?[StoreWriter.Keys]; // what the key becomes if the step was done

        /// <summary>True for a line that acknowledges.</summary>
        public bool Note(string line)
        {
            var (end, key, becomes) = line.Split(' ') is [var word, var number, var step]
                ? (word == "end", int.Parse(number, provider: null), step != "unpin")
                : throw new InvalidDataException($"The writer printed '{line}'.");
            underWay[key] = end ? null : becomes;
            if (end)
                pinned[key] = becomes;
            return end;
        }

        public (bool MayBePinned, bool MayBeUnpinned) StatesOf(int key) =>
            (pinned[key] || underWay[key] is true, !pinned[key] || underWay[key] is false);

        public void Settle(int key, bool isPinned) => (pinned[key], underWay[key]) = (isPinned, null);
    }

    /// <summary>Kills a process after a random time, or when a file of the store appears, is renamed or goes for the n-th time.</summary>
    private sealed class KillTrigger : IDisposable
    {
        private readonly FileSystemWatcher? watcher;
        private readonly Timer limit;
        private int left;

        public KillTrigger(Process process, string folder, int kind, Random random)
        {
            left = random.Next(1, 40);
            var (place, what) = kind switch
            {
                1 => ("tmp", WatcherChangeTypes.Created), // a write has begun
                2 => ("objects", WatcherChangeTypes.Created), // a content has appeared under its name
                3 => ("objects", WatcherChangeTypes.Deleted), // a collection has removed a content, its mark not yet
                4 => ("unpinned", WatcherChangeTypes.Created), // a mark has appeared
                5 => ("unpinned", WatcherChangeTypes.Deleted), // a mark has gone
                _ => (null, default),
            };
            // The limit also ends a wait for a step that does not come.
            limit = new Timer(_ => process.Kill(), null, place is null ? random.Next(1, 200) : 2_000, Timeout.Infinite);
            if (place is null)
                return;
            watcher = new FileSystemWatcher(Path.Combine(folder, place)) { IncludeSubdirectories = true };
            void Count(object sender, FileSystemEventArgs e)
            {
                if (e.ChangeType.HasFlag(what) && Interlocked.Decrement(ref left) == 0)
                    process.Kill();
            }
            watcher.Created += Count;
            watcher.Deleted += Count;
            watcher.EnableRaisingEvents = true;
        }

        public void Dispose()
        {
            watcher?.Dispose();
            limit.Dispose();
        }
    }
}
