using System.ComponentModel.DataAnnotations;
using HealthShare.Vault.Content.Ipfs;
using HealthShare.Vault.Content.Kubo;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Content;

/// <summary>The hospital's own IPFS daemon (section <c>HealthShare:Content:Kubo</c>); used with the providers kubo and cluster.</summary>
public sealed class KuboSettings
{
    /// <summary>Its RPC address. Default <c>http://127.0.0.1:5001</c>.</summary>
    [Required]
    public Uri Url { get; set; } = new("http://127.0.0.1:5001");

    /// <summary>File whose one line is <c>bearer:TOKEN</c> or <c>basic:USER:PASSWORD</c>. Default none.</summary>
    public string? AuthorizationFile { get; set; }

    /// <summary>PEM file with the only authorities trusted for https. Default the system's.</summary>
    public string? CaFile { get; set; }

    /// <summary>Longest a short call may take, and longest an upload may stand still, 1 second to 10 minutes. Default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the daemon looks for a block at other peers before it counts as absent, 100 ms to 10 minutes. Default 20 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan FetchTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Longest a pin may take, and the end of an upload after its last byte, 1 second to 6 hours. Default 2 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "06:00:00")]
    public TimeSpan PinTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Repetitions of a call that found nobody or a busy daemon, 0 to 10. Default 3.</summary>
    [Range(0, 10)]
    public int Retries { get; set; } = 3;

    internal KuboRpcOptions ToOptions() => new()
    {
        Url = Url,
        Authorization = AuthorizationFile is { Length: > 0 } file
            ? IpfsEndpoint.ParseSecret(SecretFile.Read(file, "HealthShare:Content:Kubo:AuthorizationFile"))
            : null,
        CaFile = CaFile,
        CallTimeout = CallTimeout,
        FetchTimeout = FetchTimeout,
        PinTimeout = PinTimeout,
        Retries = Retries,
    };
}

[OptionsValidator]
internal sealed partial class KuboSettingsValidator : IValidateOptions<KuboSettings>;
