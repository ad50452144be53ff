namespace HealthShare.Fabric.Client;

/// <summary>Growing pauses between attempts, each somewhat random so that clients do not come back all at once.</summary>
internal sealed class Backoff(GatewayOptions options)
{
    private const double Spread = 0.2;

    /// <summary>The next pause before it is spread.</summary>
    public TimeSpan Next { get; private set; } = options.ReconnectDelay;

    public Task WaitAsync(CancellationToken ct)
    {
        var pause = Next * (1 - Spread + (2 * Spread * Random.Shared.NextDouble()));
        Next = Next * 2 < options.MaxReconnectDelay ? Next * 2 : options.MaxReconnectDelay;
        return Task.Delay(pause, options.TimeProvider, ct);
    }

    public void Reset() => Next = options.ReconnectDelay;
}
