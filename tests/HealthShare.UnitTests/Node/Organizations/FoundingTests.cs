using System.Text.Json;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Cli;
using HealthShare.Node.Organizations;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Organizations;

public sealed class FoundingTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("founding-").FullName;
    private readonly MemoryChannel channel = new();
    private readonly StringWriter output = new();
    private readonly StringWriter error = new();

    public void Dispose()
    {
        output.Dispose();
        error.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_member_founds_the_channel_with_everybodys_entries_and_the_nodes_become_ready()
    {
        await using var north = await NodeHost.StartOnAsync(channel);
        await using var south = await NodeHost.StartOnAsync(channel, "SouthMSP");
        var entries = await EntriesAsync(north, south);
        Assert.Equal(0, await FoundedBy(north).InitAsync(entries, TimeSpan.Zero, default));
        Assert.Contains($"sealing key {entries[1].SealingKey.KeyId}", output.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, await FoundedBy(south).ListAsync(json: false, default));
        foreach (var node in new[] { north, south })
        {
            using var client = node.Client();
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            while (!(await client.GetAsync("/health/ready", patience.Token)).IsSuccessStatusCode)
                await Task.Delay(50, patience.Token);
        }
    }

    [Fact]
    public async Task Founding_again_with_the_same_entries_changes_nothing_and_with_others_is_refused()
    {
        await using var north = await NodeHost.StartOnAsync(channel);
        await using var south = await NodeHost.StartOnAsync(channel, "SouthMSP");
        var entries = await EntriesAsync(south, north);
        var height = await channel.As("NorthMSP").HeightAsync(default);
        Assert.Equal(0, await FoundedBy(north).InitAsync(entries, TimeSpan.Zero, default));
        Assert.Equal(0, await FoundedBy(south).InitAsync([entries[1], entries[0]], TimeSpan.Zero, default));
        Assert.Equal(height + 1, await channel.As("NorthMSP").HeightAsync(default));

        var others = new[] { entries[1], entries[0] with { SealingKey = entries[1].SealingKey } };
        Assert.Equal(1, await FoundedBy(north).InitAsync(others, TimeSpan.Zero, default));
        Assert.Contains("they are others", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Entries_without_the_own_one_are_wrong_usage_and_entries_that_the_contract_refuses_a_failure()
    {
        await using var north = await NodeHost.StartOnAsync(channel);
        var own = (await EntriesAsync(north)).Single();
        Assert.Equal(2, await FoundedBy(north).InitAsync([own with { MspId = "SouthMSP" }], TimeSpan.Zero, default));
        var garbled = own with { SealingKey = own.SealingKey with { PublicKey = "AAAA" } };
        Assert.Equal(1, await FoundedBy(north).InitAsync([garbled], TimeSpan.Zero, default));
        Assert.Contains("publicKey", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, await FoundedBy(north).ListAsync(json: true, default));
    }

    [Fact]
    public async Task A_channel_that_does_not_answer_yet_is_waited_for_as_long_as_was_said()
    {
        await using var north = await NodeHost.StartOnAsync(channel);
        var entries = await EntriesAsync(north);
        channel.IsAway = true;
        Assert.Equal(1, await FoundedBy(north).InitAsync(entries, TimeSpan.Zero, default));
        var founding = FoundedBy(north).InitAsync(entries, TimeSpan.FromMinutes(1), default);
        channel.IsAway = false;
        Assert.Equal(0, await founding);
    }

    [Fact]
    public async Task An_entry_made_before_the_first_start_is_the_one_the_node_keeps()
    {
        var config = Path.Combine(folder, "node.json");
        await File.WriteAllTextAsync(config, JsonSerializer.Serialize(new Dictionary<string, string>
        {
            ["HealthShare:Node:Name"] = "North Hospital", ["HealthShare:Node:MspId"] = "NorthMSP",
            ["HealthShare:Node:DataFolder"] = Path.Combine(folder, "data"), ["HealthShare:Fabric:ConnectionFile"] = "not-read.json",
        }));
        Assert.Equal(0, await NodeCommandLine.RunAsync(["organizations", "entry", "--config", config], output, error));
        var file = Path.Combine(folder, "north.entry.json");
        Assert.Equal(0, await NodeCommandLine.RunAsync(["organizations", "entry", "--config", config, "-o", file], output, error));
        Assert.Equal(output.ToString(), await File.ReadAllTextAsync(file));
        var entry = JsonSerializer.Deserialize(output.ToString(), LedgerJson.Default.OrganizationEntry)!;
        Assert.Equal(("NorthMSP", "North Hospital", OrganizationKind.Hospital), (entry.MspId, entry.Name, entry.Kind));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("null")]
    [InlineData("""{"mspId":"NorthMSP"}""")]
    [InlineData("""{"mspId":"A","name":"A","kind":"hospital","sealingKey":{"keyId":"a","publicKey":"a"},"more":1}""")]
    public async Task A_file_that_is_no_entry_is_named(string content)
    {
        var file = Path.Combine(folder, "bad.json");
        await File.WriteAllTextAsync(file, content);
        Assert.Equal(1, await NodeCommandLine.RunAsync(["organizations", "init", "--entry", file], output, error));
        Assert.Contains("bad.json", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("organizations", "init")]
    [InlineData("organizations", "init", "--entry", "a.json", "--wait", "-1")]
    [InlineData("organizations", "init", "--entry", "a.json", "--wait", "soon")]
    [InlineData("organizations", "expel")]
    public async Task Wrong_usage_exits_with_2(params string[] arguments) =>
        Assert.Equal(2, await NodeCommandLine.RunAsync(arguments, output, error));

    private Founding FoundedBy(NodeHost node) => new(node.App.Services, output, error);

    private static async Task<OrganizationEntry[]> EntriesAsync(params NodeHost[] nodes)
    {
        var entries = new List<OrganizationEntry>();
        foreach (var node in nodes)
            entries.Add(await Founding.OwnEntryAsync(node.App.Services, default));
        return [.. entries];
    }
}
