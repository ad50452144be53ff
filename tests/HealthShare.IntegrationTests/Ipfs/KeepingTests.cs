using System.Security.Cryptography;
using HealthShare.Sandbox.Ipfs;
using HealthShare.Vault.Content;
using HealthShare.Vault.Content.Kubo;

namespace HealthShare.IntegrationTests.Ipfs;

/// <summary>Three members with a daemon each: one is emptied, one corrupted, one killed; nothing is lost, and all is repaired.</summary>
public sealed class KeepingTests : IAsyncLifetime
{
    private static readonly string[] Members = ["north", "south", "east"];
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("healthshare-kept-");
    private readonly List<StoredContent> records = [];
    private IpfsSwarm? swarm;

    public async Task InitializeAsync()
    {
        if (Daemons.SkipReason is null)
            swarm = await IpfsSwarm.StartAsync(await Daemons.LauncherAsync(), folder.FullName, Members, CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        if (swarm is not null)
            await swarm.DisposeAsync();
        folder.Delete(recursive: true);
    }

    [IpfsFact]
    public async Task A_daemon_that_was_emptied_and_one_that_was_corrupted_are_found_out_and_made_whole()
    {
        await StoreEverywhereAsync();
        await using (var keeper = await KeeperAsync("north"))
        {
            var whole = await keeper.CheckAsync();
            Assert.Equal((records.Count, records.Count, 0L, 0L), (whole.Counts.Records, whole.Counts.Held, whole.Counts.BelowMinimum, whole.OpenFindings));
        }

        // North's own daemon comes back with an empty folder, as after a lost disk.
        await swarm!.Daemons["north"].KillAsync();
        Directory.Delete(swarm.Daemons["north"].Repository, recursive: true);
        await swarm.RestartAsync("north", CancellationToken.None);
        await using (var keeper = await KeeperAsync("north"))
        {
            var found = await keeper.CheckAsync(repair: false);
            Assert.Equal((records.Count, 0L), (found.Counts.Missing, found.Counts.Held));
            var repaired = await keeper.CheckAsync();
            Assert.Equal((records.Count, 0L), (repaired.Counts.Repaired, repaired.OpenFindings));
            foreach (var record in records)
                Assert.True(await keeper.Store.IsPinnedAsync(record.Cid, CancellationToken.None));
        }

        // South's disk decays: a byte of every block there changes. North names south; south's own keeper heals it.
        await swarm.Daemons["south"].KillAsync();
        var decayed = Decay(swarm.Daemons["south"].Repository);
        Assert.True(decayed > records.Count);
        await swarm.RestartAsync("south", CancellationToken.None);
        await using (var north = await KeeperAsync("north"))
        {
            var found = await north.CheckAsync();
            Assert.Equal((records.Count, records.Count), (found.Counts.Held, found.Counts.BelowMinimum));
            Assert.All(await north.FindingsAsync(), finding => Assert.Equal(("south", "corrupt"), (finding.Replica, finding.State)));
            await using (var south = await KeeperAsync("south"))
            {
                var repaired = await south.CheckAsync();
                Assert.Equal((records.Count, records.Count, 0L), (repaired.Counts.Held, repaired.Counts.Repaired, repaired.OpenFindings));
            }
            var healed = await north.CheckAsync();
            Assert.Equal((records.Count, 0L, 0L), (healed.Counts.Held, healed.Counts.BelowMinimum, healed.OpenFindings));
        }
    }

    [IpfsFact]
    public async Task A_daemon_that_was_killed_is_said_to_be_away_and_lacks_nothing_when_it_is_back()
    {
        await StoreEverywhereAsync();
        await using (var keeper = await KeeperAsync("north"))
        {
            await swarm!.Daemons["east"].KillAsync();
            var away = await keeper.CheckAsync();
            Assert.Equal((records.Count, records.Count, 0L), (away.Counts.Held, away.Counts.BelowMinimum, away.OpenFindings));
        }
        await swarm.RestartAsync("east", CancellationToken.None);
        await using var again = await KeeperAsync("north");
        var back = await again.CheckAsync();
        Assert.Equal((records.Count, 0L, 0L), (back.Counts.Held, back.Counts.BelowMinimum, back.OpenFindings));
    }

    private Task<KeeperOnDaemons> KeeperAsync(string member)
    {
        var others = Members.Where(name => name != member).ToDictionary(name => name, name => swarm!.Daemons[name]);
        return RegisteredAsync(KeeperOnDaemons.StartAsync(swarm!.Daemons[member], others));
    }

    private async Task<KeeperOnDaemons> RegisteredAsync(Task<KeeperOnDaemons> starting)
    {
        var keeper = await starting;
        foreach (var record in records)
            await keeper.RegisterAsync(record);
        return keeper;
    }

    // One leaf, some leaves under one node, and nodes under nodes.
    private async Task StoreEverywhereAsync()
    {
        foreach (var length in new[] { 1000, 64 * 1024, 300_000, 1_500_000 })
        {
            var content = RandomNumberGenerator.GetBytes(length);
            StoredContent? stored = null;
            foreach (var daemon in swarm!.Daemons.Values)
            {
                using var rpc = new KuboRpcClient(new() { Url = daemon.Addresses.Rpc });
                stored = await rpc.ImportAsync(new MemoryStream(content), new ContentLayout(64 * 1024, 8), pin: true, CancellationToken.None);
            }
            records.Add(stored!);
        }
    }

    private static int Decay(string repository)
    {
        var files = Directory.EnumerateFiles(Path.Combine(repository, "blocks"), "*.data", SearchOption.AllDirectories).ToList();
        var decayed = 0;
        foreach (var file in files)
        {
            var bytes = File.ReadAllBytes(file);
            // The daemon's own small blocks (its pin list, empty folders) are not what this is about.
            if (bytes.Length < 900)
                continue;
            bytes[bytes.Length / 2] ^= 1;
            File.WriteAllBytes(file, bytes);
            decayed++;
        }
        return decayed;
    }
}
