using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using HealthShare.Node.Auth;
using HealthShare.Node.Cli;
using HealthShare.Node.Content.Keeping;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.UnitTests.Node.Content.Keeping;

public sealed class ContentHealthApiTests : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("content-check-").FullName;
    private readonly MemoryReplica south = new("south");
    private KeepingScene scene = null!;
    private NodeHost node = null!;

    public async Task InitializeAsync()
    {
        scene = await KeepingScene.CreateAsync(south);
        node = await NodeHost.StartAsync(new Dictionary<string, string?> { ["HealthShare:Content:Keeping:Enabled"] = "false" }, services =>
        {
            services.AddSingleton(scene.Database);
            services.AddSingleton<HealthShare.Vault.Content.IContentStore>(scene.Store);
            services.AddSingleton(scene.Services.GetRequiredService<Replicas>());
        });
    }

    public async Task DisposeAsync()
    {
        await node.DisposeAsync();
        await scene.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task It_tells_counts_replicas_and_findings_and_the_node_stays_ready_but_degraded()
    {
        using var client = node.Client(Role.ItAdministrator);
        var before = await client.GetOkAsync("/api/v1/content/health");
        Assert.True(before.GetProperty("healthy").GetBoolean());
        Assert.False(before.TryGetProperty("lastPass", out _));

        var record = await scene.AddAsync(100);
        File.Delete(scene.FileOf(record.Cid));
        south.Blocks.Clear();
        await scene.PassAsync();
        var health = await client.GetOkAsync("/api/v1/content/health");
        Assert.False(health.GetProperty("healthy").GetBoolean());
        Assert.Equal(1, health.GetProperty("lastPass").GetProperty("missing").GetInt32());
        Assert.Equal(2, health.GetProperty("openFindings").GetInt32());
        Assert.Equal(["own", "south"], health.GetProperty("replicas").EnumerateArray().Select(replica => replica.GetProperty("name").GetString()));
        var finding = health.GetProperty("findings")[0];
        Assert.Equal((record.Cid.ToString(), record.RecordId), (finding.GetProperty("cid").GetString(), finding.GetProperty("recordId").GetString()));
        Assert.DoesNotContain("pt-1", health.GetRawText(), StringComparison.Ordinal);
        var ready = await (await client.GetAsync("/health/ready")).JsonAsync();
        var check = ready.GetProperty("checks").GetProperty("keeping");
        Assert.Equal(("Degraded", "2 copies are missing or corrupt; 1 records had fewer verified copies than are to be kept, in the last pass"), (check.GetProperty("status").GetString(), check.GetProperty("detail").GetString()));
    }

    [Theory]
    [InlineData(Role.ItAdministrator, HttpStatusCode.OK, HttpStatusCode.OK)]
    [InlineData(Role.PrivacyOfficer, HttpStatusCode.OK, HttpStatusCode.Forbidden)]
    [InlineData(Role.Auditor, HttpStatusCode.OK, HttpStatusCode.Forbidden)]
    [InlineData(Role.Physician, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden)]
    [InlineData(Role.Patient, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden)]
    public async Task A_role_sees_and_does_what_it_may(Role role, HttpStatusCode see, HttpStatusCode check)
    {
        using var client = node.Client(role);
        Assert.Equal(see, (await client.GetAsync("/api/v1/content/health")).StatusCode);
        Assert.Equal(check, (await client.PostAsJsonAsync("/api/v1/content/check", new { })).StatusCode);
    }

    [Fact]
    public async Task A_check_tells_its_progress_line_by_line_and_a_second_one_has_to_wait()
    {
        for (var i = 0; i < 3; i++)
            await scene.AddAsync(100);
        using var client = node.Client(Role.ItAdministrator);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        south.Behaviour = async (_, block, ct) =>
        {
            await goOn.Task.WaitAsync(ct);
            return block;
        };
        var first = client.PostAsJsonAsync("/api/v1/content/check", new { repair = true, full = true });
        while (south.Asked == 0)
            await Task.Delay(10);
        Assert.Equal("content.check_running", await client.RefusedAsync("/api/v1/content/check", new System.Text.Json.Nodes.JsonObject(), HttpStatusCode.Conflict));
        goOn.SetResult();
        using var answer = await first;
        Assert.Equal("application/x-ndjson", answer.Content.Headers.ContentType?.MediaType);
        var lines = (await answer.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize(line, KeepingJson.Default.ContentCheckProgress)!).ToList();
        Assert.Equal((false, 3L), (lines[0].Done, lines[0].Total));
        Assert.Equal((true, 3L, 3L, 0L), (lines[^1].Done, lines[^1].Counts.Records, lines[^1].Counts.Held, lines[^1].OpenFindings));
    }

    [Fact]
    public async Task The_command_finds_repairs_and_exits_by_what_remains()
    {
        var record = await scene.AddAsync(3000);
        Assert.Equal(0, (await CheckAsync()).Exit);
        File.Delete(scene.FileOf(record.Cid));
        var (exit, said) = await CheckAsync();
        Assert.Equal(1, exit);
        Assert.Contains($"missing at own: {record.Cid} (record {record.RecordId})", said, StringComparison.Ordinal);
        (exit, said) = await CheckAsync("--json");
        Assert.Equal((1, 1), (exit, JsonDocument.Parse(said).RootElement.GetProperty("counts").GetProperty("missing").GetInt32()));
        (exit, said) = await CheckAsync("--repair", "--full");
        Assert.Equal(0, exit);
        Assert.Contains("1 copies repaired", said, StringComparison.Ordinal);
        Assert.True(await scene.IsWholeAsync(record.Cid));
    }

    [Fact]
    public async Task A_check_shows_in_the_health_beside_the_passes_and_counts_for_it()
    {
        await scene.AddAsync(3000);
        var lost = await scene.AddAsync(3000);
        File.Delete(scene.FileOf(lost.Cid));
        south.Blocks.Clear();
        await CheckAsync();
        using var client = node.Client(Role.ItAdministrator);
        var health = await client.GetOkAsync("/api/v1/content/health");
        Assert.False(health.TryGetProperty("lastPass", out _));
        Assert.Equal((2, 1), (health.GetProperty("lastCheck").GetProperty("records").GetInt32(), health.GetProperty("lastCheck").GetProperty("missing").GetInt32()));
        Assert.Equal((1, 1), (health.GetProperty("scrub").GetProperty("contents").GetInt32(), health.GetProperty("scrub").GetProperty("neverRead").GetInt32()));

        await CheckAsync("--full");
        health = await client.GetOkAsync("/api/v1/content/health");
        Assert.Equal(0, health.GetProperty("scrub").GetProperty("neverRead").GetInt32());
        // And a pass is due as it was before.
        Assert.Equal(2, (await scene.PassAsync()).Records);
    }

    [Fact]
    public async Task The_command_without_a_token_with_a_wrong_one_or_without_a_node_says_so()
    {
        var token = File.CreateText(Path.Combine(folder, "wrong"));
        await token.WriteAsync("not a token");
        await token.DisposeAsync();
        var config = await ConfigAsync(node.App.Urls.Single());
        Assert.Equal(2, (await RunAsync("--config", config, "--token-file", Path.Combine(folder, "wrong"))).Exit);
        Assert.Equal(2, (await RunAsync("--config", config, "--token-file", Path.Combine(folder, "absent"))).Exit);
        var (exit, said) = await RunAsync("--config", config);
        Assert.Equal(2, exit);
        Assert.Contains("--token-file", said, StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync("--config", config, "--repare")).Exit);
        Assert.Equal(0, (await RunAsync("--help")).Exit);
        Assert.Equal(1, (await RunAsync("--config", await ConfigAsync("http://127.0.0.1:1"), "--token-file", Path.Combine(folder, "wrong"))).Exit);
    }

    private async Task<(int Exit, string Said)> CheckAsync(params string[] options)
    {
        var token = Path.Combine(folder, "token");
        await File.WriteAllTextAsync(token, NodeHost.TokenOf(Role.ItAdministrator) + "\n");
        return await RunAsync(["--config", await ConfigAsync(node.App.Urls.Single()), "--token-file", token, .. options]);
    }

    private async Task<string> ConfigAsync(string url)
    {
        var config = Path.Combine(folder, "node.json");
        await File.WriteAllTextAsync(config, JsonSerializer.Serialize(new { HealthShare = new { Http = new { Url = url } } }));
        return config;
    }

    private static async Task<(int Exit, string Said)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exit = await NodeCommandLine.RunAsync(["content", "check", .. arguments], output, error);
        return (exit, output.ToString() is { Length: > 0 } said ? said : error.ToString());
    }
}
