using System.CommandLine;
using System.Net;
using System.Text.Json;
using HealthShare.Node.Cli;
using Microsoft.AspNetCore.Mvc;

namespace HealthShare.Node.Content.Keeping;

/// <summary>
/// <c>healthshare content check</c>: has the node that runs here check all of its member's records now. It asks the node, and does
/// not open the store itself: the store belongs to the running node, whose repairs, pins and findings must not be worked on from two
/// sides. Exit status: 0 all is held, 1 a finding or a failure, 2 wrong usage.
/// </summary>
internal static class ContentCheckCommand
{
    public static Command Create()
    {
        var config = NodeSettings.ConfigOption();
        var repair = new Option<bool>("--repair") { Description = "Pin and repair what can be, from another replica." };
        var full = new Option<bool>("--full") { Description = "Read this node's copies from end to end, not random ranges." };
        var token = NodeToken.Option("an IT administrator");
        var json = new Option<bool>("--json") { Description = "Print the result as one JSON object." };
        var command = new Command("check", "Have the node that runs here check that every record is held, here and at its replicas.")
        {
            config, repair, full, token, json,
        };
        command.SetAction((parsed, ct) =>
        {
            var report = new ContentCheckReport(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, parsed.GetValue(json));
            return NodeSettings.WithAsync(parsed.GetValue(config), parsed.InvocationConfiguration.Error, async settings =>
                await NodeToken.ReadAsync(parsed.GetValue(token), ct) is { } secret
                    ? await CheckAsync(settings, secret, new(parsed.GetValue(repair), parsed.GetValue(full)), report, ct)
                    : await report.ComplainAsync(NodeToken.Missing, NodeCommandLine.WrongUsage));
        });
        return command;
    }

    private static async Task<int> CheckAsync(
        IConfiguration settings, string token, ContentCheckOrder order, ContentCheckReport report, CancellationToken ct)
    {
        using var client = LocalNode.Connect(settings, Timeout.InfiniteTimeSpan);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/content/check")
            {
                Content = JsonContent.Create(order, KeepingJson.Default.ContentCheckOrder),
                Headers = { Authorization = NodeToken.Header(token) },
            };
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            if (!answer.IsSuccessStatusCode)
            {
                var problem = await answer.Content.ReadFromJsonAsync(ContentCheckJson.Default.ProblemDetails, ct);
                return await report.ComplainAsync(problem?.Title ?? $"The node answers with status {(int)answer.StatusCode}.",
                    answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? NodeCommandLine.WrongUsage : NodeCommandLine.Failure);
            }
            using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(ct));
            while (await lines.ReadLineAsync(ct) is { } line)
            {
                if (JsonSerializer.Deserialize(line, KeepingJson.Default.ContentCheckProgress) is not { } progress)
                    break;
                if (progress.Done)
                    return await report.FinishAsync(progress);
                await report.ProgressAsync(progress);
            }
            return await report.ComplainAsync("The node stopped before the check was over.", NodeCommandLine.Failure);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
        {
            return await report.ComplainAsync($"No node answers at {client.BaseAddress} as it should: {e.Message}", NodeCommandLine.Failure);
        }
    }
}

[System.Text.Json.Serialization.JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true)]
[System.Text.Json.Serialization.JsonSerializable(typeof(ProblemDetails))]
internal sealed partial class ContentCheckJson : System.Text.Json.Serialization.JsonSerializerContext;
