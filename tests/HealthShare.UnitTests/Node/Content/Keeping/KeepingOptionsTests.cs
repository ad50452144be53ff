using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.Options;

namespace HealthShare.UnitTests.Node.Content.Keeping;

public sealed class KeepingOptionsTests
{
    [Theory]
    [InlineData("Keeping:RecordsPerMinute", "0", "RecordsPerMinute")]
    [InlineData("Keeping:ScrubWithin", "00:59:00", "ScrubWithin")]
    [InlineData("Keeping:MinimumReplicas", "2", "MinimumReplicas")]
    [InlineData("Keeping:FirstRetryDelay", "00:30:00|LongestRetryDelay=00:10:00", "LongestRetryDelay")]
    [InlineData("Keeping:Sometimes", "true", "Sometimes")]
    [InlineData("Replicas:0:Name", "own|GatewayUrl=http://127.0.0.1:8080", "own")]
    [InlineData("Replicas:0:Name", "south", "GatewayUrl")]
    [InlineData("Replicas:0:Name", "a b|GatewayUrl=http://127.0.0.1:8080", "Name")]
    [InlineData("Replicas:0:GatewayUrl", "ftp://127.0.0.1|Name=south", "GatewayUrl")]
    [InlineData("Replicas:0:GatewayUrl", "http://user:secret@127.0.0.1|Name=south", "GatewayUrl")]
    public async Task What_is_out_of_range_stops_the_start_and_is_named(string name, string value, string named)
    {
        var parts = value.Split('|');
        var settings = new Dictionary<string, string?> { ["HealthShare:Content:" + name] = parts[0] };
        if (parts.Length > 1)
            settings[$"HealthShare:Content:{name[..name.LastIndexOf(':')]}:{parts[1].Split('=')[0]}"] = parts[1].Split('=')[1];
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => NodeHost.StartAsync(settings));
        Assert.True(failure is OptionsValidationException or InvalidOperationException, failure.ToString());
        Assert.Contains(named, failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replicas_and_a_minimum_that_they_can_reach_are_taken()
    {
        await using var node = await NodeHost.StartAsync(new Dictionary<string, string?>
        {
            ["HealthShare:Content:Replicas:0:Name"] = "south",
            ["HealthShare:Content:Replicas:0:GatewayUrl"] = "http://127.0.0.1:1",
            ["HealthShare:Content:Keeping:MinimumReplicas"] = "2",
        });
        using var client = node.Client(HealthShare.Node.Auth.Role.Auditor);
        var health = await client.GetOkAsync("/api/v1/content/health");
        Assert.Equal(2, health.GetProperty("replicas").GetArrayLength());
    }
}
