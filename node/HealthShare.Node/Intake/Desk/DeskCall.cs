using System.CommandLine;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using HealthShare.Node.Cli;
using Microsoft.AspNetCore.Mvc;

namespace HealthShare.Node.Intake.Desk;

/// <summary>One command's talk with the node that runs here. What goes wrong is said on the standard error and remembered as the exit status.</summary>
internal sealed class DeskCall(HttpClient client, MessageReport report, TextWriter error)
{
    private const string Rest = "message.continuation_invalid";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestFollowing = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    public MessageReport Report => report;

    /// <summary>Exit status of what failed so far; 0 where nothing did.</summary>
    public int Failure { get; private set; }

    /// <summary>Adds what every such command needs, and its work.</summary>
    public static void AddTo(Command command, Func<ParseResult, DeskCall, CancellationToken, Task<int>> work)
    {
        var config = NodeSettings.ConfigOption();
        var token = NodeToken.Option("an IT administrator");
        var json = new Option<bool>("--json") { Description = "Print JSON, one object on a line for each answer." };
        command.Add(config);
        command.Add(token);
        command.Add(json);
        command.SetAction((parsed, ct) =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            return NodeSettings.WithAsync(parsed.GetValue(config), error, async settings =>
            {
                if (await NodeToken.ReadAsync(parsed.GetValue(token), ct) is not { } secret)
                {
                    await error.WriteLineAsync(NodeToken.Missing);
                    return NodeCommandLine.WrongUsage;
                }
                using var client = LocalNode.Connect(settings, Patience);
                client.DefaultRequestHeaders.Authorization = NodeToken.Header(secret);
                return await work(parsed, new DeskCall(client, new MessageReport(output, parsed.GetValue(json)), error), ct);
            });
        });
    }

    /// <summary>Asks; null when that failed.</summary>
    public async Task<T?> GetAsync<T>(string address, JsonTypeInfo<T> type, CancellationToken ct)
        where T : class
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        return await SendAsync(request, type, ct);
    }

    /// <summary>Has something done with a message; null when that failed.</summary>
    public async Task<MessageStatus?> PostAsync(string address, DiscardOrder? order, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address)
        {
            Content = order is null ? null : JsonContent.Create(order, DeskJson.Default.DiscardOrder),
        };
        return await SendAsync(request, DeskAnswerJson.Default.MessageStatus, ct);
    }

    /// <summary>
    /// Waits until messages that go through all steps again are through, or in quarantine again, and tells of each; of those that are still under way after ten seconds,
    /// that they are.
    /// </summary>
    /// <returns>The exit status: a failure where one is in quarantine again, or nobody says how it is.</returns>
    public async Task<int> FollowAsync(IEnumerable<string> ids, CancellationToken ct)
    {
        var (exit, began) = (NodeCommandLine.Success, TimeProvider.System.GetTimestamp());
        foreach (var id in ids)
        {
            var message = await GetAsync(Address(id), DeskAnswerJson.Default.MessageStatus, ct);
            while (message is { State: "received" or "parsed" or "stored" } && TimeProvider.System.GetElapsedTime(began) < LongestFollowing)
            {
                await Task.Delay(BetweenLooks, ct);
                message = await GetAsync(Address(id), DeskAnswerJson.Default.MessageStatus, ct);
            }
            if (message is not null)
                await report.DoneAsync(message, OutcomeOf(message));
            if (message is not { State: not "quarantined" })
                exit = NodeCommandLine.Failure;
        }
        return exit;
    }

    /// <summary>Where a message is.</summary>
    public static string Address(string id) => $"/api/v1/messages/{Uri.EscapeDataString(id)}";

    private static string OutcomeOf(MessageStatus message) => message.State switch
    {
        "quarantined" => $"replayed, and back in quarantine: {message.ReasonCode}: {message.Reason?.TrimEnd('.')}",
        "received" or "parsed" or "stored" => $"replayed, and still under way ({message.State}{(message.ReasonCode is { } code ? ", waits: " + code : "")}): messages show tells how it ends",
        _ => $"replayed, and {message.State}",
    };

    /// <summary>How many rests of split messages were passed over.</summary>
    public int PassedOver { get; private set; }

    /// <summary>
    /// Ids of what is in quarantine now, page by page; nothing more once a page fails. Rests of split messages are passed over unless asked for
    /// by their reason: whoever sends one through says to have looked, since it would pass for the whole.
    /// </summary>
    public async IAsyncEnumerable<string> QuarantinedAsync(string? code, [EnumeratorCancellation] CancellationToken ct)
    {
        string? cursor = null;
        do
        {
            var page = await GetAsync($"/api/v1/messages?state=quarantined&limit=500{(cursor is null ? "" : "&cursor=" + cursor)}", DeskAnswerJson.Default.MessagePage, ct);
            foreach (var message in page?.Messages ?? [])
            {
                if (code is null && message.ReasonCode == Rest)
                    PassedOver++;
                else if (code is null || message.ReasonCode == code)
                    yield return message.Id;
            }
            cursor = page?.Next;
        }
        while (cursor is not null);
    }

    /// <summary>Says that something is left to do, where nothing was done.</summary>
    public Task SayAsync(string sentence) => error.WriteLineAsync(sentence);

    /// <summary>Says what was passed over.</summary>
    public Task PassedOverAsync() => error.WriteLineAsync(
        $"Left in quarantine: {PassedOver} rests of split messages. Once looked at, replay them by id, or all by --code {Rest}.");

    private async Task<T?> SendAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken ct)
        where T : class
    {
        try
        {
            using var answer = await client.SendAsync(request, ct);
            if (answer.IsSuccessStatusCode)
                return await answer.Content.ReadFromJsonAsync(type, ct);
            var problem = await answer.Content.ReadFromJsonAsync(DeskAnswerJson.Default.ProblemDetails, ct);
            await error.WriteLineAsync($"{request.RequestUri}: {problem?.Detail ?? problem?.Title ?? $"the node answers with status {(int)answer.StatusCode}"}");
            Failure = answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.BadRequest
                ? NodeCommandLine.WrongUsage
                : NodeCommandLine.Failure;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            await error.WriteLineAsync($"No node answers at {client.BaseAddress} as it should: {e.Message}");
            Failure = NodeCommandLine.Failure;
        }
        return null;
    }
}

// The node leaves out what is null.
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true)]
[JsonSerializable(typeof(ProblemDetails))]
[JsonSerializable(typeof(MessagePage))]
[JsonSerializable(typeof(MessageStatus))]
internal sealed partial class DeskAnswerJson : JsonSerializerContext;
