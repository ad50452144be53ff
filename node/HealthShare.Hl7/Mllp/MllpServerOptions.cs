using System.Net;

namespace HealthShare.Hl7.Mllp;

/// <summary>Limits and address of an MLLP listener.</summary>
public sealed record MllpServerOptions
{
    /// <summary>Address and port to listen on; port 0 lets the system choose.</summary>
    public required IPEndPoint Endpoint { get; init; }

    /// <summary>Largest frame in bytes. Default 16 MiB.</summary>
    public int MaxFrameBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Most connections at a time; further ones are closed at once. Default 512.</summary>
    public int MaxConnections { get; init; } = 512;

    /// <summary>
    /// A connection on which no frame becomes complete for this long is closed, be it silent or slow. Default 10 minutes.
    /// </summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a stop waits for messages that are being handled. Default 15 seconds.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(15);
}
