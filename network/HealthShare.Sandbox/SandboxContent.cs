using HealthShare.Sandbox.Ipfs;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.Sandbox;

/// <summary>
/// Where the sandbox's nodes keep content: each in an embedded store, or each hospital in an IPFS daemon of its own, with copies at the
/// others'. The regulator holds no records and has no daemon.
/// </summary>
internal sealed class SandboxContent : IAsyncDisposable
{
    private const string Folder = "ipfs";

    private readonly SandboxSwarm standIn = new();
    private readonly IpfsSwarm? daemons;
    private readonly SharedPins? pins;
    private volatile bool stopping;

    private SandboxContent(IpfsSwarm? daemons)
    {
        this.daemons = daemons;
        pins = daemons is null ? null : SharedPins.Start(daemons);
    }

    /// <summary>The daemons by the hospitals' short names; empty without them.</summary>
    public IReadOnlyDictionary<string, IpfsDaemon> Daemons => daemons?.Daemons ?? new Dictionary<string, IpfsDaemon>();

    /// <summary>Starts the daemons where they are asked for, and installs what they need the first time.</summary>
    /// <exception cref="SandboxException">Something is missing, or the state's records are kept in the other way.</exception>
    public static async Task<SandboxContent> StartAsync(SandboxOptions options, TextWriter progress, CancellationToken ct)
    {
        var folder = Path.Combine(options.State.FullName, Folder);
        var isUsed = File.Exists(Path.Combine(options.State.FullName, SignInFile.Name));
        if (isUsed && Directory.Exists(folder) != options.Ipfs)
        {
            throw new SandboxException(
                $"The records of '{options.State.FullName}' are kept {(options.Ipfs ? "without" : "in")} IPFS daemons: start "
                + $"{(options.Ipfs ? "without" : "with")} --ipfs, with --reset, or on another --state.", isUsage: true);
        }
        if (!options.Ipfs)
        {
            // What a first start with daemons left that did not come to its end: nobody has used it, and it must not pass for the kind.
            if (!isUsed && Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
            return new SandboxContent(null);
        }
        var launcher = await IpfsLauncher.FindAsync(ct);
        await launcher.EnsureInstalledAsync(progress, ct);
        await progress.WriteLineAsync("Starting three IPFS daemons …");
        var content = new SandboxContent(await IpfsSwarm.StartAsync(
            launcher, folder, SandboxMember.All.Where(member => member.IsHospital).Select(member => member.Key), ct));
        foreach (var (name, daemon) in content.Daemons)
            _ = content.ReportEndAsync(name, daemon);
        return content;
    }

    /// <summary>The content settings of a member's node.</summary>
    public IReadOnlyDictionary<string, string?> SettingsOf(SandboxMember member)
    {
        if (Daemons.Count == 0)
            return new Dictionary<string, string?>();
        // A webhook could tell a daemon what to do: their RPC listens on this machine and asks nobody who it is.
        var settings = new Dictionary<string, string?> { ["HealthShare:Webhooks:AllowLoopback"] = "false" };
        if (!Daemons.TryGetValue(member.Key, out var own))
            return settings;
        settings["HealthShare:Content:Provider"] = "kubo";
        settings["HealthShare:Content:Kubo:Url"] = own.Addresses.Rpc.ToString();
        // Over its RPC this daemon would fetch from the others what it is to show.
        settings["HealthShare:Content:Keeping:OwnGatewayUrl"] = own.Addresses.Gateway.ToString();
        settings["HealthShare:Content:Keeping:MinimumReplicas"] = "2";
        // Whoever takes something away wants to see it come back.
        settings["HealthShare:Content:Keeping:PassEvery"] = "00:01:00";
        foreach (var (index, (name, daemon)) in Daemons.Where(daemon => daemon.Key != member.Key).Index())
        {
            settings[$"HealthShare:Content:Replicas:{index}:Name"] = name;
            settings[$"HealthShare:Content:Replicas:{index}:GatewayUrl"] = daemon.Addresses.Gateway.ToString();
        }
        return settings;
    }

    /// <summary>Puts the stand-in for a swarm between a node and its store where there are no daemons.</summary>
    public void Join(IServiceCollection services)
    {
        if (daemons is null)
            standIn.Join(services);
    }

    public async ValueTask DisposeAsync()
    {
        stopping = true;
        if (pins is not null)
            await pins.DisposeAsync();
        if (daemons is not null)
            await daemons.DisposeAsync();
    }

    // The nodes go on and say what they cannot reach; why is said here.
    private async Task ReportEndAsync(string name, IpfsDaemon daemon)
    {
        await daemon.Ended;
        if (!stopping)
            await Console.Error.WriteLineAsync($"The IPFS daemon of {name} ended; start the sandbox again. It last printed:\n{daemon.Output}");
    }
}
