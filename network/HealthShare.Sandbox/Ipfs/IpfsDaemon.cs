using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace HealthShare.Sandbox.Ipfs;

/// <summary>Where a daemon listens, and who it is.</summary>
/// <param name="Peer">Its peer id.</param>
/// <param name="Rpc">Its RPC, for its own node only.</param>
/// <param name="Gateway">Where others may ask for a block as it stands on this machine.</param>
/// <param name="Swarm">Its multiaddress, with the peer id.</param>
internal sealed record IpfsAddresses(string Peer, Uri Rpc, Uri Gateway, string Swarm);

/// <summary>One IPFS daemon as a process of its own, which ends with this one however this one ends.</summary>
internal sealed class IpfsDaemon : IAsyncDisposable
{
    private const int KeptLines = 30;
    private const string ReadyMark = "ready ";
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3), StopLimit = TimeSpan.FromSeconds(10);

    private readonly Process process;
    private readonly Queue<string> lines = new();
    private readonly TaskCompletionSource<IpfsAddresses> ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IpfsAddresses? addresses;

    private IpfsDaemon(Process process, string repository)
    {
        (this.process, Repository) = (process, repository);
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) => Read(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Ended = process.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>The folder with the daemon's blocks, pins and identity.</summary>
    public string Repository { get; }

    public IpfsAddresses Addresses => addresses ?? throw new InvalidOperationException("The daemon has not started.");

    /// <summary>Completes when the process is no more, for whatever reason.</summary>
    public Task Ended { get; }

    /// <summary>The last lines that it printed.</summary>
    public string Output
    {
        get
        {
            lock (lines)
                return string.Join('\n', lines);
        }
    }

    /// <summary>Starts a daemon and waits until it serves. What an earlier, killed one left behind is cleared away first.</summary>
    /// <param name="launcher">The script and its packages, installed.</param>
    /// <param name="repository">Full path of the daemon's folder; made where it is not there.</param>
    /// <param name="swarmKey">Full path of the swarm's key.</param>
    /// <param name="ct">Gives the start up.</param>
    /// <exception cref="SandboxException">It ended, or did not serve within three minutes; the message holds what it printed.</exception>
    public static async Task<IpfsDaemon> StartAsync(IpfsLauncher launcher, string repository, string swarmKey, CancellationToken ct)
    {
        await LeftBehind.ClearAsync(repository, ct);
        var start = new ProcessStartInfo("node")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { launcher.ScriptPath },
            Environment =
            {
                ["IPFS_PATH"] = repository,
                ["SWARM_KEY_FILE"] = swarmKey,
                // The system closes the pipe when this process dies, however it dies.
                ["STOP_WITH_STDIN"] = "1",
                ["LIBP2P_FORCE_PNET"] = "1",
                ["RPC_PORT"] = "0",
                ["SWARM_PORT"] = "0",
                ["GATEWAY_PORT"] = "0",
            },
        };
        var daemon = new IpfsDaemon(Process.Start(start)!, repository);
        try
        {
            LeftBehind.Record(repository, daemon.process);
            await Task.WhenAny(daemon.ready.Task, daemon.Ended, Task.Delay(StartLimit, ct));
            ct.ThrowIfCancellationRequested();
            if (!daemon.ready.Task.IsCompletedSuccessfully)
                throw new SandboxException($"The IPFS daemon of '{repository}' did not start:\n{daemon.Output}");
            daemon.addresses = await daemon.ready.Task;
            return daemon;
        }
        catch
        {
            await daemon.KillAsync();
            throw;
        }
    }

    /// <summary>Ends it as a power failure would: nothing gets a chance to finish.</summary>
    public async Task KillAsync()
    {
        process.Kill(entireProcessTree: true);
        await Ended;
    }

    /// <summary>Connects to another daemon of the same swarm.</summary>
    /// <exception cref="HttpRequestException">They could not agree, as when their swarm keys differ.</exception>
    public async Task ConnectAsync(IpfsDaemon other, CancellationToken ct)
    {
        using var http = NewClient();
        var target = new Uri(Addresses.Rpc, $"/api/v0/swarm/connect?arg={Uri.EscapeDataString(other.Addresses.Swarm)}");
        using var answer = await http.PostAsync(target, content: null, ct);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>A client as the daemon wants it: it refuses what looks like a browser.</summary>
    public static HttpClient NewClient()
    {
        var http = new HttpClient();
        http.DefaultRequestHeaders.UserAgent.ParseAdd("HealthShare-Sandbox");
        return http;
    }

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        if (await Task.WhenAny(Ended, Task.Delay(StopLimit)) != Ended)
            await KillAsync();
        process.Dispose();
    }

    private void Read(string? line)
    {
        if (line is null)
            return;
        lock (lines)
        {
            lines.Enqueue(line);
            if (lines.Count > KeptLines)
                lines.Dequeue();
        }
        if (line.StartsWith(ReadyMark, StringComparison.Ordinal)
            && JsonSerializer.Deserialize(line[ReadyMark.Length..], IpfsJson.Default.IpfsAddresses) is { } read)
        {
            ready.TrySetResult(read);
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(IpfsAddresses))]
internal sealed partial class IpfsJson : JsonSerializerContext;
