using System.Net.Http.Headers;
using System.Text;

namespace HealthShare.Vault.Content.Ipfs;

/// <summary>Where a daemon's HTTP interface is, how to sign in there, and how patient to be.</summary>
public record IpfsEndpoint
{
    /// <summary>Address without path, such as <c>http://127.0.0.1:5001</c>; http or https.</summary>
    public required Uri Url { get; init; }

    /// <summary>Sent with every call; null sends none. See <see cref="ParseSecret"/>.</summary>
    public AuthenticationHeaderValue? Authorization { get; init; }

    /// <summary>PEM file with the only authorities trusted for https; null trusts the system's.</summary>
    public string? CaFile { get; init; }

    /// <summary>Longest wait for a connection. Default 5 seconds.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest a short call may take, and longest a stream may stand still. Default 30 seconds.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Repetitions of a call that found nobody or a busy daemon, 0 to 10. Only calls that are safe to repeat. Default 3.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>Pause before the first repetition, doubled each time, with jitter. Default 200 milliseconds.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long nothing is sent after most calls failed, at least 500 milliseconds. Default 5 seconds.</summary>
    public TimeSpan BreakDuration { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Reads a secret in the form that Kubo's configuration uses: <c>bearer:TOKEN</c> or <c>basic:USER:PASSWORD</c>.</summary>
    /// <exception cref="FormatException">It is neither.</exception>
    public static AuthenticationHeaderValue ParseSecret(string secret)
    {
        if (secret.StartsWith("bearer:", StringComparison.Ordinal) && secret.Length > 7
            && secret.AsSpan(7).IndexOfAnyExceptInRange('!', '~') < 0)
            return new("Bearer", secret[7..]);
        if (secret.StartsWith("basic:", StringComparison.Ordinal) && secret.IndexOf(':', 6) > 6)
            return Basic(secret[6..]);
        throw new FormatException("Expected bearer:TOKEN or basic:USER:PASSWORD.");
    }

    /// <summary>Basic authorization.</summary>
    public static AuthenticationHeaderValue Basic(string user, string password) => Basic($"{user}:{password}");

    private static AuthenticationHeaderValue Basic(string pair) => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
}
