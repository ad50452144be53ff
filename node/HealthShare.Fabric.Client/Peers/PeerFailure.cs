using HealthShare.Fabric.Protocol.Grpc;

namespace HealthShare.Fabric.Client.Peers;

/// <summary>A gateway peer that could not serve a call, and why.</summary>
internal sealed record PeerFailure(GatewayPeer Peer, RpcException Error)
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
            StatusCode.FailedPrecondition or StatusCode.NotFound => stage is LedgerStage.Endorse,
            _ => false,
        },
        _ => true,
    };

    /// <summary>Whether the peer has no room for the call: a 2.5 peer's gateway says so as an unknown error, in words.</summary>
    public static bool IsBusy(RpcException e) => e.Status is StatusCode.ResourceExhausted
        || e.Status is StatusCode.Unknown && e.Detail.StartsWith("too many requests for ", StringComparison.Ordinal);
}
