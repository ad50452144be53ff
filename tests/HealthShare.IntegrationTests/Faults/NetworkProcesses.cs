using System.Diagnostics;
using HealthShare.IntegrationTests.Support;

namespace HealthShare.IntegrationTests.Faults;

/// <summary>
/// The processes of a network that <c>network/fabric/up</c> started, by the ids that it wrote down. What was killed, <c>up</c>
/// starts again.
/// </summary>
internal static class NetworkProcesses
{
    private static readonly TimeSpan UpLimit = TimeSpan.FromMinutes(2);

    private static string Folder => Path.GetDirectoryName(Backend.ConnectionPath)!;

    /// <summary>Names of the processes, such as <c>orderer1</c> and <c>peer-NorthMSP</c>, that begin as given.</summary>
    public static IReadOnlyList<string> Named(string beginning) => [.. Directory.GetFiles(Path.Combine(Folder, "pids"), $"{beginning}*")
        .Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    public static async Task KillAsync(params IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            using var process = Find(name);
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    public static Task FreezeAsync(string name) => SignalAsync(name, "STOP");

    public static Task ThawAsync(string name) => SignalAsync(name, "CONT");

    /// <summary>Starts what does not run.</summary>
    public static async Task StartMissingAsync()
    {
        var up = Path.Combine(RepositoryRoot(), "network", "fabric", "up");
        var start = new ProcessStartInfo(up) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["NET_DIR"] = Folder;
        using var process = Process.Start(start)!;
        var said = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var patience = new CancellationTokenSource(UpLimit);
        await process.WaitForExitAsync(patience.Token);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{up} failed: {string.Join('\n', await said)}");
    }

    private static async Task SignalAsync(string name, string signal)
    {
        using var target = Find(name);
        using var kill = Process.Start("kill", [$"-{signal}", $"{target.Id}"]);
        await kill.WaitForExitAsync();
        if (kill.ExitCode != 0)
            throw new InvalidOperationException($"The signal {signal} could not be sent to {name}.");
    }

    // The id, the start time and the boot: an id that was given to another process since must not be signalled.
    private static Process Find(string name)
    {
        var recorded = File.ReadAllText(Path.Combine(Folder, "pids", name)).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        var stat = File.ReadAllText($"/proc/{recorded[0]}/stat");
        var started = stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19];
        return started == recorded[1] && File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim() == recorded[2]
            ? Process.GetProcessById(int.Parse(recorded[0]))
            : throw new InvalidOperationException($"{name} does not run.");
    }

    private static string RepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "HealthShare.sln")))
                return folder.FullName;
        }
        throw new InvalidOperationException("The tests do not lie in the repository.");
    }
}
