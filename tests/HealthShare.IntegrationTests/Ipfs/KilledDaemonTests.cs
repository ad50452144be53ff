using System.Collections.Concurrent;
using System.Security.Cryptography;
using HealthShare.Sandbox.Ipfs;
using HealthShare.Vault.Content;

namespace HealthShare.IntegrationTests.Ipfs;

/// <summary>A daemon that is killed while it writes.</summary>
[Collection(SwarmCollection.Name)]
public sealed class KilledDaemonTests(SwarmFixture swarm)
{
    private const int Writers = 4, AddsBeforeKill = 40;

    [IpfsFact]
    public async Task Everything_that_was_acknowledged_is_pinned_and_readable_after_a_kill()
    {
        var acknowledged = new ConcurrentDictionary<Cid, byte[]>();
        var writers = Enumerable.Range(0, Writers).Select(_ => WriteUntilItEndsAsync(swarm.East, acknowledged)).ToList();
        while (acknowledged.Count < AddsBeforeKill && !swarm.East.Ended.IsCompleted)
            await Task.Delay(5);
        await swarm.East.KillAsync();
        await Task.WhenAll(writers);

        // Starts at once: the lock of the dead process is taken away.
        using var rpc = new RawRpc(await swarm.Swarm.RestartAsync("east", CancellationToken.None));

        Assert.True(acknowledged.Count >= AddsBeforeKill);
        Assert.Subset((ISet<Cid>)await rpc.PinsAsync(), acknowledged.Keys.ToHashSet());
        foreach (var (cid, content) in acknowledged)
            Assert.Equal(content, await rpc.HeldBlockAsync(cid));
    }

    [IpfsFact]
    public async Task A_daemon_that_outlived_its_starter_is_ended_by_the_next_start()
    {
        var repository = swarm.PathOf("orphan");
        var key = swarm.PathOf("orphan.key");
        IpfsSwarm.WriteNewKey(key);
        await using var orphan = await IpfsDaemon.StartAsync(swarm.Launcher, repository, key, CancellationToken.None);

        await using var next = await IpfsDaemon.StartAsync(swarm.Launcher, repository, key, CancellationToken.None);

        Assert.True(orphan.Ended.IsCompleted);
        Assert.False(next.Ended.IsCompleted);
        Assert.Equal(orphan.Addresses.Peer, next.Addresses.Peer);
    }

    private static async Task WriteUntilItEndsAsync(IpfsDaemon daemon, ConcurrentDictionary<Cid, byte[]> acknowledged)
    {
        using var rpc = new RawRpc(daemon);
        try
        {
            while (true)
            {
                var content = RandomNumberGenerator.GetBytes(1024);
                acknowledged[await rpc.AddAsync(new MemoryStream(content))] = content;
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // It was killed; what it did not acknowledge may be there or not.
        }
    }
}
