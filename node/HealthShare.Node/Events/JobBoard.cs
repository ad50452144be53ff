using System.Collections.Concurrent;
using HealthShare.Node.Auth;

namespace HealthShare.Node.Events;

/// <summary>How far long work of this node is. Not kept: whoever comes late sees where it is now.</summary>
internal sealed class JobBoard(EventFeed feed, TimeProvider clock)
{
    // A job that tells of each step wakes nobody more often; who looks meanwhile sees where it is.
    private static readonly TimeSpan WakeEach = TimeSpan.FromSeconds(1);

    private long woken = long.MinValue;
    private readonly ConcurrentDictionary<string, Entry> jobs = new(StringComparer.Ordinal);
    private long version;

    /// <summary>Tells how far a job is.</summary>
    /// <param name="permission">Who may see it.</param>
    /// <param name="progress">How far it is.</param>
    public void Report(Permission permission, JobProgress progress)
    {
        jobs[progress.Job] = new Entry(Interlocked.Increment(ref version), permission, progress);
        var last = Interlocked.Read(ref woken);
        if (progress.State == "running" && last != long.MinValue && clock.GetElapsedTime(last) < WakeEach)
            return;
        Interlocked.Exchange(ref woken, clock.GetTimestamp());
        feed.Wake();
    }

    /// <summary>What changed since, for this caller; each job once, as it is now.</summary>
    public (long Version, IReadOnlyList<JobProgress> Changed) Since(long seen, Caller caller)
    {
        var changed = jobs.Values.Where(job => job.Version > seen && Permissions.Allows(job.Permission, caller)).OrderBy(job => job.Version).ToList();
        return (changed.Count == 0 ? seen : changed[^1].Version, [.. changed.Select(job => job.Progress)]);
    }

    private sealed record Entry(long Version, Permission Permission, JobProgress Progress);
}
