using System.Data.Common;

namespace HealthShare.Node.ReadModel;

/// <summary>Works through tasks that blocks bring: at each new block, and as tasks that were put off come due.</summary>
internal abstract partial class TaskWorker(IReadModel readModel, TimeProvider clock, ILogger logger) : BackgroundService
{
    private const int AtOnce = 8; // they wait for blocks most of the time, and share them this way
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>How long a task waits after so many failures: a tenth of a second, then twice as long each time, at most a minute.</summary>
    public static TimeSpan PauseAfter(int attempts)
    {
        var pause = FirstPause * Math.Pow(2, Math.Min(attempts, 16));
        return pause < LongestPause ? pause : LongestPause;
    }

    /// <summary>Where a worker writes what it did.</summary>
    protected ILogger Log => logger;

    /// <summary>Advances what is due.</summary>
    /// <returns>True when something moved, so that there may be more to do at once.</returns>
    public abstract Task<bool> RunOnceAsync(CancellationToken ct);

    /// <summary>When the next task is due; null where there is none.</summary>
    protected abstract Task<DateTimeOffset?> NextDueAsync(CancellationToken ct);

    /// <summary>Advances tasks, some at once. True when one moved.</summary>
    protected static async Task<bool> EachAsync<T>(IReadOnlyList<T> tasks, Func<T, CancellationToken, Task<bool>> advance, CancellationToken ct)
    {
        var moved = 0;
        await Parallel.ForEachAsync(tasks, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (task, token) =>
        {
            if (await advance(task, token))
                Interlocked.Increment(ref moved);
        });
        return moved > 0;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var height = readModel.Height;
            var wait = LongestWait;
            try
            {
                if (await RunOnceAsync(stoppingToken))
                    continue;
                if (await NextDueAsync(stoppingToken) is { } due)
                    wait = TimeSpan.FromTicks(Math.Clamp((due - clock.GetUtcNow()).Ticks, ShortestWait.Ticks, LongestWait.Ticks));
            }
            catch (DbException e) // away for now: the tasks stay where they are
            {
                LogNoDatabase(e);
                await Task.Delay(LongestWait, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            await WaitAsync(height, wait, stoppingToken);
        }
    }

    private async Task WaitAsync(ulong height, TimeSpan longest, CancellationToken ct)
    {
        if (readModel.Fault is not null) // no block will come
            await Task.Delay(longest, clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        else
            await readModel.WaitForAsync(height, ct).WaitAsync(longest, clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    [LoggerMessage(3711, LogLevel.Warning, "Work that blocks brought waits for the database.")]
    private partial void LogNoDatabase(Exception e);
}
