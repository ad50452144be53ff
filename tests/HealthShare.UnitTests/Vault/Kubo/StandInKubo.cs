using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using HealthShare.Vault.Content;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace HealthShare.UnitTests.Vault.Kubo;

/// <summary>
/// A stand-in for a Kubo daemon in the shapes of its documentation, for what no real daemon at hand does: trailers, authorization,
/// overload. It keeps blocks and pins, and pins only what is complete.
/// </summary>
internal sealed class StandInKubo : IAsyncDisposable
{
    private readonly WebApplication app;

    private StandInKubo(WebApplication app) => this.app = app;

    public ConcurrentDictionary<string, byte[]> Blocks { get; } = new();

    public ConcurrentDictionary<Cid, bool> Pins { get; } = new();

    public ConcurrentQueue<SeenCall> Calls { get; } = new();

    /// <summary>Value of the Authorization header without which everything but <c>version</c> is refused.</summary>
    public string? Authorization { get; set; }

    /// <summary>Asked first; true when it gave the answer.</summary>
    public Func<HttpContext, Task<bool>> Before { get; set; } = _ => Task.FromResult(false);

    /// <summary>How the daemon spells CIDs.</summary>
    public Func<Cid, string> Spelling { get; set; } = cid => cid.ToString();

    public Uri Url { get; private set; } = null!;

    public static async Task<StandInKubo> StartAsync(string url = "http://127.0.0.1:0")
    {
        // An empty builder: any other one watches for settings files, and the system has few watchers.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddLogging();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
        });
        var app = builder.Build();
        app.Urls.Add(url);
        var daemon = new StandInKubo(app);
        app.Run(daemon.AnswerAsync);
        await app.StartAsync();
        daemon.Url = new Uri(app.Urls.Single());
        return daemon;
    }

    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource();
        await atOnce.CancelAsync();
        await app.StopAsync(atOnce.Token);
        await app.DisposeAsync();
    }

    public static string KeyOf(Cid cid) => Convert.ToHexString(cid.Digest);

    public static Task ErrorAsync(HttpContext http, string message, int status = 500)
    {
        http.Response.StatusCode = status;
        return WriteAsync(http, new { Message = message, Code = 0, Type = "error" });
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var call = http.Request.Path.Value!.Replace("/api/v0/", "", StringComparison.Ordinal);
        var headers = http.Request.Headers;
        Calls.Enqueue(new(http.Request.Method, call, http.Request.QueryString.Value ?? "", headers.UserAgent.ToString(), headers.Origin.ToString()));
        if (await Before(http))
            return;
        if (http.Request.Method != "POST")
            await ErrorAsync(http, "method not allowed", 405);
        else if (call != "version" && Authorization is not null && headers.Authorization != Authorization)
            await ErrorAsync(http, "Access denied", 403);
        else
            await TryAsync(http, call);
    }

    private async Task TryAsync(HttpContext http, string call)
    {
        try
        {
            await DoAsync(http, call);
        }
        catch (Exception e) when (!http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested)
        {
            await ErrorAsync(http, e.ToString());
        }
    }

    private async Task DoAsync(HttpContext http, string call)
    {
        var arg = Cid.TryParse(http.Request.Query["arg"], out var cid) ? cid : null;
        switch (call)
        {
            case "version":
                await WriteAsync(http, new { Version = "0.0-stand-in", Commit = "", Repo = "16" });
                break;
            case "id":
                await WriteAsync(http, new { ID = "12D3KooWStandIn", Addresses = Array.Empty<string>(), AgentVersion = "stand-in/0.0" });
                break;
            case "dag/import":
                await ImportAsync(http);
                break;
            case "block/get" or "block/stat" when !Blocks.ContainsKey(KeyOf(arg!)):
                await ErrorAsync(http, $"block was not found locally (offline): ipld: could not find {arg}");
                break;
            case "block/get":
                await http.Response.Body.WriteAsync(Blocks[KeyOf(arg!)], http.RequestAborted);
                break;
            case "block/stat":
                await WriteAsync(http, new { Key = Spelling(arg!), Size = Blocks[KeyOf(arg!)].Length });
                break;
            case "block/rm":
                await WriteAsync(http, Blocks.TryRemove(KeyOf(arg!), out _)
                    ? new { Hash = Spelling(arg!), Error = "" }
                    : new { Hash = Spelling(arg!), Error = "" });
                break;
            case "pin/add" when !IsComplete(arg!):
                await ErrorAsync(http, "pin: context deadline exceeded");
                break;
            case "pin/add":
                Pins[arg!] = true;
                await WriteAsync(http, new { Pins = new[] { Spelling(arg!) } });
                break;
            case "pin/rm" or "pin/ls" when arg is not null && !Pins.ContainsKey(arg):
                await ErrorAsync(http, call == "pin/rm" ? "not pinned or pinned indirectly" : $"path '{arg}' is not pinned");
                break;
            case "pin/rm":
                Pins.TryRemove(arg!, out _);
                await WriteAsync(http, new { Pins = new[] { Spelling(arg!) } });
                break;
            case "pin/ls" when arg is not null:
                await WriteAsync(http, new { Keys = new Dictionary<string, object> { [Spelling(arg)] = new { Type = "recursive", Name = "" } } });
                break;
            case "pin/ls":
                foreach (var pin in Pins.Keys)
                    await WriteAsync(http, new { Cid = Spelling(pin), Type = "recursive", Name = "" });
                break;
            case "repo/gc":
                await CollectAsync(http);
                break;
            case "repo/stat":
                await WriteAsync(http, new { NumObjects = $"{Blocks.Count}", RepoSize = 18446744073709551615UL, StorageMax = "9007199254740991" });
                break;
            default:
                await ErrorAsync(http, "404 page not found", 404);
                break;
        }
    }

    private async Task ImportAsync(HttpContext http)
    {
        var boundary = MediaTypeHeaderValue.Parse(http.Request.ContentType!).Boundary.Value!.Trim('"');
        var reader = new MultipartReader(boundary, http.Request.Body) { BodyLengthLimit = null };
        var roots = new List<Cid>();
        while (await reader.ReadNextSectionAsync(http.RequestAborted) is { } section)
            roots.AddRange(await CarReader.ReadAsync(section.Body, (cid, block) => Blocks[KeyOf(cid)] = block, http.RequestAborted));
        if (http.Request.Query["pin-roots"] != "true")
            return;
        foreach (var root in roots)
        {
            var complete = IsComplete(root);
            if (complete)
                Pins[root] = true;
            await WriteAsync(http, new
            {
                Root = new { Cid = new Dictionary<string, string> { ["/"] = Spelling(root) }, PinErrorMsg = complete ? "" : "block was not found locally" },
            });
        }
    }

    private async Task CollectAsync(HttpContext http)
    {
        var kept = Pins.Keys.SelectMany(Under).ToHashSet();
        foreach (var key in Blocks.Keys.Where(key => !kept.Contains(key)))
        {
            Blocks.TryRemove(key, out _);
            var cid = Cid.FromDigest(CidCodec.Raw, Convert.FromHexString(key));
            await WriteAsync(http, new { Key = new Dictionary<string, string> { ["/"] = Spelling(cid) } });
        }
    }

    private bool IsComplete(Cid root) => Under(root).All(Blocks.ContainsKey);

    private IEnumerable<string> Under(Cid root)
    {
        yield return KeyOf(root);
        if (root.Codec is CidCodec.Raw || !Blocks.TryGetValue(KeyOf(root), out var block))
            yield break;
        var node = HealthShare.Vault.Content.Kubo.FileNode.Decode(root, block);
        for (long at = 0; at < node.Length;)
        {
            var part = node.PartAt(at);
            foreach (var key in Under(part.Cid))
                yield return key;
            at += part.Length;
        }
    }

    private static Task WriteAsync<T>(HttpContext http, T value)
    {
        http.Response.ContentType ??= "application/json";
        return http.Response.WriteAsync(JsonSerializer.Serialize(value) + "\n", Encoding.UTF8, http.RequestAborted);
    }
}

internal sealed record SeenCall(string Method, string Call, string Query, string UserAgent, string Origin)
{
    public long Milliseconds(string name) => long.Parse(
        QueryHelpers.ParseQuery(Query)[name].ToString().Replace("ms", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
}
