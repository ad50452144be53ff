using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using HealthShare.Chaincode.Ledger;

namespace HealthShare.Benchmarks.Hl7;

/// <summary>Whose node it is, and on which channel.</summary>
/// <param name="ConnectionFile">Full path of the channel's connection file.</param>
/// <param name="MspId">The member.</param>
/// <param name="User">The member's identity that the node signs with.</param>
internal sealed record Membership(string ConnectionFile, string MspId, string User)
{
    /// <summary>North's, on a development ledger.</summary>
    public static Membership Of(string connectionFile) => new(connectionFile, "NorthMSP", "User1");
}

/// <summary>A hospital's node as it ships, a process of its own.</summary>
internal sealed class IntakeNode : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);
    private const string Token = "benchmark";
    private readonly Process process;
    private readonly HttpClient http;

    private IntakeNode(Process process, int httpPort, int mllpPort)
    {
        (this.process, MllpPort) = (process, mllpPort);
        http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{httpPort}") };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
    }

    public int MllpPort { get; }

    /// <summary>Most memory that the process had at once, in MiB.</summary>
    public double PeakMemory
    {
        get
        {
            process.Refresh();
            return process.PeakWorkingSet64 / 1024.0 / 1024;
        }
    }

    /// <summary>Processor time that the process has used, in milliseconds.</summary>
    public double ProcessorTime
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime.TotalMilliseconds;
        }
    }

    /// <summary>The member's entry, with the sealing key that the node in a folder has or now gets.</summary>
    public static async Task<OrganizationEntry> EntryAsync(DirectoryInfo folder, Membership member, CancellationToken ct)
    {
        var entry = Path.Combine(folder.FullName, "entry.json");
        var config = await WriteConfigAsync(folder, member, 0, 0, ct);
        using var process = Start("organizations", "entry", "--config", config, "--output", entry);
        await process.WaitForExitAsync(ct);
        await using var file = File.OpenRead(entry);
        return (await JsonSerializer.DeserializeAsync(file, LedgerJson.Default.OrganizationEntry, ct))!;
    }

    /// <summary>Starts it on a folder and waits until it serves.</summary>
    public static async Task<IntakeNode> StartAsync(DirectoryInfo folder, Membership member, CancellationToken ct)
    {
        var (httpPort, mllpPort) = (FreePort(), FreePort());
        var config = await WriteConfigAsync(folder, member, httpPort, mllpPort, ct);
        var process = Start("run", "--config", config);
        var node = new IntakeNode(process, httpPort, mllpPort);
        var started = Stopwatch.GetTimestamp();
        while (!await node.ServesAsync(ct))
        {
            if (process.HasExited || Stopwatch.GetElapsedTime(started) > StartLimit)
                throw new InvalidOperationException("The node did not start; its own words are above.");
            await Task.Delay(100, ct);
        }
        return node;
    }

    /// <summary>Waits until the node takes part in the channel.</summary>
    public async Task WaitUntilReadyAsync(CancellationToken ct)
    {
        while (true)
        {
            using var answer = await http.GetAsync(new Uri("/health/ready", UriKind.Relative), ct);
            if (answer.IsSuccessStatusCode)
                return;
            await Task.Delay(100, ct);
        }
    }

    /// <summary>Waits until every message is on the ledger.</summary>
    /// <exception cref="InvalidOperationException">One is in quarantine.</exception>
    public async Task DrainAsync(CancellationToken ct)
    {
        // The newest one first, which costs the node the least to say.
        while (await NewestAsync(ct) != "registered")
            await Task.Delay(10, ct);
        foreach (var state in new[] { "received", "parsed", "stored" })
        {
            while (await AnyAsync(state, ct))
                await Task.Delay(10, ct);
        }
        if (await AnyAsync("quarantined", ct))
            throw new InvalidOperationException("A message is in quarantine.");
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    /// <summary>A port in which nobody listens now.</summary>
    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private static Process Start(params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "healthshare.dll"), .. arguments])
        {
            RedirectStandardOutput = true, // its log must not stand among the figures
        }) ?? throw new InvalidOperationException("dotnet does not start.");
        process.OutputDataReceived += (_, line) => Console.Error.WriteLine(line.Data);
        process.BeginOutputReadLine();
        return process;
    }

    private static async Task<string> WriteConfigAsync(DirectoryInfo folder, Membership member, int httpPort, int mllpPort, CancellationToken ct)
    {
        // Its folder is watched for changes, with all that is below it.
        var config = Path.Combine(folder.CreateSubdirectory("settings").FullName, "node.json");
        await File.WriteAllTextAsync(config, JsonSerializer.Serialize(new
        {
            Logging = new { LogLevel = new Dictionary<string, string> { ["Default"] = "Error", ["Microsoft.Hosting.Lifetime"] = "Error" } },
            HealthShare = new
            {
                Node = new { Name = "Benchmark", member.MspId, DataFolder = Path.Combine(folder.FullName, "node") },
                Http = new { Url = $"http://127.0.0.1:{httpPort}" },
                Fabric = new { member.ConnectionFile, member.User },
                Mllp = new { Port = mllpPort },
                Auth = new
                {
                    Callers = new[]
                    {
                        new { Name = "benchmark", Role = "system", TokenSha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Token))) },
                    },
                },
            },
        }), ct);
        return config;
    }

    private async Task<bool> ServesAsync(CancellationToken ct)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri("/health/live", UriKind.Relative), ct);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task<bool> AnyAsync(string state, CancellationToken ct)
    {
        using var page = await PageAsync($"&state={state}", ct);
        return page.RootElement.GetProperty("messages").GetArrayLength() > 0;
    }

    private async Task<string?> NewestAsync(CancellationToken ct)
    {
        using var page = await PageAsync("", ct);
        return page.RootElement.GetProperty("messages")[0].GetProperty("state").GetString();
    }

    private async Task<JsonDocument> PageAsync(string filter, CancellationToken ct)
    {
        await using var answer = await http.GetStreamAsync(new Uri($"/api/v1/messages?limit=1{filter}", UriKind.Relative), ct);
        return await JsonDocument.ParseAsync(answer, cancellationToken: ct);
    }
}
