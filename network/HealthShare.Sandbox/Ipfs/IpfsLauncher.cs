using System.Diagnostics;
using System.Text.Json.Nodes;

namespace HealthShare.Sandbox.Ipfs;

/// <summary>The folder <c>network/ipfs/daemon</c>: a script that runs an IPFS daemon, and the npm packages that it needs.</summary>
internal sealed class IpfsLauncher
{
    /// <summary>Names the folder where it is not found above the program.</summary>
    public const string FolderVariable = "HEALTHSHARE_IPFS_DAEMON";

    /// <summary>Installs the packages as the lock file has them, and runs none of their scripts.</summary>
    public const string InstallCommand = "npm ci --ignore-scripts";

    private const string Script = "daemon.mjs";
    private const int OldestNode = 20;

    private readonly string folder;

    private IpfsLauncher(string folder) => this.folder = folder;

    /// <summary>The script's full path.</summary>
    public string ScriptPath => Path.Combine(folder, Script);

    /// <summary>True when the packages that are there are those of the lock file. npm writes its list of them last.</summary>
    public bool IsInstalled
    {
        get
        {
            var (list, locked) = (Path.Combine(folder, "node_modules", ".package-lock.json"), Path.Combine(folder, "package-lock.json"));
            if (!File.Exists(list) || !File.Exists(locked))
                return false;
            // The list lacks what is for other systems.
            var versions = Versions(locked);
            return Versions(list).All(package => versions.TryGetValue(package.Key, out var version) && version == package.Value);
        }
    }

    /// <summary>Finds the folder and checks that Node.js is there. The packages may still have to be installed.</summary>
    /// <exception cref="SandboxException">One of them is missing; the message says what to do.</exception>
    public static Task<IpfsLauncher> FindAsync(CancellationToken ct) =>
        FindAsync(Environment.GetEnvironmentVariable(FolderVariable), ct);

    /// <inheritdoc cref="FindAsync(CancellationToken)"/>
    /// <param name="named">The folder; null or empty looks for it above the program.</param>
    /// <param name="ct">Gives up.</param>
    internal static async Task<IpfsLauncher> FindAsync(string? named, CancellationToken ct)
    {
        var folder = named is { Length: > 0 } ? Path.GetFullPath(named) : FindAbove(AppContext.BaseDirectory);
        if (folder is null || !File.Exists(Path.Combine(folder, Script)))
        {
            throw new SandboxException(
                $"The IPFS daemon's folder (network/ipfs/daemon of the repository) was not found; name it in {FolderVariable}.", isUsage: true);
        }
        var version = await OutputOfAsync("node", "--version", ct);
        if (version is null || !int.TryParse(version.TrimStart('v').Split('.')[0], out var major) || major < OldestNode)
        {
            throw new SandboxException(
                $"Real IPFS daemons need Node.js {OldestNode} or later on the PATH (found: {version ?? "none"}). Without --ipfs nothing but .NET is needed.",
                isUsage: true);
        }
        return new IpfsLauncher(folder);
    }

    /// <summary>Installs the packages where they are not there yet, which takes about a minute and needs npm's registry.</summary>
    /// <exception cref="SandboxException">npm is missing or failed; the message holds its last lines and the command.</exception>
    public async Task EnsureInstalledAsync(TextWriter progress, CancellationToken ct)
    {
        if (IsInstalled)
            return;
        await progress.WriteLineAsync($"Installing the IPFS daemon's packages, once: {InstallCommand} in {folder} …");
        var started = Stopwatch.GetTimestamp();
        var start = new ProcessStartInfo(OperatingSystem.IsWindows() ? "npm.cmd" : "npm")
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error" },
        };
        using var npm = TryStart(start) ?? throw Failed("npm is not on the PATH.");
        try
        {
            var texts = Task.WhenAll(npm.StandardOutput.ReadToEndAsync(ct), npm.StandardError.ReadToEndAsync(ct));
            var exit = npm.WaitForExitAsync(ct);
            while (await Task.WhenAny(exit, Task.Delay(TimeSpan.FromSeconds(10), ct)) != exit)
                await progress.WriteLineAsync($"  … {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s");
            await exit;
            if (npm.ExitCode != 0)
                throw Failed(string.Join('\n', string.Concat(await texts).Split('\n').Where(line => line.Length > 0).TakeLast(8)));
        }
        finally
        {
            if (!npm.HasExited)
                npm.Kill(entireProcessTree: true);
        }
    }

    private SandboxException Failed(string reason) =>
        new($"The IPFS daemon's packages could not be installed: {reason}\nInstall them with '{InstallCommand}' in {folder}, then start again.");

    private static Dictionary<string, string?> Versions(string lockFile)
    {
        using var stream = File.OpenRead(lockFile);
        return JsonNode.Parse(stream)!["packages"]!.AsObject().ToDictionary(
            package => package.Key, package => package.Value!["version"]?.GetValue<string>());
    }

    private static string? FindAbove(string start)
    {
        for (var above = new DirectoryInfo(start); above is not null; above = above.Parent)
        {
            var candidate = Path.Combine(above.FullName, "network", "ipfs", "daemon");
            if (File.Exists(Path.Combine(candidate, Script)))
                return candidate;
        }
        return null;
    }

    private static async Task<string?> OutputOfAsync(string program, string argument, CancellationToken ct)
    {
        using var process = TryStart(new ProcessStartInfo(program, argument) { RedirectStandardOutput = true });
        if (process is null)
            return null;
        var output = await process.StandardOutput.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        return process.ExitCode == 0 ? output.Trim() : null;
    }

    // A program that is not there is an answer here, not a failure.
    private static Process? TryStart(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
