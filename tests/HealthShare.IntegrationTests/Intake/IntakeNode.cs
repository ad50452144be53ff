using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using HealthShare.Chaincode.Ledger;
using HealthShare.IntegrationTests.Content;
using HealthShare.IntegrationTests.Support;
using HealthShare.Node.Database;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.IntegrationTests.Intake;

/// <summary>North's node in a process of its own (<see cref="IntakeNodeProgram"/>), which kills itself at a point.</summary>
internal sealed class IntakeNode : IAsyncDisposable
{
    private const int KilledStatus = 128 + 9;
    private readonly Process process;
    private readonly HttpClient http;

    private IntakeNode(Process process, string[] words)
    {
        this.process = process;
        http = new HttpClient { BaseAddress = new Uri(words[1]), Timeout = TimeSpan.FromMinutes(5) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", IntakeNodeProgram.Token);
        MllpPort = int.Parse(words[2], provider: null);
        SealingKey = new SealingKey(words[3], words[4]);
    }

    public int MllpPort { get; }

    public SealingKey SealingKey { get; }

    /// <summary>Starts it; null where it came to its point at once.</summary>
    public static async Task<IntakeNode?> StartAsync(string folder, string connectionFile, TestDatabase database, string point)
    {
        // A whole node does more side by side than a test that has the database for itself.
        var process = TestProgram.Start("intake-node", folder, connectionFile, $"{database.Instance.Provider}",
            database.Instance.Provider is DatabaseProvider.Postgresql ? database.ConnectionString + ";Maximum Pool Size=20" : database.ConnectionString, point);
        var line = await process.StandardOutput.ReadLineAsync();
        if (line?.Split(' ') is ["ready", ..] words)
            return new IntakeNode(process, words);
        await process.WaitForExitAsync();
        if (point.Length > 0 && process.ExitCode == KilledStatus)
            return null;
        throw new InvalidOperationException($"The node did not start and ended with {process.ExitCode}; its words are on the standard error. {line}");
    }

    /// <summary>Founds the network with the first three members of a channel, with this node's key for North.</summary>
    public Task FoundAsync(ChannelUnderTest channel) => Founders.FoundAsync(channel, SealingKey);

    /// <summary>Waits until it has killed itself.</summary>
    public async Task WaitUntilKilledAsync(TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        await process.WaitForExitAsync(limit.Token);
        Assert.Equal(KilledStatus, process.ExitCode);
    }

    /// <summary>What came in, newest first.</summary>
    public async Task<JsonArray> MessagesAsync(CancellationToken ct) =>
        JsonNode.Parse(await http.GetStringAsync(new Uri("/api/v1/messages?limit=500", UriKind.Relative), ct))!["messages"]!.AsArray();

    /// <summary>Has IT staff replay or discard a message in quarantine.</summary>
    /// <exception cref="HttpRequestException">There was no answer; a connection that broke at once shows as a SocketException.</exception>
    public async Task<HttpResponseMessage> AtDeskAsync(string id, string order)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/api/v1/messages/{id}/{order}", UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", IntakeNodeProgram.StaffToken);
        if (order == "discard")
            request.Content = JsonContent.Create(new { reason = "sent again, whole" });
        return await http.SendAsync(request);
    }

    /// <summary>Waits until so many messages are registered, and none is in quarantine.</summary>
    public async Task<List<JsonNode>> RegisteredAsync(int expected, TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        while (true)
        {
            var page = await MessagesAsync(limit.Token);
            Assert.True(page.Count <= expected, $"There are {page.Count} messages, and {expected} were sent.");
            Assert.DoesNotContain(page, message => message!["state"]!.GetValue<string>() == "quarantined");
            if (page.Count == expected && page.All(message => message!["state"]!.GetValue<string>() == "registered"))
                return [.. page.Select(message => message!)];
            await Task.Delay(50, limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        process.Kill(); // does nothing to one that has ended
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
