using System.Text;
using System.Text.RegularExpressions;
using HealthShare.Fabric.Protocol.Grpc;

namespace HealthShare.Fabric.Client.Peers;

/// <summary>A gateway peer that could not serve a call, and why.</summary>
internal sealed partial record PeerFailure(GatewayPeer Peer, RpcException Error)
{
    /// <summary>Whether another peer may do better, as opposed to a refusal that any of them would give.</summary>
    public static bool IsOfPeer(RpcException e, LedgerStage stage) => e.Origin switch
    {
        RpcOrigin.Closed => false,
        RpcOrigin.Answer => e.Status switch
        {
            _ when IsBusy(e) => true,
            StatusCode.Unavailable or StatusCode.Cancelled or StatusCode.DeadlineExceeded => true,
            // After its start a peer knows the channel, or who could endorse, later than its neighbours do.
            StatusCode.FailedPrecondition or StatusCode.NotFound => stage is LedgerStage.Endorse or LedgerStage.Evaluate,
            // A peer aborts a question about a commit for reasons of its own only.
            StatusCode.Aborted => stage is LedgerStage.CommitStatus || IsAtWork(e),
            _ => false,
        },
        _ => true,
    };

    /// <summary>
    /// Whether a peer is still executing the same transaction, which another gateway had it begin and gave up waiting for. A peer
    /// goes on when its caller has gone.
    /// </summary>
    public static bool IsAtWork(RpcException e) => Exists().IsMatch(e.Detail) || Exists().IsMatch(Encoding.UTF8.GetString(e.StatusDetails.Span));

    /// <summary>Whether a message is longer than this client or the peer takes; no waiting helps.</summary>
    public static bool IsTooLarge(RpcException e) => e.Status is StatusCode.ResourceExhausted
        && (e.Detail.Contains("larger than max", StringComparison.Ordinal) || e.Detail.Contains("bytes; the limit is", StringComparison.Ordinal));

    /// <summary>Whether the peer has no room for the call: a 2.5 peer's gateway says so as an unknown error, in words.</summary>
    public static bool IsBusy(RpcException e) => (e.Status is StatusCode.ResourceExhausted && !IsTooLarge(e))
        || e.Status is StatusCode.Unknown && e.Detail.StartsWith("too many requests for ", StringComparison.Ordinal);

    [GeneratedRegex(@"txid: [0-9a-f]{64}\([^)]*\) exists", RegexOptions.CultureInvariant)]
    private static partial Regex Exists();
}
