using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Intake.Receiving;

/// <summary>The MLLP listener (section <c>HealthShare:Mllp</c>).</summary>
public sealed class MllpOptions
{
    /// <summary>IP address to listen on. Default <c>127.0.0.1</c>: MLLP itself knows no sign-in.</summary>
    [Required]
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>TCP port, 0 to 65535; 0 lets the system choose. Default none: then there is no listener.</summary>
    [Range(0, 65535)]
    public int? Port { get; set; }

    /// <summary>Most connections at a time, 1 to 10,000. Default 512.</summary>
    [Range(1, 10_000)]
    public int MaxConnections { get; set; } = 512;

    /// <summary>
    /// Bytes that messages which are still coming in, or wait for the journal, may take in memory together, beside the first 64 KiB of each connection.
    /// 64 KiB to 64 GiB. Default 128 MiB.
    /// </summary>
    [Range(64L * 1024, 64L * 1024 * 1024 * 1024)]
    public long OpenFrameBytes { get; set; } = 128 * 1024 * 1024;

    /// <summary>A connection on which no frame becomes complete for this long is closed, 1 second to 1 day. Default 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>PEM file of the listener's certificate chain; with it the listener speaks TLS 1.2 or 1.3. Default none.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>PEM file of the certificate's private key. Required with <see cref="CertificateFile"/>.</summary>
    public string? KeyFile { get; set; }

    /// <summary>
    /// PEM file of the authorities whose certificates senders must show (mutual TLS). Needs <see cref="CertificateFile"/>. Default none: senders need none.
    /// </summary>
    public string? ClientAuthoritiesFile { get; set; }

    /// <summary>How long a stop waits for messages in hand, up to 5 minutes. Default 15 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(15);
}

[OptionsValidator]
internal sealed partial class MllpOptionsValidator : IValidateOptions<MllpOptions>;
