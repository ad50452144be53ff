using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Content.Keeping;

/// <summary>Another place that is to hold this member's contents (list <c>HealthShare:Content:Replicas</c>).</summary>
public sealed class ReplicaOptions
{
    /// <summary>Name for logs and reports: 1 to 64 letters, digits, dots, dashes or underscores; not <c>own</c>. Required.</summary>
    [Required, RegularExpression("[A-Za-z0-9._-]{1,64}")]
    public string Name { get; set; } = "";

    /// <summary>Read-only gateway of its IPFS daemon, which must run with <c>Gateway.NoFetch</c>: <c>http://127.0.0.1:8080</c>.</summary>
    public Uri? GatewayUrl { get; set; }

    /// <summary>Name of the IPFS Cluster peer beside that daemon, for the provider cluster. Default the replica's name.</summary>
    [StringLength(200, MinimumLength = 1)]
    public string? ClusterPeer { get; set; }
}

[OptionsValidator]
internal sealed partial class ReplicaOptionsValidator : IValidateOptions<ReplicaOptions>;
