using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.Node.Auth;
using HealthShare.Node.Database;
using HealthShare.Node.Events;
using HealthShare.Node.Incidents;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.UnitTests.Node.Webhooks;

/// <summary>What tests of webhooks do again and again.</summary>
internal static class WebhookCalls
{
    public const string Api = "/api/v1/webhooks";

    /// <summary>Somebody who may have all topics told.</summary>
    public static Caller Officer { get; } = new("us-officer", Role.PrivacyOfficer, "sf-officer", null);

    /// <summary>A node that reaches receivers on this machine, by a clock that the test moves.</summary>
    public static Task<NodeHost> StartAsync(TimeProvider clock) => NodeHost.StartAsync(
        new Dictionary<string, string?> { ["HealthShare:Webhooks:AllowLoopback"] = "true" }, services => services.AddSingleton(clock));

    public static JsonObject Wanted(string url, params string[] topics) =>
        new() { ["url"] = url, ["topics"] = new JsonArray([.. topics.Select(topic => (JsonNode)topic)]) };

    public static async Task<(string Id, string Secret)> MakeAsync(HttpClient client, string url, params string[] topics)
    {
        var made = await client.PostAsync(Api, Wanted(url, topics), HttpStatusCode.Created);
        return (made.GetProperty("webhook").GetProperty("id").GetString()!, made.GetProperty("secret").GetString()!);
    }

    public static Task TellAsync(NodeHost node, NodeEvent told) => node.App.Services.GetRequiredService<IDatabase>().WriteAsync(
        transaction => EventTable.AddAsync(transaction, [told], default), default);

    public static Task NoteAsync(NodeHost node, TimeProvider clock, string subject) => node.App.Services.GetRequiredService<IncidentLog>().NoteAsync(
        new Incident(clock.GetUtcNow(), "access.decision_not_confirmed", null, subject, "x"), default);

    public static Task<JsonElement> OutcomeAsync(HttpClient client, string id, string expected) =>
        UntilAsync(client, id, one => one.TryGetProperty("outcome", out var outcome) && outcome.GetString() == expected);

    public static async Task DeliveredAsync(HttpClient client, string id)
    {
        for (var attempt = 0; (await client.GetOkAsync($"{Api}/{id}/deliveries?limit=200")).GetProperty("items").EnumerateArray()
            .Any(one => one.GetProperty("state").GetString() != "delivered"); attempt++)
        {
            Assert.True(attempt < 1200);
            await Task.Delay(50);
        }
    }

    public static async Task<JsonElement> UntilAsync(HttpClient client, string id, Func<JsonElement, bool> isSo)
    {
        for (var attempt = 0; ; attempt++)
        {
            var newest = (await client.GetOkAsync($"{Api}/{id}/deliveries?limit=1")).GetProperty("items").EnumerateArray().FirstOrDefault();
            if (newest.ValueKind is JsonValueKind.Object && isSo(newest))
                return newest;
            Assert.True(attempt < 1200, newest.ToString());
            await Task.Delay(50);
        }
    }
}
