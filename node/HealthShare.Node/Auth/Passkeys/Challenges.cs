using System.Collections.Concurrent;

namespace HealthShare.Node.Auth.Passkeys;

/// <summary>
/// What was asked of browsers and is not answered yet: one challenge per purpose and owner, good once and for five minutes. Kept in
/// memory: after a restart people begin again. Thread-safe.
/// </summary>
internal sealed class Challenges(TimeProvider clock)
{
    private const int Most = 50_000;
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(5);
    private readonly ConcurrentDictionary<string, (string State, DateTimeOffset Until)> waiting = new(StringComparer.Ordinal);
    private readonly Lock sweep = new();

    /// <summary>Keeps a challenge; an earlier one of the same owner is forgotten.</summary>
    /// <param name="purpose">What it is for, so that none answers for another.</param>
    /// <param name="owner">Who alone may answer it.</param>
    /// <param name="state">What the passkey handler wants back.</param>
    public void Keep(ChallengePurpose purpose, string owner, string state)
    {
        if (waiting.Count >= Most)
            Sweep();
        waiting[KeyOf(purpose, owner)] = (state, clock.GetUtcNow() + Life);
    }

    /// <summary>Takes a challenge out: whoever answers it, rightly or not, has used it up. Null where there is none.</summary>
    public string? Take(ChallengePurpose purpose, string owner) =>
        waiting.TryRemove(KeyOf(purpose, owner), out var kept) && kept.Until > clock.GetUtcNow() ? kept.State : null;

    // First those that are over, then the oldest: whoever fills the table has a limit of attempts, those who sign in are quick.
    private void Sweep()
    {
        lock (sweep)
        {
            if (waiting.Count < Most)
                return;
            var now = clock.GetUtcNow();
            foreach (var (key, _) in waiting.Where(entry => entry.Value.Until <= now).ToList())
                waiting.TryRemove(key, out _);
            foreach (var (key, _) in waiting.OrderBy(entry => entry.Value.Until).Take(Math.Max(0, waiting.Count - (Most / 2))).ToList())
                waiting.TryRemove(key, out _);
        }
    }

    private static string KeyOf(ChallengePurpose purpose, string owner) => $"{purpose} {owner}";
}

/// <summary>What a challenge is for.</summary>
internal enum ChallengePurpose
{
    /// <summary>Begin a session.</summary>
    SignIn,

    /// <summary>Use the passkey again within a session.</summary>
    StepUp,

    /// <summary>Register a passkey by an invitation.</summary>
    Enrolment,

    /// <summary>Register a passkey at a regulator's origin, for a patient of a hospital.</summary>
    SecondKey,
}
