namespace HealthShare.Benchmarks.Fabric;

/// <summary>What one round of load took.</summary>
/// <param name="Count">Transactions or queries.</param>
/// <param name="Seconds">From the first to the last answer.</param>
/// <param name="ProcessorSeconds">Processor time of the client's process meanwhile, in user and system mode.</param>
/// <param name="P50">Median of the single ones' milliseconds.</param>
/// <param name="P95">95th percentile of the single ones' milliseconds.</param>
/// <param name="Failed">How many failed.</param>
/// <param name="FirstError">What the first of these said; null where none failed.</param>
internal sealed record LoadRound(
    int Count, double Seconds, double ProcessorSeconds, double P50, double P95, int Failed, string? FirstError)
{
    public double PerSecond => Count / Seconds;

    public double ProcessorMilliseconds => ProcessorSeconds * 1000 / Count;
}

/// <summary>A client that puts load on a channel.</summary>
internal interface ILoad : IAsyncDisposable
{
    /// <summary>Runs one round, many at once.</summary>
    Task<LoadRound> RunAsync(LoadKind kind, int count, CancellationToken ct);
}

/// <summary>What is sent.</summary>
internal enum LoadKind
{
    /// <summary>Puts under fresh keys, from proposal to commit.</summary>
    Submit,
    /// <summary>Queries of one key.</summary>
    Evaluate,
}

/// <summary>The load that both sides send.</summary>
internal static class Load
{
    /// <summary>Transactions in flight.</summary>
    public const int InFlight = 96;

    /// <summary>Bytes of a value.</summary>
    public const int ValueSize = 256;

    /// <summary>The key that queries read; put there before the first round.</summary>
    public const string QueriedKey = "benchmark";
}
