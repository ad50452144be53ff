using System.Net;
using HealthShare.Fabric.Client;
using HealthShare.IntegrationTests.Support;
using HealthShare.Node.ReadModel;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.IntegrationTests.Nodes;

[Collection(NodesCollection.Name)]
public sealed class ReadinessTests(NodesOnAChannel nodes)
{
    [ChannelFact]
    public async Task A_node_is_ready_while_some_other_member_answers_and_not_when_none_does()
    {
        await using (var most = await nodes.StartAsync(nodes.Observer, nodes.ConnectionFileWithout(nodes.Channel.Hospital(2))))
        {
            await nodes.South.App.Services.GetRequiredService<IReadModel>().WaitForAsync(2, default).WaitAsync(TimeSpan.FromMinutes(4));
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(4));
            var model = most.App.Services.GetRequiredService<IReadModel>();
            while (!model.IsFresh)
                await Task.Delay(100, patience.Token);
        }

        // Its own peer answers, and could be cut off from everybody else without anyone noticing.
        await using var cutOff = await nodes.StartAsync(nodes.Observer, nodes.ConnectionFileWithout(
            [.. nodes.Channel.Profile.Organizations.Select(member => member.MspId).Where(member => member != nodes.Observer)]));
        await cutOff.App.Services.GetRequiredService<IReadModel>().WaitForAsync(2, default).WaitAsync(TimeSpan.FromMinutes(4));
        using var client = cutOff.Client();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/health/ready")).StatusCode);
        Assert.False(cutOff.App.Services.GetRequiredService<IReadModel>().IsFresh);
    }

    [ChannelFact]
    public async Task A_node_whose_certificate_has_expired_is_well_again_without_a_restart_once_its_files_hold_a_renewed_one()
    {
        var member = nodes.Channel.Profile.Organization(nodes.Observer);
        var (certificate, key) = (nodes.PathOf("renewed.pem"), nodes.PathOf("renewed.key"));
        await WriteAsync(DateTimeOffset.UtcNow.AddSeconds(-1));
        await using var node = await nodes.StartAsync(nodes.Observer, nodes.ConnectionFileWithIdentity(nodes.Observer, certificate, key));
        using var client = node.Client();
        using (var answer = await client.GetAsync("/health/ready"))
        {
            var checks = (await answer.JsonAsync()).GetProperty("checks");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Equal(LedgerCodes.CertificateExpired, checks.GetProperty("ledger").GetProperty("detail").GetString());
            Assert.Contains("identity certificate of this node ended", checks.GetProperty("certificates").GetProperty("detail").GetString(), StringComparison.Ordinal);
        }

        await WriteAsync(DateTimeOffset.UtcNow.AddDays(60));

        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(4)); // the files are looked at twice a minute
        var model = node.App.Services.GetRequiredService<IReadModel>();
        while (!model.IsFresh)
            await Task.Delay(100, patience.Token);
        using var after = await client.GetAsync("/health/ready");
        var well = (await after.JsonAsync()).GetProperty("checks");
        Assert.NotEqual("Unhealthy", well.GetProperty("certificates").GetProperty("status").GetString());
        Assert.EndsWith("blocks", well.GetProperty("ledger").GetProperty("detail").GetString(), StringComparison.Ordinal);

        async Task WriteAsync(DateTimeOffset notAfter)
        {
            var issued = IssuedIdentity.IssuePem(member, notAfter, ("role", "node"));
            await File.WriteAllTextAsync(certificate, issued.Certificate);
            await File.WriteAllTextAsync(key, issued.Key);
        }
    }

    [ChannelFact]
    public async Task A_node_whose_first_gateway_peer_is_away_works_through_its_second_and_says_which_is_away()
    {
        const string gone = "gone.example";
        await using var node = await nodes.StartAsync(nodes.Observer, nodes.ConnectionFileWithDeadPeer(nodes.Observer, gone));
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        var model = node.App.Services.GetRequiredService<IReadModel>();
        while (!model.IsFresh)
            await Task.Delay(100, patience.Token);

        using var client = node.Client();
        using var answer = await client.GetAsync("/health/ready");
        var ledger = (await answer.JsonAsync()).GetProperty("checks").GetProperty("ledger");
        Assert.Equal("Degraded", ledger.GetProperty("status").GetString());
        Assert.Contains($"away: {gone}", ledger.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }
}
