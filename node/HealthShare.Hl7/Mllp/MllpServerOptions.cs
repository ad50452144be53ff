using System.Net;
using System.Net.Security;

namespace HealthShare.Hl7.Mllp;

/// <summary>Limits and address of an MLLP listener.</summary>
public sealed record MllpServerOptions
{
    /// <summary>Address and port to listen on; port 0 lets the system choose.</summary>
    public required IPEndPoint Endpoint { get; init; }

    /// <summary>
    /// TLS, by <see cref="MllpTls"/>; null for none. Default none. Asked at each handshake, so that a renewed certificate is shown to who connects next.
    /// </summary>
    public Func<SslServerAuthenticationOptions>? Tls { get; init; }

    /// <summary>
    /// Largest frame in bytes. Default 16 MiB. A larger one is not kept; its sender is answered with the reason, and the connection goes on where the
    /// frame's end is found.
    /// </summary>
    public int MaxFrameBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>
    /// Bytes that frames which are open or being handled may take in memory together, beside the first 64 KiB of each connection. Default 128 MiB. Beyond it
    /// senders are read more slowly, and at last refused for now; a frame that is larger than all of it passes alone.
    /// </summary>
    public long OpenFrameBytes { get; init; } = 128 * 1024 * 1024;

    /// <summary>
    /// Most connections at a time. Default 512. On a further one the first message is answered with the reason and the connection is closed; where too
    /// many of these wait already, at once.
    /// </summary>
    public int MaxConnections { get; init; } = 512;

    /// <summary>
    /// A connection on which no frame becomes complete for this long is closed, be it silent or slow. Default 10 minutes.
    /// </summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long a sender may take to shake hands for TLS, to take an acknowledgement, or to send the one message of a connection above the limit; also
    /// how long frames wait for room, and how long one may stand still while others wait (half the idle time at most). Default 30 seconds.
    /// </summary>
    public TimeSpan ExchangeTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a stop waits for messages that are being handled. Default 15 seconds.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Clock by which frames stand still and wait for room.</summary>
    internal TimeProvider Clock { get; init; } = TimeProvider.System;
}
