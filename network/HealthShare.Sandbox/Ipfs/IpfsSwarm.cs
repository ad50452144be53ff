using System.Security.Cryptography;

namespace HealthShare.Sandbox.Ipfs;

/// <summary>Several daemons that share a swarm key and are connected to each other.</summary>
internal sealed class IpfsSwarm : IAsyncDisposable
{
    private readonly IpfsLauncher launcher;
    private readonly string folder;
    private readonly Dictionary<string, IpfsDaemon> daemons = [];

    private IpfsSwarm(IpfsLauncher launcher, string folder) => (this.launcher, this.folder) = (launcher, folder);

    public IReadOnlyDictionary<string, IpfsDaemon> Daemons => daemons;

    /// <summary>Starts the daemons and connects each to each.</summary>
    /// <param name="launcher">The script and its packages, installed.</param>
    /// <param name="folder">Keeps the swarm's key and a repository for each name between starts.</param>
    /// <param name="names">A short name for each daemon.</param>
    /// <param name="ct">Gives the start up.</param>
    /// <exception cref="SandboxException">A daemon did not start.</exception>
    public static async Task<IpfsSwarm> StartAsync(IpfsLauncher launcher, string folder, IEnumerable<string> names, CancellationToken ct)
    {
        Directory.CreateDirectory(folder);
        var swarm = new IpfsSwarm(launcher, folder);
        if (!File.Exists(swarm.KeyFile))
            WriteNewKey(swarm.KeyFile);
        try
        {
            var starts = names.ToDictionary(name => name, name => IpfsDaemon.StartAsync(launcher, swarm.RepositoryOf(name), swarm.KeyFile, ct));
            await swarm.AddAsync(starts);
            foreach (var (name, daemon) in swarm.daemons)
                await swarm.ConnectToOthersAsync(name, daemon, ct);
            return swarm;
        }
        catch
        {
            await swarm.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a daemon that has ended on what it kept, and connects it again.</summary>
    public async Task<IpfsDaemon> RestartAsync(string name, CancellationToken ct)
    {
        await daemons[name].DisposeAsync();
        daemons[name] = await IpfsDaemon.StartAsync(launcher, RepositoryOf(name), KeyFile, ct);
        await ConnectToOthersAsync(name, daemons[name], ct);
        return daemons[name];
    }

    /// <summary>Writes a key of 256 random bits that only its owner may read.</summary>
    public static void WriteNewKey(string path)
    {
        var temporary = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var writer = new StreamWriter(temporary, options))
            writer.Write($"/key/swarm/psk/1.0.0/\n/base16/\n{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32))}\n");
        File.Move(temporary, path, overwrite: true);
    }

    public async ValueTask DisposeAsync() =>
        await Task.WhenAll(daemons.Values.Select(daemon => daemon.DisposeAsync().AsTask()));

    private string KeyFile => Path.GetFullPath(Path.Combine(folder, "swarm.key"));

    private string RepositoryOf(string name) => Path.GetFullPath(Path.Combine(folder, name));

    // Those that did start are kept also when one did not: they have to be stopped.
    private async Task AddAsync(Dictionary<string, Task<IpfsDaemon>> starts)
    {
        try
        {
            await Task.WhenAll(starts.Values);
        }
        finally
        {
            foreach (var (name, start) in starts.Where(start => start.Value.IsCompletedSuccessfully))
                daemons[name] = await start;
        }
    }

    private async Task ConnectToOthersAsync(string name, IpfsDaemon daemon, CancellationToken ct)
    {
        foreach (var (_, other) in daemons.Where(other => other.Key != name && !other.Value.Ended.IsCompleted))
            await daemon.ConnectAsync(other, ct);
    }
}
