using System.Text.Json.Nodes;
using Dapper;
using HealthShare.Node.Cli;
using HealthShare.Node.Database;
using HealthShare.UnitTests.Vault;
using HealthShare.Vault.Content;

namespace HealthShare.UnitTests.Node.Content.Migration;

public sealed class ContentMigrateCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly StringWriter output = new();
    private readonly StringWriter error = new();

    public void Dispose()
    {
        folder.Dispose();
        output.Dispose();
        error.Dispose();
    }

    [Fact]
    public async Task It_copies_from_the_store_of_one_settings_file_to_that_of_another()
    {
        var cid = await StoreAsync("old", [1, 2, 3]);
        var (from, to) = (await SettingsAsync("old"), await SettingsAsync("new"));
        Assert.Equal(0, await RunAsync("--from", from, "--to", to));
        Assert.Contains("1 contents: 1 copied", output.ToString(), StringComparison.Ordinal);
        using (var target = EmbeddedContentStore.Open(new() { Folder = folder.File("new") }))
            Assert.True(await target.IsPinnedAsync(cid, CancellationToken.None));
        Assert.Empty(Directory.GetFiles(folder.Path, "*.note", SearchOption.AllDirectories));

        output.GetStringBuilder().Clear();
        Assert.Equal(0, await RunAsync("--from", from, "--to", to, "--json", "--parallel", "1"));
        var result = JsonNode.Parse(output.ToString())!;
        Assert.Equal((1, 0, 1, true), ((int)result["total"]!, (int)result["copied"]!, (int)result["alreadyThere"]!, (bool)result["complete"]!));
        Assert.Empty(result["failed"]!.AsArray());
    }

    [Fact]
    public async Task What_cannot_be_copied_is_listed_and_the_exit_status_is_1()
    {
        var cid = await StoreAsync("old", [1, 2, 3]);
        Directory.Delete(folder.File("old/log"), recursive: true); // else the store would bring it back
        await File.WriteAllBytesAsync(Directory.GetFiles(folder.File("old/objects"), "*", SearchOption.AllDirectories).Single(), [9]);
        var (from, to) = (await SettingsAsync("old"), await SettingsAsync("new"));
        Assert.Equal(1, await RunAsync("--from", from, "--to", to));
        Assert.Contains($"{cid}: Content {cid} is corrupt", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, await RunAsync("--from", from, "--to", to, "--json"));
        var failed = JsonNode.Parse(output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1])!["failed"]!.AsArray();
        Assert.Equal(cid.ToString(), (string)Assert.Single(failed)!["cid"]!);
    }

    [Fact]
    public async Task A_target_that_is_away_is_told_of_also_where_nothing_is_to_be_copied()
    {
        var (from, to) = (await SettingsAsync("old"), await SettingsAsync("new", """, "Provider": "kubo", "Kubo": { "Url": "http://127.0.0.1:1", "Retries": 0 } """));
        Assert.Equal(1, await RunAsync("--from", from, "--to", to));
        Assert.Equal("The target cannot be used: block/stat: 127.0.0.1:1 cannot be reached.", error.ToString().Trim().Split('\n')[^1]);
    }

    [Fact]
    public async Task A_sealed_record_that_the_source_does_not_pin_is_told_of()
    {
        var pinned = await StoreAsync("old", [1]);
        var (from, to) = (await SettingsAsync("old"), await SettingsAsync("new"));
        using (var database = new SqliteDatabase($"Data Source={folder.File("data/node.db")}"))
        {
            await new Migrator(database, TimeProvider.System).ApplyAsync(default);
            await database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(
                "INSERT INTO sealed_record (record_id, cid, size, salt, commitment, sealed_at) VALUES (@id, @cid, 1, @none, @none, 0)",
                new[] { ("rc-here", pinned), ("rc-lost", Cid.Of(CidCodec.Raw, [9])) }
                    .Select(record => new { id = record.Item1, cid = record.Item2.ToString(), none = Array.Empty<byte>() }), transaction), default);
        }
        Assert.Equal(0, await RunAsync("--from", from, "--to", to));
        Assert.Contains("1 records that this node sealed are not among the source's pins and were not copied, such as rc-lost", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, await RunAsync("--from", from, "--to", to, "--json"));
        var missed = JsonNode.Parse(output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1])!["sealedNotPinned"]!.AsArray();
        Assert.Equal("rc-lost", (string)Assert.Single(missed)!["recordId"]!);
    }

    [Fact]
    public async Task A_store_that_a_node_has_open_is_refused()
    {
        var (from, to) = (await SettingsAsync("old"), await SettingsAsync("new"));
        using var node = EmbeddedContentStore.Open(new() { Folder = folder.File("old") });
        Assert.Equal(1, await RunAsync("--from", from, "--to", to));
        Assert.Contains("is a node or another command using it?", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_usage_is_said_and_ends_with_2()
    {
        var (from, to) = (await SettingsAsync("old"), await SettingsAsync("new"));
        Assert.Equal(2, await RunAsync("--from", from));
        Assert.Equal(2, await RunAsync("--from", from, "--to", from));
        Assert.Equal(2, await RunAsync("--from", from, "--to", folder.File("absent.json")));
        Assert.Equal(2, await RunAsync("--from", from, "--to", to, "--parallel", "65"));
        Assert.Equal(2, await RunAsync("--from", from, "--to", await SettingsAsync("x", """, "ChunkSize": 1 """)));
        Assert.Contains("the same content store", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_shows_an_example()
    {
        Assert.Equal(0, await RunAsync("--help"));
        Assert.Contains("healthshare content migrate --from node.json --to node-new.json", output.ToString(), StringComparison.Ordinal);
    }

    private Task<int> RunAsync(params string[] arguments) => NodeCommandLine.RunAsync(["content", "migrate", .. arguments], output, error);

    private async Task<Cid> StoreAsync(string store, byte[] content)
    {
        using var opened = EmbeddedContentStore.Open(new() { Folder = folder.File(store) });
        return (await opened.PutAsync(new MemoryStream(content), CancellationToken.None)).Cid;
    }

    private async Task<string> SettingsAsync(string store, string more = "")
    {
        var file = folder.File($"{store}.json");
        await File.WriteAllTextAsync(file, $$"""
            { "HealthShare": { "Node": { "MspId": "NorthMSP", "DataFolder": "{{folder.File("data")}}" },
              "Content": { "Folder": "{{folder.File(store)}}" {{more}} } } }
            """);
        return file;
    }
}
