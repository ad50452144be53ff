namespace HealthShare.Vault.Content.Ipfs;

/// <summary>Cancels work that takes too long; wound up again, work that stands still for too long.</summary>
internal sealed class StallClock : IDisposable
{
    private readonly CancellationTokenSource timer;
    private readonly CancellationTokenSource both;
    private readonly CancellationToken caller;

    public StallClock(TimeSpan limit, TimeProvider time, CancellationToken ct)
    {
        Limit = limit;
        caller = ct;
        timer = new CancellationTokenSource(limit, time);
        both = CancellationTokenSource.CreateLinkedTokenSource(ct, timer.Token);
    }

    public TimeSpan Limit { get; private set; }

    public CancellationToken Token => both.Token;

    /// <summary>True when the time, not the caller, ended the work.</summary>
    public bool IsOver => timer.IsCancellationRequested && !caller.IsCancellationRequested;

    public void Wind() => timer.CancelAfter(Limit);

    public void Wind(TimeSpan limit)
    {
        Limit = limit;
        timer.CancelAfter(limit);
    }

    /// <summary>Waiting for our own side does not count against the daemon.</summary>
    public void Pause() => timer.CancelAfter(Timeout.InfiniteTimeSpan);

    public void Dispose()
    {
        both.Dispose();
        timer.Dispose();
    }
}
