namespace HealthShare.Fabric.Client.Peers;

/// <summary>
/// Decides whether a peer is asked: by its failures in a row and by whether it answers at all. Thread-safe.
/// </summary>
/// <remarks>
/// Polly's circuit breaker does not fit here. It opens by the share of failures over a span of time, so that a peer that died
/// under load goes on being asked until failures outnumber the successes before, and one that is asked once a minute never
/// opens; and whether it would let a call pass can be learned only by calling, while a choice among peers needs to know before.
/// </remarks>
internal sealed class PeerBreaker(GatewayOptions options)
{
    private const double Spread = 0.2;
    private const int Crowd = 8;

    private readonly TimeProvider clock = options.TimeProvider;
    private readonly Lock gate = new();
    private int failures;
    private bool wasReached = true;
    private int waiting;
    private long retryAt;
    private long lastSign = options.TimeProvider.GetTimestamp();

    /// <summary>Failures in a row.</summary>
    public int Failures => Volatile.Read(ref failures);

    /// <summary>
    /// Whether a peer that is Open may be asked where there is no other: all it did was to be late, which may be the fault of one
    /// chaincode while it serves the others. Few may wait for it at once, so that a peer that answers nobody costs only those.
    /// </summary>
    public bool MayOnlyBeLate => Volatile.Read(ref wasReached) && Volatile.Read(ref waiting) < Crowd;

    public GatewayPeerState State
    {
        get
        {
            var count = Failures;
            return count >= options.BreakAfter ? GatewayPeerState.Open
                : count > 0 || IsSilent() ? GatewayPeerState.Degraded
                : GatewayPeerState.Healthy;
        }
    }

    /// <summary>
    /// Healthy where the peer may be asked now, also where it failed, its pause is over and this caller is the one to find out;
    /// Degraded where it may be asked if nobody better is left; Open where it must not be asked.
    /// </summary>
    public GatewayPeerState Admit()
    {
        var count = Failures;
        if (count == 0)
        {
            return IsSilent() ? GatewayPeerState.Degraded : GatewayPeerState.Healthy;
        }
        var due = Volatile.Read(ref retryAt);
        var now = clock.GetTimestamp();
        if (now >= due && Interlocked.CompareExchange(ref retryAt, now + InTicks(PauseAfter(count)), due) == due)
        {
            return GatewayPeerState.Healthy;
        }
        return count < options.BreakAfter ? GatewayPeerState.Degraded : GatewayPeerState.Open;
    }

    /// <summary>A call begins; returns the time to end it with.</summary>
    public long Begin()
    {
        var now = clock.GetTimestamp();
        if (Interlocked.Increment(ref waiting) == 1)
        {
            Volatile.Write(ref lastSign, now); // nobody was waiting: its silence begins now
        }
        return now;
    }

    /// <summary>A call ended without telling anything of the peer.</summary>
    public void End() => Interlocked.Decrement(ref waiting);

    /// <summary>The peer answered, whatever it said.</summary>
    public void Answered()
    {
        Interlocked.Decrement(ref waiting);
        Volatile.Write(ref lastSign, clock.GetTimestamp());
        if (Failures != 0)
        {
            lock (gate)
            {
                (failures, wasReached) = (0, true);
            }
        }
    }

    /// <summary>The peer could not be reached, or did not answer in time.</summary>
    /// <param name="begun">What <see cref="Begin"/> returned.</param>
    /// <param name="isTimeout">Whether it was only slow: counts where it answered nothing else meanwhile either.</param>
    public void Failed(long begun, bool isTimeout)
    {
        Interlocked.Decrement(ref waiting);
        if (isTimeout && Volatile.Read(ref lastSign) > begun)
        {
            return;
        }
        lock (gate)
        {
            Volatile.Write(ref failures, failures + 1);
            Volatile.Write(ref wasReached, wasReached && isTimeout);
            Volatile.Write(ref retryAt, clock.GetTimestamp() + InTicks(PauseAfter(failures)));
        }
    }

    /// <summary>What kept it from being asked was not its own fault and is put right.</summary>
    public void Forgive()
    {
        lock (gate)
        {
            (failures, wasReached) = (0, true);
        }
    }

    // Many wait and none of them hears anything: new requests better go elsewhere, long before the first deadline passes.
    private bool IsSilent() => Volatile.Read(ref waiting) >= Crowd
        && clock.GetElapsedTime(Volatile.Read(ref lastSign)) > options.SilenceLimit;

    private TimeSpan PauseAfter(int count)
    {
        var pause = options.BreakDuration * Math.Pow(2, Math.Min(count - 1, 16));
        return (pause < options.MaxBreakDuration ? pause : options.MaxBreakDuration)
            * (1 - Spread + (2 * Spread * Random.Shared.NextDouble()));
    }

    private long InTicks(TimeSpan span) => (long)(span.TotalSeconds * clock.TimestampFrequency);
}
