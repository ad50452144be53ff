using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace HealthShare.UnitTests.Node.Webhooks;

/// <summary>One of the hospital's systems: takes what is sent, and answers what the test wants.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly WebApplication app;

    private WebhookReceiver(WebApplication app) => this.app = app;

    public ConcurrentQueue<(string Path, IHeaderDictionary Headers, string Body)> Taken { get; } = new();

    /// <summary>The status of the next answers.</summary>
    public Func<int> Answers { get; set; } = () => StatusCodes.Status204NoContent;

    /// <summary>What an answer waits for once the request has come.</summary>
    public Func<Task> Before { get; set; } = () => Task.CompletedTask;

    /// <summary>Headers of the next answers.</summary>
    public Action<IHeaderDictionary> Headers { get; set; } = _ => { };

    public string Url => $"{app.Urls.Single()}/hook";

    public static async Task<WebhookReceiver> StartAsync()
    {
        // An empty builder: any other one watches for settings files, and the system has few watchers.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddLogging();
        var app = builder.Build();
        var receiver = new WebhookReceiver(app);
        app.Run(async http =>
        {
            using var reader = new StreamReader(http.Request.Body);
            var status = receiver.Answers();
            receiver.Taken.Enqueue((http.Request.Path, new HeaderDictionary(http.Request.Headers.ToDictionary()), await reader.ReadToEndAsync()));
            await receiver.Before().WaitAsync(http.RequestAborted);
            receiver.Headers(http.Response.Headers);
            http.Response.StatusCode = status;
            if (status == StatusCodes.Status302Found)
                http.Response.Headers.Location = "/elsewhere";
        });
        await app.StartAsync();
        return receiver;
    }

    /// <summary>Waits until so much was taken.</summary>
    public async Task<List<(string Path, IHeaderDictionary Headers, string Body)>> TakenAsync(int count)
    {
        for (var attempt = 0; Taken.Count < count; attempt++)
        {
            Assert.True(attempt < 1200, $"Only {Taken.Count} of {count} deliveries came.");
            await Task.Delay(50);
        }
        return [.. Taken];
    }

    /// <summary>Verifies as receivers do: by the secret as it was shown, over id, time and the bytes that came.</summary>
    public static bool IsSigned((string Path, IHeaderDictionary Headers, string Body) one, string secret)
    {
        var key = Convert.FromBase64String(secret["whsec_".Length..]);
        var signed = $"{one.Headers["webhook-id"]}.{one.Headers["webhook-timestamp"]}.{one.Body}";
        return one.Headers["webhook-signature"] == "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(signed)));
    }

    public static string TypeOf(string body)
    {
        using var json = JsonDocument.Parse(body);
        return json.RootElement.GetProperty("type").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }
}
