using System.Net;

namespace HealthShare.Vault.Content.Ipfs;

/// <summary>How a call of a daemon failed.</summary>
public enum IpfsFailure
{
    /// <summary>Nobody answers at the address, or so many calls failed that none is made for a while.</summary>
    Unreachable,

    /// <summary>The daemon is overloaded or starting (503 and the like).</summary>
    Busy,

    /// <summary>No answer, or no further byte of it, within the time allowed.</summary>
    TimedOut,

    /// <summary>The daemon refuses this caller (401, 403).</summary>
    Denied,

    /// <summary>The daemon did the call and says why it failed.</summary>
    Refused,

    /// <summary>The answer began well and broke off: its bytes are not all there.</summary>
    Cut,

    /// <summary>The answer is not one that an IPFS daemon gives: a redirect, a web page, too long, or malformed.</summary>
    BadAnswer,
}

/// <summary>A call of an IPFS or Cluster daemon failed.</summary>
public sealed class IpfsException(string call, IpfsFailure failure, string reason, HttpStatusCode? status = null, Exception? inner = null)
    : IOException($"{call}: {reason}", inner)
{
    /// <summary>The call, such as <c>block/get</c>.</summary>
    public string Call { get; } = call;

    /// <summary>How it failed.</summary>
    public IpfsFailure Failure { get; } = failure;

    /// <summary>The daemon's own words, shortened and without control characters, or ours where it gave none.</summary>
    public string Reason { get; } = reason;

    /// <summary>The HTTP status, where there was one.</summary>
    public HttpStatusCode? Status { get; } = status;

    /// <summary>True when the same call may succeed soon.</summary>
    public bool IsTransient => Failure is IpfsFailure.Unreachable or IpfsFailure.Busy or IpfsFailure.TimedOut or IpfsFailure.Cut;

    // Daemons have no codes for these: only words, which have been stable for years (Kubo and js-ipfs).
    internal bool SaysNotPinned => Failure is IpfsFailure.Refused && Says("not pinned", "pinned indirectly");

    internal bool SaysAbsent => Failure is IpfsFailure.Refused
        && Says("not found", "could not find", "timed out", "deadline exceeded", "not part of the pinset");

    /// <summary>Whether time ran out, here or at the daemon.</summary>
    internal bool RanOutOfTime => Failure is IpfsFailure.TimedOut || (Failure is IpfsFailure.Refused && Says("timed out", "deadline exceeded"));

    private bool Says(params ReadOnlySpan<string> words)
    {
        foreach (var word in words)
        {
            if (Reason.Contains(word, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }
}
