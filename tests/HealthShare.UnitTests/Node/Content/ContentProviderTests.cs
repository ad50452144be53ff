using System.Text.Json;
using HealthShare.Node;
using HealthShare.Node.Content;
using HealthShare.UnitTests.Node.Support;
using HealthShare.UnitTests.Vault;
using HealthShare.UnitTests.Vault.Cluster;
using HealthShare.UnitTests.Vault.Kubo;
using HealthShare.Vault.Content;
using HealthShare.Vault.Content.Cluster;
using HealthShare.Vault.Content.Kubo;
using HealthShare.Vault.Records;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace HealthShare.UnitTests.Node.Content;

public sealed class ContentProviderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_node_keeps_its_records_at_the_daemon_that_its_settings_name_and_tells_when_it_is_away()
    {
        await using var daemon = await StandInKubo.StartAsync();
        daemon.Authorization = "Bearer t0ken";
        await using var node = await NodeHost.StartAsync(Settings(("Provider", "kubo"), ("Kubo:Url", daemon.Url.ToString()),
            ("Kubo:AuthorizationFile", Secret("bearer:t0ken\n")), ("Kubo:Retries", "0")));
        Assert.IsType<KuboContentStore>(node.App.Services.GetRequiredService<IContentStore>());
        Assert.Equal("Healthy", await ContentStateAsync(node));
        var record = await node.App.Services.GetRequiredService<RecordSealer>().SealAsync(
            new RecordToSeal(new RecordContext("health", "rc-aaaaaaaaaaaaaaaaaaaaaaaaaa"), "MSH|"u8.ToArray()), default);
        Assert.Equal([record.Cid], daemon.Pins.Keys);
        Assert.Equal("Healthy", await ContentStateAsync(node));
        daemon.Blocks.Clear();
        Assert.Equal("Unhealthy: the record sealed last is not in the store", await ContentStateAsync(node));
        await daemon.DisposeAsync();
        Assert.Equal("Unhealthy: the content store cannot be reached", await ContentStateAsync(node));
    }

    [Fact]
    public async Task A_node_keeps_its_records_at_the_cluster_that_its_settings_name()
    {
        await using var daemon = await StandInKubo.StartAsync();
        await using var cluster = await StandInCluster.StartAsync();
        cluster.Authorization = "Basic bm9ydGg6czNjcmV0";
        await using var node = await NodeHost.StartAsync(Settings(("Provider", "cluster"), ("Kubo:Url", daemon.Url.ToString()),
            ("Cluster:Url", cluster.Url.ToString()), ("Cluster:User", "north"), ("Cluster:PasswordFile", Secret("s3cret"))));
        var store = Assert.IsType<ClusterContentStore>(node.App.Services.GetRequiredService<IContentStore>());
        var stored = await store.PutAsync(new MemoryStream([1]), default);
        Assert.Contains("meta-custodian=NorthMSP", cluster.Pins[stored.Cid], StringComparison.Ordinal);
        Assert.Equal("Healthy", await ContentStateAsync(node));
    }

    [Fact]
    public async Task A_daemon_that_is_away_does_not_keep_a_node_from_starting()
    {
        var daemon = await StandInKubo.StartAsync();
        await daemon.DisposeAsync();
        await using var node = await NodeHost.StartAsync(Settings(
            ("Provider", "kubo"), ("Kubo:Url", daemon.Url.ToString()), ("Kubo:Retries", "0")));
        Assert.Equal("Unhealthy: the content store cannot be reached", await ContentStateAsync(node));
    }

    [Fact]
    public async Task A_daemon_that_refuses_the_node_stops_the_start_and_names_the_setting()
    {
        await using var daemon = await StandInKubo.StartAsync();
        daemon.Authorization = "Bearer t0ken";
        var refusal = await Assert.ThrowsAsync<NodeStartException>(() => NodeHost.StartAsync(
            Settings(("Provider", "kubo"), ("Kubo:Url", daemon.Url.ToString()))));
        Assert.StartsWith("HealthShare:Content:Kubo: ", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Something_else_at_the_address_stops_the_start_and_names_the_setting()
    {
        await using var website = new RawDaemon("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html></html>");
        var refusal = await Assert.ThrowsAsync<NodeStartException>(() => NodeHost.StartAsync(
            Settings(("Provider", "kubo"), ("Kubo:Url", website.Url.ToString()))));
        Assert.StartsWith("HealthShare:Content:Kubo:Url: ", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Provider", "s3", "Provider")]
    [InlineData("Kubo:Url", "http://127.0.0.1:5001/api/v0", "Kubo:Url")]
    [InlineData("Kubo:Url", "ftp://127.0.0.1", "Kubo:Url")]
    [InlineData("Kubo:FetchTimeout", "00:00:00", "FetchTimeout")]
    [InlineData("Kubo:Adress", "http://127.0.0.1:5001", "Adress")]
    [InlineData("Cluster:Url", "http://user:password@127.0.0.1:9094", "Cluster:Url")]
    [InlineData("Cluster:ReplicationMin", "4", "ReplicationMin")]
    [InlineData("Cluster:ReplicationMax", "0", "ReplicationMin")]
    [InlineData("Cluster:User", "north", "PasswordFile")]
    public async Task A_setting_that_is_wrong_stops_the_start_and_is_named(string name, string value, string named)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => NodeHost.StartAsync(Settings((name, value))));
        Assert.True(failure is OptionsValidationException or InvalidOperationException, failure.ToString());
        Assert.Contains(named, failure.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("t0ken")]
    [InlineData("")]
    [InlineData("bearer:a\nbearer:b")]
    [InlineData(null)]
    public async Task A_file_with_a_secret_that_is_none_stops_the_start_and_is_not_shown(string? content)
    {
        var file = content is null ? folder.File("absent") : Secret(content);
        var failure = await Assert.ThrowsAsync<NodeStartException>(() => NodeHost.StartAsync(
            Settings(("Provider", "kubo"), ("Kubo:AuthorizationFile", file))));
        Assert.Contains("HealthShare:Content", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("t0ken", failure.ToString(), StringComparison.Ordinal);
    }

    private static Dictionary<string, string?> Settings(params (string Name, string Value)[] settings) =>
        settings.ToDictionary(setting => "HealthShare:Content:" + setting.Name, setting => (string?)setting.Value);

    private string Secret(string content)
    {
        File.WriteAllText(folder.File("secret"), content);
        return folder.File("secret");
    }

    private static async Task<string> ContentStateAsync(NodeHost node)
    {
        using var client = node.Client();
        using var answer = JsonDocument.Parse(await (await client.GetAsync("/health/ready")).Content.ReadAsStringAsync());
        var content = answer.RootElement.GetProperty("checks").GetProperty("content");
        return content.GetProperty("status").GetString() + (content.TryGetProperty("detail", out var detail) ? ": " + detail.GetString() : "");
    }
}
