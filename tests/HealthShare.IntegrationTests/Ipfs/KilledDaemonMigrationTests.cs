using System.Security.Cryptography;
using System.Text.Json.Nodes;
using HealthShare.IntegrationTests.Content;
using HealthShare.Vault.Content;

namespace HealthShare.IntegrationTests.Ipfs;

/// <summary><c>healthshare content migrate</c> from the embedded store to a daemon, of which first one is killed, then the other.</summary>
[Collection(SwarmCollection.Name)]
public sealed class KilledDaemonMigrationTests(SwarmFixture swarm)
{
    private const int Contents = 60;

    [IpfsFact]
    public async Task A_migration_goes_on_after_a_kill_of_itself_and_of_the_daemon_and_ends_with_everything_there()
    {
        var contents = await FillAsync();
        var from = await SettingsAsync("from", new JsonObject { ["Folder"] = swarm.PathOf("migrated") });

        using (var migration = await StartAsync(from))
        using (KillTrigger.WhenCreated(migration, BlocksOfEast, Contents))
            await migration.WaitForExitAsync();
        await AssertWholeAsync(contents);

        using (var migration = await StartAsync(from))
        {
            // Awaited also where the migration is done first: it must not strike the daemon's next life.
            await KillEastWhenAsync(blocks: 2 * Contents);
            await migration.WaitForExitAsync();
        }
        await swarm.Swarm.RestartAsync("east", CancellationToken.None);
        await AssertWholeAsync(contents);

        using var last = await StartAsync(from);
        var result = JsonNode.Parse(await last.StandardOutput.ReadToEndAsync())!;
        await last.WaitForExitAsync();
        Assert.Equal((0, Contents), (last.ExitCode, (int)result["copied"]! + (int)result["alreadyThere"]!));
        Assert.Equal(contents.Keys.ToHashSet(), await AssertWholeAsync(contents));
    }

    private string BlocksOfEast => Path.Combine(swarm.East.Repository, "blocks");

    private async Task KillEastWhenAsync(int blocks)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        while (Directory.EnumerateFiles(BlocksOfEast, "*.data", SearchOption.AllDirectories).Count() < blocks)
            await Task.Delay(5, patience.Token);
        await swarm.East.KillAsync();
    }

    private async Task<Dictionary<Cid, byte[]>> FillAsync()
    {
        using var store = EmbeddedContentStore.Open(new() { Folder = swarm.PathOf("migrated"), SyncToDisk = false });
        var contents = new Dictionary<Cid, byte[]>();
        for (var i = 0; i < Contents; i++)
        {
            var content = RandomNumberGenerator.GetBytes(i % 3 == 0 ? 30_000 + i : 1_000 + i);
            contents.Add((await store.PutAsync(new MemoryStream(content), new(4096, 5), CancellationToken.None)).Cid, content);
        }
        return contents;
    }

    // Whatever is pinned is whole, whenever the kill struck.
    private async Task<HashSet<Cid>> AssertWholeAsync(Dictionary<Cid, byte[]> contents)
    {
        using var target = StoreWriter.OpenDaemon(swarm.East.Addresses.Rpc, swarm.PathOf("marks-of-migrated"), TimeSpan.FromMinutes(1));
        var pinned = (await target.ListPinsAsync(CancellationToken.None).ToHashSetAsync()).Intersect(contents.Keys).ToHashSet();
        foreach (var cid in pinned)
        {
            await using var stream = await target.OpenAsync(cid, CancellationToken.None);
            using var all = new MemoryStream();
            await stream.CopyToAsync(all);
            Assert.Equal(contents[cid], all.ToArray());
        }
        return pinned;
    }

    private async Task<System.Diagnostics.Process> StartAsync(string from)
    {
        var to = await SettingsAsync("to", new JsonObject
        {
            ["Provider"] = "kubo",
            ["Kubo"] = new JsonObject { ["Url"] = $"{swarm.East.Addresses.Rpc}", ["Retries"] = 0 },
        });
        return TestProgram.StartAssembly("healthshare.dll", "content", "migrate", "--from", from, "--to", to, "--json");
    }

    private async Task<string> SettingsAsync(string store, JsonObject content)
    {
        var file = swarm.PathOf($"{store}.json");
        var node = new JsonObject { ["MspId"] = "NorthMSP", ["DataFolder"] = swarm.PathOf("migration") };
        await File.WriteAllTextAsync(file, new JsonObject { ["HealthShare"] = new JsonObject { ["Node"] = node, ["Content"] = content } }.ToJsonString());
        return file;
    }
}
