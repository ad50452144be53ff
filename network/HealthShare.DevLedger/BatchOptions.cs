namespace HealthShare.DevLedger;

/// <summary>When a block is cut: whichever limit is reached first.</summary>
public sealed record BatchOptions
{
    /// <summary>Most transactions in a block, 1 to 10,000. Default 500.</summary>
    public int MaxMessageCount { get; init; } = 500;

    /// <summary>
    /// Bytes of transactions after which a block is cut, 1 KiB to 64 MiB. A larger transaction gets a block of its own.
    /// Default 2 MiB.
    /// </summary>
    public int PreferredMaxBytes { get; init; } = 2 * 1024 * 1024;

    /// <summary>
    /// Longest that the first transaction of a block waits for more, up to 10 s. Zero: a block is cut as soon as the one before
    /// it is on the disk, of what has come meanwhile, which commits soonest and most. Default 20 ms, so that transactions sent at
    /// the same time share a block, and meet there, as they do on a network.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Largest transaction that is accepted, in bytes: 32 MiB, or <see cref="PreferredMaxBytes"/> where that is more.</summary>
    public int AbsoluteMaxBytes => Math.Max(32 * 1024 * 1024, PreferredMaxBytes);

    internal IEnumerable<string> Problems()
    {
        if (MaxMessageCount is < 1 or > 10_000)
            yield return $"Batch.MaxMessageCount is {MaxMessageCount}; expected 1 to 10,000.";
        if (PreferredMaxBytes is < 1024 or > 64 * 1024 * 1024)
            yield return $"Batch.PreferredMaxBytes is {PreferredMaxBytes}; expected 1 KiB to 64 MiB.";
        if (Timeout < TimeSpan.Zero || Timeout > TimeSpan.FromSeconds(10))
            yield return $"Batch.Timeout is {Timeout}; expected 0 to 10 s.";
    }
}
