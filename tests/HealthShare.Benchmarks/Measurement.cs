using System.Diagnostics;

namespace HealthShare.Benchmarks;

/// <summary>Runs two pieces of work by turns, so that a busy moment of the machine hits both, and compares the best of each.</summary>
internal static class Measurement
{
    /// <summary>
    /// Seconds that each takes: the shortest of <paramref name="rounds"/>, after one round that does not count. What else the
    /// machine does can only add time, so the shortest says most about the work itself.
    /// </summary>
    /// <param name="ours">Our work.</param>
    /// <param name="peer">What it is held against.</param>
    /// <param name="rounds">Rounds that count.</param>
    /// <param name="cleanUp">Runs after each round and is not measured; null for nothing.</param>
    /// <param name="progress">A line for each round.</param>
    /// <param name="ct">Stops between rounds.</param>
    public static async Task<(double Ours, double Peer)> ByTurnsAsync(Func<Task> ours, Func<Task> peer, int rounds, Func<Task>? cleanUp,
        TextWriter progress, CancellationToken ct)
    {
        var times = (Ours: new List<double>(), Peer: new List<double>());
        for (var round = 0; round <= rounds; round++)
        {
            ct.ThrowIfCancellationRequested();
            var (one, other) = (await SecondsAsync(ours), await SecondsAsync(peer));
            await progress.WriteLineAsync($"round {round} of {rounds}: ours {one:F3} s, peer {other:F3} s{(round == 0 ? " (warm-up)" : "")}");
            if (cleanUp is not null)
                await cleanUp();
            if (round == 0)
                continue;
            times.Ours.Add(one);
            times.Peer.Add(other);
        }
        return (times.Ours.Min(), times.Peer.Min());
    }

    /// <summary>Keeps this process on one core, where the system can.</summary>
    public static void UseOneCore()
    {
        if (OperatingSystem.IsLinux() || OperatingSystem.IsWindows())
        {
            using var process = Process.GetCurrentProcess();
            process.ProcessorAffinity = 1;
        }
    }

    private static async Task<double> SecondsAsync(Func<Task> work)
    {
        GC.Collect();
        var started = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>The smallest value that so many per cent of the values do not exceed; 0 of none.</summary>
    public static double Percentile(IEnumerable<double> values, int percent)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? 0 : sorted[Math.Max(0, (int)Math.Ceiling(sorted.Length * percent / 100.0) - 1)];
    }

    /// <summary>The middle value, or the mean of the two in the middle; 0 of none.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        var middle = sorted.Length / 2;
        return sorted.Length == 0 ? 0 : sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
