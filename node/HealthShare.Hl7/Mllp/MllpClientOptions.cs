using System.Net.Security;

namespace HealthShare.Hl7.Mllp;

/// <summary>Where and how an <see cref="MllpClient"/> connects.</summary>
public sealed record MllpClientOptions
{
    /// <summary>Host name or address.</summary>
    public required string Host { get; init; }

    /// <summary>TCP port.</summary>
    public required int Port { get; init; }

    /// <summary>TLS, by <see cref="MllpTls.Client"/>; null for none. Default none.</summary>
    public SslClientAuthenticationOptions? Tls { get; init; }

    /// <summary>Longest wait for a connection, with its handshake for TLS. Default 15 seconds.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Longest wait for one acknowledgement. Default 30 seconds.</summary>
    public TimeSpan AcknowledgementTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Largest acknowledgement accepted, in bytes. Default 1 MiB.</summary>
    public int MaxFrameBytes { get; init; } = 1024 * 1024;

    /// <summary>Told of acknowledgements that answer no message waiting for one, such as late ones; null for nobody. Must not throw.</summary>
    public Action<MllpAcknowledgement>? Unmatched { get; init; }
}
