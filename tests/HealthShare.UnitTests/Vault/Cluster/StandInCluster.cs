using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using HealthShare.Vault.Content;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.UnitTests.Vault.Cluster;

/// <summary>A stand-in for an IPFS Cluster peer in the shapes of its documentation and source; no real one can be had.</summary>
internal sealed class StandInCluster : IAsyncDisposable
{
    private readonly WebApplication app;

    private StandInCluster(WebApplication app) => this.app = app;

    public Uri Url { get; private set; } = null!;

    /// <summary>The pinset: each content with the query that it was pinned with.</summary>
    public ConcurrentDictionary<Cid, string> Pins { get; } = new();

    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>Value of the Authorization header without which everything but the health is refused.</summary>
    public string? Authorization { get; set; }

    /// <summary>What each peer says of a content in the pinset.</summary>
    public Func<string[]> States { get; set; } = () => ["pinned", "pinned", "remote"];

    /// <summary>Asked first; true when it gave the answer.</summary>
    public Func<HttpContext, Task<bool>> Before { get; set; } = _ => Task.FromResult(false);

    public static async Task<StandInCluster> StartAsync(System.Security.Cryptography.X509Certificates.X509Certificate2? certificate = null)
    {
        // An empty builder: any other one watches for settings files, and the system has few watchers.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddLogging();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null)
                listen.UseHttps(certificate);
        }));
        var app = builder.Build();
        var peer = new StandInCluster(app);
        app.Run(peer.AnswerAsync);
        await app.StartAsync();
        peer.Url = new Uri(app.Urls.Single());
        return peer;
    }

    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource();
        await atOnce.CancelAsync();
        await app.StopAsync(atOnce.Token);
        await app.DisposeAsync();
    }

    public static async Task<bool> ErrorAsync(HttpContext http, string message, int status)
    {
        http.Response.StatusCode = status;
        await http.Response.WriteAsync(JsonSerializer.Serialize(new { code = status, message }));
        return true;
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var (method, path) = (http.Request.Method, http.Request.Path.Value!);
        Calls.Enqueue($"{method} {path}{http.Request.QueryString}");
        if (await Before(http))
            return;
        if (path != "/health" && Authorization is not null && http.Request.Headers.Authorization != Authorization)
            await ErrorAsync(http, "unauthorized: no auth provided", 401);
        else
            await DoAsync(http, method, path);
    }

    private async Task DoAsync(HttpContext http, string method, string path)
    {
        var cid = path.Split('/') is [_, "pins", var text, ..] && Cid.TryParse(text, out var named) ? named : null;
        switch (method, path)
        {
            case ("GET", "/health"):
                http.Response.StatusCode = 204;
                break;
            case ("POST", "/ipfs/gc"):
                await WriteAsync(http, new { peer_map = new { p1 = new { peer = "p1", keys = Array.Empty<object>(), error = "" } } });
                break;
            case ("GET", "/allocations") when Pins.IsEmpty:
                http.Response.StatusCode = 204;
                break;
            case ("GET", "/allocations"):
                foreach (var pin in Pins.Keys)
                    await WriteAsync(http, new { cid = pin.ToString(), type = 2, allocations = new[] { "p1" }, max_depth = -1 });
                break;
            case ("POST", _) when cid is not null && path.EndsWith("/recover", StringComparison.Ordinal):
            case ("GET", _) when cid is not null:
                await WriteAsync(http, new { cid = cid.ToString(), name = "", peer_map = PeersOf(cid) });
                break;
            case ("POST", _) when cid is not null:
                Pins[cid] = http.Request.QueryString.Value!;
                await WriteAsync(http, new { cid = cid.ToString(), type = 2, max_depth = -1 });
                break;
            case ("DELETE", _) when cid is not null && Pins.TryRemove(cid, out _):
                await WriteAsync(http, new { cid = cid.ToString() });
                break;
            case ("DELETE", _):
                await ErrorAsync(http, "pin is not part of the pinset", 404);
                break;
            default:
                await ErrorAsync(http, "not found", 404);
                break;
        }
    }

    private Dictionary<string, object> PeersOf(Cid cid) => (Pins.ContainsKey(cid) ? States() : ["unpinned", "unpinned", "unpinned"])
        .Select((status, i) => (Peer: $"12D3KooW{i}", Value: (object)new
        {
            peername = $"cluster{i}", ipfs_peer_id = $"12D3Kubo{i}", status, timestamp = "2026-03-01T08:00:00Z",
            error = status.EndsWith("_error", StringComparison.Ordinal) ? "context deadline exceeded" : "", attempt_count = "1", priority_pin = false,
        })).ToDictionary(peer => peer.Peer, peer => peer.Value);

    private static Task WriteAsync<T>(HttpContext http, T value)
    {
        http.Response.ContentType ??= "application/json";
        return http.Response.WriteAsync(JsonSerializer.Serialize(value) + "\n", http.RequestAborted);
    }
}
