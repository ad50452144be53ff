using HealthShare.Fabric.Client.Peers;
using HealthShare.Fabric.Protocol.Grpc;

namespace HealthShare.Fabric.Client.Events;

/// <summary>Decides whether a broken stream is worth another attempt. One per reader.</summary>
internal sealed class StreamFaults(GatewayOptions options)
{
    /// <summary>
    /// How often in a row a peer may send what is not due, know neither channel nor block, or be no peer to talk to at all, before
    /// that is an error.
    /// </summary>
    public const int MostBadAnswers = 8;

    // A connection that held this long was a good one, also where the channel was quiet.
    private static readonly TimeSpan Steady = TimeSpan.FromSeconds(30);

    private readonly Backoff pause = new(options);
    private long opened;
    private int badAnswers;
    private bool served;

    /// <summary>A connection is about to be opened.</summary>
    public void Opening() => opened = options.TimeProvider.GetTimestamp();

    /// <summary>Something arrived that was due.</summary>
    public void Progressed()
    {
        served = true;
        Forgive();
    }

    /// <summary>Whether to give up after this failure.</summary>
    /// <param name="failure">What broke the stream, or kept it from being opened.</param>
    /// <param name="isOwnExpired">Whether the certificate that this client shows to the peer has expired.</param>
    public bool IsFinal(RpcException failure, bool isOwnExpired)
    {
        if (options.TimeProvider.GetElapsedTime(opened) >= Steady)
        {
            Forgive();
        }
        return failure.Status switch
        {
            // Who was served before is served again once the network's certificates are in order; who never was has a wrong root,
            // name or address. A certificate of its own that has expired is nobody else's to renew.
            _ when failure.Origin is RpcOrigin.Tls or RpcOrigin.ExpiredCertificate =>
                (!served || isOwnExpired) && ++badAnswers >= MostBadAnswers,
            // A connection that breaks says nothing of what the peer would have sent.
            _ when failure.Origin is not RpcOrigin.Answer => false,
            StatusCode.PermissionDenied or StatusCode.Unauthenticated or StatusCode.InvalidArgument
                or StatusCode.Unimplemented => true,
            // What another connection, or a peer in better order, may put right.
            StatusCode.DataLoss or StatusCode.Internal => ++badAnswers >= MostBadAnswers,
            // Said of an unknown channel, and of a block that a lagging peer does not have; the latter only ever passes. Unknown is
            // what anything but a gRPC server amounts to.
            StatusCode.NotFound or StatusCode.Unknown when !PeerFailure.IsBusy(failure) => !served && ++badAnswers >= MostBadAnswers,
            _ => false,
        };
    }

    /// <summary>Waits before the next connection.</summary>
    public Task WaitAsync(CancellationToken ct) => pause.WaitAsync(ct);

    private void Forgive()
    {
        badAnswers = 0;
        pause.Reset();
    }
}
