namespace HealthShare.Vault.Content.Ipfs;

/// <summary>One call.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Name">Name for errors and metrics; a fixed word without ids.</param>
/// <param name="Path">Path and query, relative to the daemon's address.</param>
internal sealed record IpfsCall(HttpMethod Method, string Name, string Path)
{
    /// <summary>Longest the call may take; null is the endpoint's.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Makes the body of one attempt; null sends none.</summary>
    public Func<StallClock, HttpContent>? Content { get; init; }

    /// <summary>Asked before a repetition.</summary>
    public Func<bool> MayRepeat { get; init; } = () => true;
}
