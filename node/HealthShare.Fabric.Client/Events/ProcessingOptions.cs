namespace HealthShare.Fabric.Client;

/// <summary>How a handler is fed.</summary>
public sealed record ProcessingOptions
{
    /// <summary>Where to begin while no position is stored. Default: the channel's first block.</summary>
    public EventStart Start { get; init; } = EventStart.Oldest;

    /// <summary>Number of the last block wanted; null, the default, goes on without end.</summary>
    public ulong? Last { get; init; }

    /// <summary>How often a failing handler is called for one item, 1 to 1000. Default 5.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>Pause after a handler's first failure, doubled after each further one. Default 200 milliseconds.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Longest pause between a handler's attempts. Default 30 seconds.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(30);

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Attempts, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Attempts, 1000);
        ArgumentOutOfRangeException.ThrowIfLessThan(RetryDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRetryDelay, RetryDelay);
    }
}
