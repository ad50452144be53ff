using System.Security.Cryptography;
using System.Text.Json.Nodes;
using HealthShare.Vault.Content;

namespace HealthShare.IntegrationTests.Content;

/// <summary>
/// <c>healthshare content migrate</c>, killed again and again. <c>HEALTHSHARE_STORE_KILLS</c> sets how often; 5 times by default.
/// </summary>
public sealed class KilledMigrationTests : IDisposable
{
    private const int Contents = 400;
    private static readonly int Kills = int.TryParse(Environment.GetEnvironmentVariable("HEALTHSHARE_STORE_KILLS"), out var kills) ? kills : 5;

    private readonly string folder = Directory.CreateTempSubdirectory("healthshare-migration-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_killed_migration_goes_on_and_ends_with_everything_at_the_target()
    {
        var contents = await FillAsync();
        var (from, to) = (await SettingsAsync("from"), await SettingsAsync("to"));
        using (EmbeddedContentStore.Open(new() { Folder = Path.Combine(folder, "to") })) // makes its folders, which are watched
        {
        }
        var random = new Random(4);
        for (var kill = 0; kill < Kills; kill++)
        {
            using (var migration = TestProgram.StartAssembly("healthshare.dll", "content", "migrate", "--from", from, "--to", to, "--json"))
            using (KillTrigger.WhenCreated(migration, Path.Combine(folder, "to", kill % 2 == 0 ? "tmp" : "objects"), random.Next(1, 2 * Contents / Kills)))
                await migration.WaitForExitAsync();
            await AssertWholeAsync(contents, await NotedAsync());
        }

        using var last = TestProgram.StartAssembly("healthshare.dll", "content", "migrate", "--from", from, "--to", to, "--json");
        var result = JsonNode.Parse(await last.StandardOutput.ReadToEndAsync())!;
        await last.WaitForExitAsync();
        Assert.Equal(0, last.ExitCode);
        Assert.Equal(Contents, (int)result["copied"]! + (int)result["alreadyThere"]!);
        await AssertWholeAsync(contents, [.. contents.Keys]);
        Assert.Empty(await NotedAsync());
        Assert.Empty(Directory.GetFiles(Path.Combine(folder, "to", "tmp")));
    }

    private async Task<Dictionary<Cid, byte[]>> FillAsync()
    {
        using var store = EmbeddedContentStore.Open(new() { Folder = Path.Combine(folder, "from"), SyncToDisk = false });
        var contents = new Dictionary<Cid, byte[]>();
        for (var i = 0; i < Contents; i++)
        {
            var content = RandomNumberGenerator.GetBytes(i % 10 == 0 ? 300_000 + i : 1_000 + i);
            var layout = i % 3 == 0 ? new ContentLayout(4096, 5) : ContentLayout.Default;
            contents.Add((await store.PutAsync(new MemoryStream(content), layout, CancellationToken.None)).Cid, content);
        }
        return contents;
    }

    // What the note says is done must be so, whenever the kill struck; and whatever else is there must be whole.
    private async Task AssertWholeAsync(Dictionary<Cid, byte[]> contents, IReadOnlyCollection<Cid> done)
    {
        using var target = EmbeddedContentStore.Open(new() { Folder = Path.Combine(folder, "to") });
        var pins = await target.ListPinsAsync(CancellationToken.None).ToHashSetAsync();
        Assert.Subset(pins, done.ToHashSet());
        foreach (var cid in pins)
        {
            await using var stream = await target.OpenAsync(cid, CancellationToken.None);
            using var all = new MemoryStream();
            await stream.CopyToAsync(all);
            Assert.Equal(contents[cid], all.ToArray());
        }
    }

    private async Task<IReadOnlyCollection<Cid>> NotedAsync() => Directory.GetFiles(folder, "*.note", SearchOption.AllDirectories) is [var note]
        ? [.. (await File.ReadAllLinesAsync(note)).Select(line => Cid.TryParse(line, out var cid) ? cid : null).OfType<Cid>()]
        : [];

    private async Task<string> SettingsAsync(string store)
    {
        var file = Path.Combine(folder, $"{store}.json");
        var settings = new JsonObject
        {
            ["HealthShare"] = new JsonObject
            {
                ["Node"] = new JsonObject { ["MspId"] = "NorthMSP", ["DataFolder"] = Path.Combine(folder, "data") },
                ["Content"] = new JsonObject { ["Folder"] = Path.Combine(folder, store) },
            },
        };
        await File.WriteAllTextAsync(file, settings.ToJsonString());
        return file;
    }
}
