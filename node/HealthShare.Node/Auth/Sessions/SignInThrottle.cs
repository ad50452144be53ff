using System.Collections.Concurrent;
using HealthShare.Node.Problems;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Auth.Sessions;

/// <summary>
/// Slows down who tries again and again with one passkey from one address. Somebody else at another address is not kept out by that, and
/// a passkey that does not exist is treated alike. Thread-safe.
/// </summary>
internal sealed class SignInThrottle(IOptions<SignInOptions> options, TimeProvider clock)
{
    private const int Most = 50_000;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, (int Count, DateTimeOffset Until)> refusals = new(StringComparer.Ordinal);

    /// <exception cref="ApiProblemException">Too many attempts were refused; 429.</exception>
    public void Check(string address, string credentialId)
    {
        var now = clock.GetUtcNow();
        if (refusals.TryGetValue(KeyOf(address, credentialId), out var known) && known.Until > now
            && known.Count >= options.Value.RefusalsPerMinute)
            throw new ApiProblemException(ApiProblem.TooManyRequests with { RetryAfter = known.Until - now });
    }

    /// <summary>Counts a refusal.</summary>
    public void Refused(string address, string credentialId)
    {
        var now = clock.GetUtcNow();
        if (refusals.Count >= Most)
        {
            foreach (var (key, _) in refusals.Where(entry => entry.Value.Until <= now).ToList())
                refusals.TryRemove(key, out _);
            if (refusals.Count >= Most)
                return; // each address has its limit of attempts besides
        }
        refusals.AddOrUpdate(KeyOf(address, credentialId), _ => (1, now + Window),
            (_, known) => known.Until > now ? (known.Count + 1, known.Until) : (1, now + Window));
    }

    private static string KeyOf(string address, string credentialId) => $"{address} {credentialId}";
}
