using System.Collections.Concurrent;
using HealthShare.IntegrationTests.Content;
using HealthShare.Vault.Content;
using HealthShare.Vault.Content.Kubo;
using Xunit.Abstractions;

namespace HealthShare.IntegrationTests.Ipfs;

/// <summary>
/// A process that stores, pins, unpins and collects garbage at a daemon at once, which is killed by turns with the daemon.
/// <c>HEALTHSHARE_STORE_KILLS</c> sets how often; 2 times by default.
/// </summary>
[Collection(SwarmCollection.Name)]
public sealed class KilledDaemonStoreTests(SwarmFixture swarm, ITestOutputHelper output)
{
    private static readonly int Kills = int.TryParse(Environment.GetEnvironmentVariable("HEALTHSHARE_STORE_KILLS"), out var kills) ? kills : 2;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1), LittlePatience = TimeSpan.FromMilliseconds(300);

    private readonly PinModel model = new();

    [IpfsFact]
    public async Task A_killed_daemon_or_node_loses_nothing_that_was_acknowledged_and_serves_nothing_half()
    {
        var random = new Random(20261121);
        var steps = 0;
        for (var kill = 0; kill < Kills; kill++)
        {
            steps += await RunUntilKilledAsync(kill, random);
            await AssertAsAcknowledgedAsync();
        }
        output.WriteLine($"{Kills} kills, {steps} acknowledged steps.");
        Assert.InRange(steps, Kills * 10, int.MaxValue); // killed at work, not before it
    }

    private async Task<int> RunUntilKilledAsync(int kill, Random random)
    {
        using var writer = TestProgram.Start("daemon-writer", $"{swarm.East.Addresses.Rpc}", Marks, $"{kill}");
        var steps = 0;
        try
        {
            Assert.Equal("ready", await writer.StandardOutput.ReadLineAsync());
            for (var killAt = random.Next(40, 120); await writer.StandardOutput.ReadLineAsync() is { } line;)
            {
                steps += model.Note(line) ? 1 : 0;
                if (steps != killAt)
                    continue;
                killAt = 0;
                if (kill % 2 == 0)
                    await swarm.East.KillAsync();
                else
                    writer.Kill();
            }
        }
        finally
        {
            writer.Kill(); // does nothing to a process that has ended
            await writer.WaitForExitAsync();
        }
        if (swarm.East.Ended.IsCompleted)
            await swarm.Swarm.RestartAsync("east", CancellationToken.None);
        return steps;
    }

    private async Task AssertAsAcknowledgedAsync()
    {
        using var store = StoreWriter.OpenDaemon(swarm.East.Addresses.Rpc, Marks, Patience);
        using var hasty = StoreWriter.OpenDaemon(swarm.East.Addresses.Rpc, Marks, LittlePatience);
        var pins = await store.ListPinsAsync(CancellationToken.None).ToHashSetAsync();
        var half = new ConcurrentBag<int>();
        await Parallel.ForAsync(0, StoreWriter.Keys, new ParallelOptions { MaxDegreeOfParallelism = 20 }, async (key, _) =>
        {
            var isPinned = pins.Contains(KnownCids.Of(key));
            // A daemon may pin what its caller has given up: one pin too many, which garbage collection finds, and none too few.
            Assert.True(isPinned || model.StatesOf(key).MayBeUnpinned, $"key {key} was acknowledged as pinned and is not");
            if (isPinned)
                Assert.Equal(StoreWriter.ContentOf(key), await ReadAsync(store, key));
            else if (await ReadOrRefuseAsync(hasty, key) is { } read && !read.AsSpan().SequenceEqual(StoreWriter.ContentOf(key)))
                half.Add(key);
        });
        Assert.Empty(half);
        for (var key = 0; key < StoreWriter.Keys; key++)
            model.Settle(key, pins.Contains(KnownCids.Of(key)));
    }

    private string Marks => swarm.PathOf("marks-of-killed");

    // What is pinned no more may be there, gone, or gone in part: then it is refused, not cut short.
    private static async Task<byte[]?> ReadOrRefuseAsync(KuboContentStore store, int key)
    {
        try
        {
            return await ReadAsync(store, key);
        }
        catch (Exception e) when (e is ContentNotFoundException or ContentCorruptException)
        {
            return null;
        }
    }

    private static async Task<byte[]> ReadAsync(KuboContentStore store, int key)
    {
        await using var stream = await store.OpenAsync(KnownCids.Of(key), CancellationToken.None);
        using var all = new MemoryStream();
        await stream.CopyToAsync(all);
        return all.ToArray();
    }
}
