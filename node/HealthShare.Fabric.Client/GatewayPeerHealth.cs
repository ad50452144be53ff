namespace HealthShare.Fabric.Client;

/// <summary>Whether a gateway peer is asked.</summary>
public enum GatewayPeerState
{
    /// <summary>It answered last time, or was never asked.</summary>
    Healthy,
    /// <summary>It failed lately, or answers nothing at the moment: asked only where no healthy peer is left.</summary>
    Degraded,
    /// <summary>It failed again and again: not asked until its pause is over, then by one request at first.</summary>
    Open,
}

/// <summary>What a client knows of one gateway peer. A refusal that the peer itself answers with is no failure of the peer.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Address">Where it listens.</param>
/// <param name="MspId">MSP id of its organization, where known.</param>
/// <param name="State">Whether it is asked.</param>
/// <param name="Failures">Failures in a row; 0 after an answer.</param>
/// <param name="LastError">What failed last; null where nothing did. Stays after the peer has recovered.</param>
/// <param name="LastErrorAt">When that was.</param>
/// <param name="LastSuccessAt">When it answered last; null where it never did.</param>
/// <param name="CertificateNotAfter">End of its TLS certificate; null without TLS and before the first connection.</param>
public sealed record GatewayPeerHealth(
    string Name, Uri Address, string? MspId, GatewayPeerState State, int Failures, string? LastError, DateTimeOffset? LastErrorAt,
    DateTimeOffset? LastSuccessAt, DateTimeOffset? CertificateNotAfter);
