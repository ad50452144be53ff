using System.Collections.Concurrent;

namespace HealthShare.Node.ReadModel;

/// <summary>
/// What was made of the copy of the channel, such as a patient's verified statements, kept until the next block. A revocation that has
/// arrived is therefore never missed: with its block all of it is gone.
/// </summary>
internal sealed class ReplicaCache(IReadModel readModel, TimeProvider clock)
{
    private const int MostKept = 10_000;

    // What counts by the clock and not by a block, the end of a waiting time of days, is seen so much later.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private volatile Generation current = new(0, 0, DateTimeOffset.MinValue);
    private long changes;

    /// <summary>Forgets everything; call it when something that results were made of has changed, and is committed, without a block.</summary>
    public void Clear() => Interlocked.Increment(ref changes);

    /// <summary>Finds a result, or makes it. Results are shared: never change one.</summary>
    /// <param name="key">Names what is made, and of what.</param>
    /// <param name="make">Makes it; others who want it meanwhile wait for the same.</param>
    /// <param name="ct">Stops the wait.</param>
    public async Task<T> GetAsync<T>(string key, Func<CancellationToken, Task<T>> make, CancellationToken ct)
    {
        var generation = Current();
        if (!generation.Made.TryGetValue(key, out var made))
        {
            if (generation.Made.Count >= MostKept)
                generation.Made.Clear();
            made = generation.Made.GetOrAdd(key, new Lazy<Task>(() => Task.Run(() => make(CancellationToken.None), CancellationToken.None)));
        }
        try
        {
            return await ((Task<T>)made.Value).WaitAsync(ct);
        }
        catch when (made.Value.IsFaulted)
        {
            generation.Made.TryRemove(new(key, made)); // the next one tries again
            throw;
        }
    }

    // Height and changes are read before anything is made of the state: what is made is at least as new as they say.
    private Generation Current()
    {
        var (height, changed, now) = (readModel.Height, Interlocked.Read(ref changes), clock.GetUtcNow());
        var generation = current;
        return generation.Height == height && generation.Changes == changed && (now - generation.Begun).Duration() < Longest
            ? generation
            : current = new Generation(height, changed, now);
    }

    private sealed record Generation(ulong Height, long Changes, DateTimeOffset Begun)
    {
        public ConcurrentDictionary<string, Lazy<Task>> Made { get; } = new(StringComparer.Ordinal);
    }
}
