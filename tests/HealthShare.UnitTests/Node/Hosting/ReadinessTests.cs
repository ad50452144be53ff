using System.Net;
using HealthShare.Fabric.Client;
using HealthShare.Node.Content;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;
using HealthShare.UnitTests.Node.Support;
using HealthShare.Vault.Content;
using HealthShare.Vault.Records;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.UnitTests.Node.Hosting;

public sealed class ReadinessTests
{
    private const string RecordId = "rc-aaaaaaaaaaaaaaaaaaaaaaaaaa";
    private readonly MemoryChannel channel = new();

    [Fact]
    public async Task A_node_is_ready_once_the_channel_knows_its_member_and_while_its_store_holds_what_it_sealed()
    {
        await using var node = await NodeHost.StartOnAsync(channel);
        using var client = node.Client();
        Assert.Equal("Unhealthy", await StateAsync(client, "readModel"));
        await channel.InitAsync(("NorthMSP", node));
        await UntilReadyAsync(client);

        var services = node.App.Services;
        var record = await services.GetRequiredService<RecordSealer>().SealAsync(
            new RecordToSeal(new RecordContext("health", RecordId), "MSH|"u8.ToArray()), default);
        Assert.Equal("Healthy", await StateAsync(client, "content"));
        var store = services.GetRequiredService<IContentStore>();
        await store.UnpinAsync(record.Cid, default);
        await store.CollectGarbageAsync(TimeSpan.Zero, default);
        Assert.Equal("Unhealthy", await StateAsync(client, "content"));
    }

    [Fact]
    public async Task A_ledger_that_is_away_turns_the_node_red_and_not_down()
    {
        await using var node = await NodeHost.StartOnAsync(channel);
        await channel.InitAsync(("NorthMSP", node));
        using var client = node.Client();
        await UntilReadyAsync(client);
        channel.IsAway = true;
        Assert.Equal("Unhealthy", await StateAsync(client, "ledger"));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/health/live")).StatusCode);
        Assert.True(node.App.Services.GetRequiredService<IReadModel>().IsFresh);
    }

    [Fact]
    public async Task A_gateway_that_is_away_and_a_certificate_that_ends_soon_are_named_and_an_ended_one_stops_the_node()
    {
        await using var node = await NodeHost.StartOnAsync(channel);
        await channel.InitAsync(("NorthMSP", node));
        using var client = node.Client();
        await UntilReadyAsync(client);
        var far = DateTimeOffset.UtcNow.AddDays(300);
        channel.Connection = new LedgerConnection([], far);
        using (var healthy = await client.GetAsync("/health/ready"))
            Assert.Contains($"identity certificate of this node ends first, {far:u}", await healthy.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var peer = new GatewayPeerHealth("peer1.north.example", new Uri("https://peer1.north.example:7051"), "NorthMSP",
            GatewayPeerState.Open, 3, "refused", DateTimeOffset.UtcNow, null, DateTimeOffset.UtcNow.AddYears(1));
        channel.Connection = new LedgerConnection([peer], DateTimeOffset.UtcNow.AddDays(10));
        Assert.Equal("Degraded", await StateAsync(client, "ledger"));
        Assert.Equal("Degraded", await StateAsync(client, "certificates"));
        using var ready = await client.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        var said = await ready.Content.ReadAsStringAsync();
        Assert.Contains("away: peer1.north.example", said, StringComparison.Ordinal);
        Assert.Contains("identity certificate of this node ends", said, StringComparison.Ordinal);

        channel.Connection = new LedgerConnection([], DateTimeOffset.UtcNow.AddSeconds(-1));
        Assert.Equal("Unhealthy", await StateAsync(client, "certificates"));
    }

    private static async Task<string?> StateAsync(HttpClient client, string check)
    {
        using var answer = await client.GetAsync("/health/ready");
        return (await answer.JsonAsync()).GetProperty("checks").GetProperty(check).GetProperty("status").GetString();
    }

    private static async Task UntilReadyAsync(HttpClient client)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!(await client.GetAsync("/health/ready", patience.Token)).IsSuccessStatusCode)
            await Task.Delay(50, patience.Token);
    }
}
