namespace HealthShare.Node.Content.Keeping;

/// <summary>Spreads work over time: so many units a second, no more than a second's worth at once.</summary>
internal sealed class Pace(double perSecond, TimeProvider clock)
{
    private readonly Lock gate = new();
    private DateTimeOffset paidUntil = DateTimeOffset.MinValue;

    /// <summary>Waits until these units may be spent; they may be spent at once when little was before.</summary>
    public Task SpendAsync(double units, CancellationToken ct)
    {
        TimeSpan wait;
        lock (gate)
        {
            var now = clock.GetUtcNow();
            var from = paidUntil > now - TimeSpan.FromSeconds(1) ? paidUntil : now - TimeSpan.FromSeconds(1);
            paidUntil = from + TimeSpan.FromSeconds(units / perSecond);
            wait = paidUntil - now;
        }
        return wait > TimeSpan.Zero ? Task.Delay(wait, clock, ct) : Task.CompletedTask;
    }
}
