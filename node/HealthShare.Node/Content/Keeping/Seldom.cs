using System.Collections.Concurrent;

namespace HealthShare.Node.Content.Keeping;

/// <summary>Lets the same complaint through once a minute, however many records meet with it. Thread-safe.</summary>
internal sealed class Seldom(TimeProvider clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, DateTimeOffset> told = new(StringComparer.Ordinal);

    /// <summary>True when nobody was told of it within the last minute.</summary>
    public bool MayTell(string what)
    {
        var now = clock.GetUtcNow();
        return told.TryGetValue(what, out var before)
            ? now - before >= Pause && told.TryUpdate(what, now, before)
            : told.TryAdd(what, now);
    }
}
