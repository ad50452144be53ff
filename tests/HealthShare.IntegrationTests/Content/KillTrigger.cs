using System.Diagnostics;

namespace HealthShare.IntegrationTests.Content;

/// <summary>Kills a process after a time, or when a file in a folder appears or goes for the n-th time.</summary>
internal sealed class KillTrigger : IDisposable
{
    // Also ends a wait for a step that does not come.
    private const int LongestMilliseconds = 5_000;

    private readonly Lock gate = new();
    private readonly Process process;
    private readonly FileSystemWatcher? watcher;
    private readonly Timer limit;
    private bool disposed;

    private KillTrigger(Process process, int milliseconds)
    {
        this.process = process;
        limit = new Timer(_ => Kill(), null, milliseconds, Timeout.Infinite);
    }

    private KillTrigger(Process process, string folder, WatcherChangeTypes what, int times)
        : this(process, LongestMilliseconds)
    {
        watcher = new FileSystemWatcher(folder) { IncludeSubdirectories = true };
        watcher.Created += Count;
        watcher.Deleted += Count;
        watcher.EnableRaisingEvents = true;

        void Count(object sender, FileSystemEventArgs e)
        {
            if (e.ChangeType == what && Interlocked.Decrement(ref times) == 0)
                Kill();
        }
    }

    /// <summary>After a time.</summary>
    public static KillTrigger After(Process process, int milliseconds) => new(process, milliseconds);

    /// <summary>When a file or folder of a folder appears for the n-th time.</summary>
    public static KillTrigger WhenCreated(Process process, string folder, int times) => new(process, folder, WatcherChangeTypes.Created, times);

    /// <summary>After one of the steps of a store, or, for kind 0, at any time.</summary>
    public static KillTrigger OnStep(Process process, string store, int kind, Random random) => kind switch
    {
        1 => new(process, Path.Combine(store, "tmp"), WatcherChangeTypes.Created, random.Next(1, 40)), // a write has begun
        2 => new(process, Path.Combine(store, "objects"), WatcherChangeTypes.Created, random.Next(1, 40)), // a content has its name
        3 => new(process, Path.Combine(store, "objects"), WatcherChangeTypes.Deleted, random.Next(1, 40)), // a content is gone, its mark not yet
        4 => new(process, Path.Combine(store, "unpinned"), WatcherChangeTypes.Created, random.Next(1, 40)), // a mark has appeared
        5 => new(process, Path.Combine(store, "unpinned"), WatcherChangeTypes.Deleted, random.Next(1, 40)), // a mark has gone
        _ => new(process, random.Next(1, 200)),
    };

    public void Dispose()
    {
        watcher?.Dispose();
        limit.Dispose();
        lock (gate)
            disposed = true;
    }

    // A timer that was due may come after its end, when the process is no longer ours to touch.
    private void Kill()
    {
        lock (gate)
        {
            if (!disposed)
                process.Kill();
        }
    }
}
