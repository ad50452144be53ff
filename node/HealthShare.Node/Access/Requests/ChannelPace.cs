namespace HealthShare.Node.Access.Requests;

/// <summary>
/// How long the channel takes for a decision. What it was not asked about, since there is nothing to ask about, waits as long, so that
/// the time of an answer does not tell what exists from what does not.
/// </summary>
internal sealed class ChannelPace(TimeProvider clock)
{
    private const int Kept = 32;

    // Until the channel was asked once: about a block.
    private static readonly TimeSpan Unmeasured = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Lately = TimeSpan.FromMinutes(10);
    private readonly Lock gate = new();
    private readonly Queue<(long At, TimeSpan Took)> last = new(Kept);

    /// <summary>Does what asks the channel, and remembers how long that took.</summary>
    public async Task MeasureAsync(Func<Task> ask)
    {
        var began = clock.GetTimestamp();
        await ask();
        var took = clock.GetElapsedTime(began);
        lock (gate)
        {
            if (last.Count == Kept)
                last.Dequeue();
            last.Enqueue((clock.GetTimestamp(), took));
        }
    }

    /// <summary>Waits as long as one of the last ten minutes' decisions took, five seconds at most.</summary>
    public Task WaitAsync(CancellationToken ct) => Task.Delay(Pick(), clock, ct);

    private TimeSpan Pick()
    {
        lock (gate)
        {
            while (last.TryPeek(out var oldest) && clock.GetElapsedTime(oldest.At) > Lately)
                last.Dequeue();
            var one = last.Count == 0 ? Unmeasured : last.ElementAt(Random.Shared.Next(last.Count)).Took;
            return one < Longest ? one : Longest;
        }
    }
}
