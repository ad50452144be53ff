using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;

namespace HealthShare.UnitTests.Node.Events;

/// <summary>A client of the stream, by the framework's own parser.</summary>
internal sealed class EventStreamReader : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly HttpResponseMessage answer;
    private readonly IAsyncEnumerator<SseItem<string>> items;

    private EventStreamReader(HttpResponseMessage answer, Stream body) =>
        (this.answer, items) = (answer, SseParser.Create(body).EnumerateAsync().GetAsyncEnumerator());

    public HttpResponseMessage Answer => answer;

    /// <summary>The id of the last item that had one.</summary>
    public string? LastId { get; private set; }

    public static async Task<EventStreamReader> OpenAsync(HttpClient client, string? lastEventId = null)
    {
        var answer = await SendAsync(client, lastEventId);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{(int)answer.StatusCode}");
        return new EventStreamReader(answer, await answer.Content.ReadAsStreamAsync());
    }

    public static async Task<HttpResponseMessage> SendAsync(HttpClient client, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/events");
        request.Headers.Accept.Add(new("text/event-stream")); // as browsers send it, and nothing else
        if (lastEventId is not null)
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>The next item; null where the stream is over.</summary>
    public async Task<(string Type, JsonElement Data)?> NextAsync()
    {
        if (!await items.MoveNextAsync().AsTask().WaitAsync(Patience))
            return null;
        LastId = items.Current.EventId ?? LastId;
        using var json = JsonDocument.Parse(items.Current.Data);
        return (items.Current.EventType, json.RootElement.Clone());
    }

    /// <summary>The next item of a type; what comes before is passed over.</summary>
    public async Task<JsonElement> NextAsync(string type, string? kind = null)
    {
        while (await NextAsync() is { } item)
        {
            if (item.Type == type && (kind is null || item.Data.GetProperty("kind").GetString() == kind))
                return item.Data;
        }
        throw new Xunit.Sdk.XunitException($"The stream ended before {type} {kind}.");
    }

    /// <summary>All items up to and with the next one of a type.</summary>
    public async Task<List<(string Type, JsonElement Data)>> UntilAsync(string type)
    {
        var all = new List<(string Type, JsonElement Data)>();
        while (await NextAsync() is { } item)
        {
            all.Add(item);
            if (item.Type == type)
                return all;
        }
        throw new Xunit.Sdk.XunitException($"The stream ended before {type}.");
    }

    public async ValueTask DisposeAsync()
    {
        answer.Dispose(); // first: a read that still waits ends by it
        try
        {
            await items.DisposeAsync();
        }
        catch (NotSupportedException)
        {
            // A read that was given up is still on its way.
        }
    }
}
