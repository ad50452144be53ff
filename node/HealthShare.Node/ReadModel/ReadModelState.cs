using Microsoft.Extensions.Options;

namespace HealthShare.Node.ReadModel;

/// <summary>Height, freshness and waiters; written by <see cref="Projector"/> and <see cref="FreshnessWorker"/>.</summary>
internal sealed class ReadModelState(IOptions<ReadModelOptions> options, TimeProvider clock) : IReadModel
{
    private readonly Lock gate = new();
    private TaskCompletionSource moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ulong height;
    private string? fault;
    private (DateTimeOffset At, long Timestamp)? complete;

    public ulong Height { get { lock (gate) return height; } }

    public string? Fault { get { lock (gate) return fault; } }

    public DateTimeOffset? CompleteAsOf { get { lock (gate) return complete?.At; } }

    public bool IsFresh
    {
        get
        {
            (DateTimeOffset At, long Timestamp) known;
            lock (gate)
            {
                if (fault is not null || complete is not { } last)
                    return false;
                known = last;
            }
            // A clock that is set back makes nothing younger, nor does a machine that slept, whose timestamps stood still.
            return clock.GetElapsedTime(known.Timestamp) <= options.Value.StaleAfter && clock.GetUtcNow() - known.At <= options.Value.StaleAfter;
        }
    }

    public async Task WaitForAsync(ulong block, CancellationToken ct)
    {
        while (true)
        {
            Task next;
            lock (gate)
            {
                if (height > block)
                    return;
                if (fault is not null)
                    throw new InvalidOperationException($"The copy of the channel has stopped: {fault}");
                next = moved.Task;
            }
            await next.WaitAsync(ct);
        }
    }

    public void Applied(ulong newHeight) => Move(() => height = newHeight);

    public void Stopped(string reason) => Move(() => fault = reason);

    /// <summary>The members' highest height, as it was at a moment: complete if the copy holds as much.</summary>
    /// <param name="highest">The highest height.</param>
    /// <param name="at">The moment, by the clock: for display.</param>
    /// <param name="timestamp">The same moment, by <see cref="TimeProvider.GetTimestamp"/>.</param>
    public void Compared(ulong highest, DateTimeOffset at, long timestamp)
    {
        lock (gate)
        {
            if (height >= highest)
                complete = (at, timestamp);
        }
    }

    private void Move(Action change)
    {
        TaskCompletionSource old;
        lock (gate)
        {
            change();
            (old, moved) = (moved, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        old.SetResult();
    }
}
