namespace HealthShare.Fabric.Client;

/// <summary>Limits of a <see cref="GatewayClient"/>. Every stage has one: a gateway may wait for ever.</summary>
public sealed record GatewayOptions
{
    /// <summary>
    /// Longest a query may take, over peers: while another one can be asked, a peer gets half of what is left. Default 10 seconds.
    /// </summary>
    public TimeSpan EvaluateTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Longest wait for all endorsements, over gateway peers: while another one can be asked, a peer gets half of what is left. So
    /// with several, give it twice what the slowest transaction takes. Default 15 seconds.
    /// </summary>
    public TimeSpan EndorseTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Longest wait for the ordering service to take the transaction, over peers and attempts. Default 15 seconds, about what
    /// it takes to elect a new leader with Fabric's own settings.
    /// </summary>
    public TimeSpan SubmitTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Longest wait for the transaction's block, over reconnections. Default 60 seconds. A gateway would wait without limit,
    /// also for a transaction that never was.
    /// </summary>
    public TimeSpan CommitTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Longest that one peer may be waited at for a transaction's block while another peer can be asked. Default 10 seconds.
    /// </summary>
    public TimeSpan CommitWaitPerPeer { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Learns of commits from one stream of filtered blocks in place of a signed question for each, which spares client and peer a
    /// signature and a call per transaction. Worth it from a few transactions per second on. Where the stream says nothing for
    /// <see cref="CommitWaitPerPeer"/>, or is refused, the peers are asked as they are without it. Default false, as in the
    /// official clients.
    /// </summary>
    public bool FollowCommits { get; init; }

    /// <summary>
    /// Wait for a block after which a transaction is looked up and, where no peer has it, handed over again as it is. Default
    /// 15 seconds; far more than the channel's batch time-out.
    /// </summary>
    public TimeSpan ResubmitAfter { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How often what had no effect is tried again.</summary>
    public RetryOptions Retry { get; init; } = new();

    /// <summary>
    /// Where transactions are remembered that were sent under an idempotency key. Default: in the memory of the client; see
    /// <see cref="FileOutcomeStore"/> for one that a restart survives.
    /// </summary>
    public IOutcomeStore? Outcomes { get; init; }

    /// <summary>Time before the end of a certificate from which on its end is logged, once. Default 30 days.</summary>
    public TimeSpan CertificateWarning { get; init; } = TimeSpan.FromDays(30);

    /// <summary>
    /// Failures in a row after which a gateway peer is not asked for a while, 1 or more. Default 3. Where no other peer can be
    /// asked, one that was only late, which may be the fault of a chaincode, still is, by a few requests at once.
    /// </summary>
    public int BreakAfter { get; init; } = 3;

    /// <summary>
    /// Pause after a peer's first failure until one request tries it again; each further failure doubles it. Default 500
    /// milliseconds.
    /// </summary>
    public TimeSpan BreakDuration { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest such pause, hence longest until a peer that is back is noticed. Default 5 seconds.</summary>
    public TimeSpan MaxBreakDuration { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Time without any answer, while several requests wait, after which further requests go to another peer. Default 2 seconds.
    /// </summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Pause before the first reconnection; each further one doubles it. Default 100 milliseconds.</summary>
    public TimeSpan ReconnectDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest pause between reconnections. Default 10 seconds.</summary>
    public TimeSpan MaxReconnectDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Silence of a connection after which its peer is asked for a sign of life, 1 second to 1 day. Default 90 seconds: a Fabric peer
    /// drops clients that ask more often than its <c>peer.keepalive.minInterval</c>, by default once a minute. For clients that
    /// <c>Connect</c> makes from a connection file; a <see cref="GatewayEndpoint"/> says its own in its <see cref="GatewayEndpoint.Tls"/>.
    /// </summary>
    public TimeSpan KeepAliveDelay { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>
    /// Longest wait for that sign before the connection is given up and its streams go on at another peer, 1 second to 1 day. Default
    /// 20 seconds. For clients made from a connection file, as <see cref="KeepAliveDelay"/>.
    /// </summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// SHA-256 of the DER of this client's TLS certificate, which a peer that demands mutual TLS wants to see in requests for
    /// blocks. To be set for a client made of an <see cref="Protocol.Grpc.IGrpcChannel"/>; <c>Connect</c> knows the certificate itself.
    /// </summary>
    public ReadOnlyMemory<byte> TlsCertificateHash { get; init; }

    /// <summary>Clock of timestamps and pauses. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Refuses what no client could work with, before anything is sent.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A time or a number is out of its range; the exception names it.</exception>
    internal void Validate()
    {
        Positive(EvaluateTimeout, nameof(EvaluateTimeout));
        Positive(EndorseTimeout, nameof(EndorseTimeout));
        Positive(SubmitTimeout, nameof(SubmitTimeout));
        Positive(CommitTimeout, nameof(CommitTimeout));
        Positive(CommitWaitPerPeer, nameof(CommitWaitPerPeer));
        Positive(ResubmitAfter, nameof(ResubmitAfter));
        Positive(BreakDuration, nameof(BreakDuration));
        Positive(MaxBreakDuration, nameof(MaxBreakDuration));
        Positive(SilenceLimit, nameof(SilenceLimit));
        Positive(ReconnectDelay, nameof(ReconnectDelay));
        Positive(MaxReconnectDelay, nameof(MaxReconnectDelay));
        AtLeast(ShortestKeepAlive, KeepAliveDelay, nameof(KeepAliveDelay));
        AtLeast(ShortestKeepAlive, KeepAliveTimeout, nameof(KeepAliveTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThan(BreakAfter, 1, nameof(BreakAfter));
        ArgumentOutOfRangeException.ThrowIfLessThan(CertificateWarning, TimeSpan.Zero, nameof(CertificateWarning));
        ArgumentOutOfRangeException.ThrowIfLessThan(Retry.Attempts, 1, nameof(Retry));
        ArgumentOutOfRangeException.ThrowIfLessThan(Retry.FirstDelay, TimeSpan.Zero, nameof(Retry));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Retry.MaxDelay, Longest, nameof(Retry));
        ArgumentOutOfRangeException.ThrowIfLessThan(Retry.MaxDelay, TimeSpan.Zero, nameof(Retry));
    }

    // Longer than any stage makes sense, and within what the system's timers take.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    // What .NET's connections take at least.
    private static readonly TimeSpan ShortestKeepAlive = TimeSpan.FromSeconds(1);

    private static void Positive(TimeSpan value, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, Longest, name);
    }

    private static void AtLeast(TimeSpan shortest, TimeSpan value, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, shortest, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, Longest, name);
    }
}
