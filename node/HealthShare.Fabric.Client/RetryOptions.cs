namespace HealthShare.Fabric.Client;

/// <summary>How often, and after which pauses, what is certain to have had no effect is tried again.</summary>
public sealed record RetryOptions
{
    /// <summary>
    /// Attempts in all at a transaction that has an idempotency key and meets a conflict at commit (MVCC or phantom), endorsers
    /// that are not equally far, or a busy gateway; and at a query that meets a busy gateway. 1 or more; 1 never tries again.
    /// Default 6.
    /// </summary>
    public int Attempts { get; init; } = 6;

    /// <summary>Pause before the second attempt, spread by half up and down; each further one doubles it. Default 100 milliseconds.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest such pause before it is spread. Default 5 seconds.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(5);

    // Rivals that met once must not meet again, hence the wide spread.
    internal TimeSpan DelayAfter(int attempt)
    {
        var delay = FirstDelay * Math.Pow(2, Math.Min(attempt - 1, 30));
        return (delay < MaxDelay ? delay : MaxDelay) * (0.5 + Random.Shared.NextDouble());
    }
}
