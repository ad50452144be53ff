using System.Diagnostics;
using System.Globalization;

namespace HealthShare.Sandbox.Ipfs;

/// <summary>What a daemon leaves behind when it, or the process that started it, was killed: a lock, perhaps itself.</summary>
internal static class LeftBehind
{
    // Both times come from the system's count since its start, turned into clock time by two processes.
    private static readonly TimeSpan SameStart = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(10);

    /// <summary>Notes which process works on a repository.</summary>
    public static void Record(string repository, Process process) => File.WriteAllText(
        RecordOf(repository), $"{process.Id} {process.StartTime.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture)}\n");

    /// <summary>Ends the process that still works on the repository, and takes away the lock of one that is dead.</summary>
    /// <remarks>A process is ended only if it started when the noted one did: process ids are used again.</remarks>
    public static async Task ClearAsync(string repository, CancellationToken ct)
    {
        var record = RecordOf(repository);
        if (!File.Exists(record))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(record)!);
            return;
        }
        if (Find(await File.ReadAllTextAsync(record, ct)) is { } running)
        {
            using (running)
            {
                running.Kill();
                // One that nobody has asked how it ended still counts as a process for the system, and is dead all the same.
                await Task.WhenAny(running.WaitForExitAsync(ct), Task.Delay(KillLimit, ct));
                ct.ThrowIfCancellationRequested();
            }
        }
        // A lock without its owner would hold the next daemon up for twenty seconds.
        var held = Path.Combine(repository, "repo.lock");
        if (Directory.Exists(held))
            Directory.Delete(held, recursive: true);
        File.Delete(record);
    }

    // Beside the repository: a test that empties a repository does not lose track of its daemon.
    private static string RecordOf(string repository) => $"{Path.TrimEndingDirectorySeparator(repository)}.process";

    private static Process? Find(string record)
    {
        // A record that was cut short by a crash names nobody.
        if (record.Trim().Split(' ') is not [var id, var started]
            || !int.TryParse(id, CultureInfo.InvariantCulture, out var processId)
            || !DateTime.TryParse(started, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var start))
        {
            return null;
        }
        try
        {
            var process = Process.GetProcessById(processId);
            if (!process.HasExited && (process.StartTime.ToUniversalTime() - start).Duration() < SameStart)
                return process;
            process.Dispose();
            return null;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // It has ended, before or while it was looked at.
            return null;
        }
    }
}
