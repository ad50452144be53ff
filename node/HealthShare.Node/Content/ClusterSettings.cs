using System.ComponentModel.DataAnnotations;
using HealthShare.Vault.Content.Cluster;
using HealthShare.Vault.Content.Ipfs;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Content;

/// <summary>The hospital's own IPFS Cluster peer (section <c>HealthShare:Content:Cluster</c>); used with the provider cluster.</summary>
public sealed class ClusterSettings
{
    /// <summary>Its REST address. Default <c>http://127.0.0.1:9094</c>.</summary>
    [Required]
    public Uri Url { get; set; } = new("http://127.0.0.1:9094");

    /// <summary>User of basic authorization. Default none.</summary>
    public string? User { get; set; }

    /// <summary>File whose one line is that user's password. Required with <see cref="User"/>.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>PEM file with the only authorities trusted for https. Default the system's.</summary>
    public string? CaFile { get; set; }

    /// <summary>Fewest peers that are to pin, and that must have pinned before a record counts as stored: 1 to 1,000, or -1 for all. Default 2.</summary>
    [Range(-1, 1000)]
    public int ReplicationMin { get; set; } = 2;

    /// <summary>Most peers that are to pin: 1 to 1,000, or -1 for all. Default 3.</summary>
    [Range(-1, 1000)]
    public int ReplicationMax { get; set; } = 3;

    /// <summary>Longest a call may take, 1 second to 10 minutes. Default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest wait until enough peers have pinned, 1 second to 6 hours. Default 2 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "06:00:00")]
    public TimeSpan PinTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Repetitions of a call that found nobody or a busy peer, 0 to 10. Default 3.</summary>
    [Range(0, 10)]
    public int Retries { get; set; } = 3;

    internal bool HasFactors => ReplicationMin != 0 && ReplicationMax != 0 && ReplicationMin <= ReplicationMax
        && (ReplicationMin == -1) == (ReplicationMax == -1);

    internal bool HasUser => string.IsNullOrEmpty(User) == string.IsNullOrEmpty(PasswordFile) && User?.Contains(':', StringComparison.Ordinal) != true;

    internal ClusterOptions ToOptions(string mspId) => new()
    {
        Url = Url,
        Authorization = User is { Length: > 0 }
            ? IpfsEndpoint.Basic(User, SecretFile.Read(PasswordFile!, "HealthShare:Content:Cluster:PasswordFile"))
            : null,
        CaFile = CaFile,
        ReplicationMin = ReplicationMin,
        ReplicationMax = ReplicationMax,
        CallTimeout = CallTimeout,
        PinTimeout = PinTimeout,
        Retries = Retries,
        Metadata = new Dictionary<string, string> { ["custodian"] = mspId },
    };
}

[OptionsValidator]
internal sealed partial class ClusterSettingsValidator : IValidateOptions<ClusterSettings>;
