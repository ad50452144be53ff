using System.Net;
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
            await nodes.South.App.Services.GetRequiredService<IReadModel>().WaitForAsync(2, default).WaitAsync(TimeSpan.FromSeconds(60));
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            var model = most.App.Services.GetRequiredService<IReadModel>();
            while (!model.IsFresh)
                await Task.Delay(100, patience.Token);
        }

        // Its own peer answers, and could be cut off from everybody else without anyone noticing.
        await using var cutOff = await nodes.StartAsync(nodes.Observer, nodes.ConnectionFileWithout(
            [.. nodes.Channel.Profile.Organizations.Select(member => member.MspId).Where(member => member != nodes.Observer)]));
        await cutOff.App.Services.GetRequiredService<IReadModel>().WaitForAsync(2, default).WaitAsync(TimeSpan.FromSeconds(60));
        using var client = cutOff.Client();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/health/ready")).StatusCode);
        Assert.False(cutOff.App.Services.GetRequiredService<IReadModel>().IsFresh);
    }

    [ChannelFact]
    public async Task A_node_whose_first_gateway_peer_is_away_works_through_its_second_and_says_which_is_away()
    {
        const string gone = "gone.example";
        await using var node = await nodes.StartAsync(nodes.Observer, nodes.ConnectionFileWithDeadPeer(nodes.Observer, gone));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
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
