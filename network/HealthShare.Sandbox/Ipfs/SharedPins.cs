using HealthShare.Vault.Content;
using HealthShare.Vault.Content.Ipfs;
using HealthShare.Vault.Content.Kubo;

namespace HealthShare.Sandbox.Ipfs;

/// <summary>
/// Does for the sandbox's daemons what IPFS Cluster does for a consortium's: what one of them pins the others pin, too. It knows no
/// unpinning, and says nothing when a daemon is away: it goes on when that is back.
/// </summary>
internal sealed class SharedPins : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1), FetchTimeout = TimeSpan.FromSeconds(20);

    private readonly IpfsSwarm swarm;
    private readonly CancellationTokenSource stop = new();
    private readonly Task work;
    // What a node takes away to repair it is back by the next round: only what lacks twice in a row is pinned.
    private HashSet<(string Name, Cid Cid)> lacking = [];

    private SharedPins(IpfsSwarm swarm)
    {
        this.swarm = swarm;
        work = Task.Run(RunAsync);
    }

    /// <summary>Starts; dispose it before the daemons.</summary>
    public static SharedPins Start(IpfsSwarm swarm) => new(swarm);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await work;
        stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await RoundAsync(stop.Token);
            }
            catch (Exception e) when (e is IpfsException or OperationCanceledException)
            {
            }
            await Task.Delay(Pause, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RoundAsync(CancellationToken ct)
    {
        var pins = new Dictionary<string, HashSet<Cid>>();
        foreach (var (name, daemon) in swarm.Daemons.Where(daemon => !daemon.Value.Ended.IsCompleted))
        {
            using var rpc = Connect(daemon);
            pins[name] = await rpc.ListPinsAsync(ct).ToHashSetAsync(cancellationToken: ct);
        }
        var all = pins.Values.SelectMany(held => held).ToHashSet();
        var now = pins.SelectMany(held => all.Except(held.Value).Select(cid => (held.Key, cid))).ToHashSet();
        var due = now.Where(lacking.Contains).ToList();
        lacking = now;
        foreach (var (name, cid) in due)
        {
            using var rpc = Connect(swarm.Daemons[name]);
            await PinAsync(rpc, cid, ct);
        }
    }

    private static async Task PinAsync(KuboRpcClient rpc, Cid cid, CancellationToken ct)
    {
        try
        {
            await rpc.PinAsync(cid, ct);
        }
        catch (Exception e) when (e is IpfsException or ContentNotFoundException)
        {
            // Whoever has it is away, or this one is. It lacks it still, and the next round sees that.
        }
    }

    private static KuboRpcClient Connect(IpfsDaemon daemon) => new(new() { Url = daemon.Addresses.Rpc, Retries = 0, PinTimeout = FetchTimeout });
}
