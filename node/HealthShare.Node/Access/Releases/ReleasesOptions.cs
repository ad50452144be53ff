using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Access.Releases;

/// <summary>What this node gives away as the custodian (section <c>HealthShare:Releases</c>).</summary>
public sealed class ReleasesOptions
{
    /// <summary>
    /// How long after the end of a release its sealed envelope stays in this member's private collection, where nobody may fetch it any
    /// more; 0 to 365 days. Then it is purged, fetched or not. Default 24 hours.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")]
    public TimeSpan EnvelopesKeptFor { get; set; } = TimeSpan.FromHours(24);
}

[OptionsValidator]
internal sealed partial class ReleasesOptionsValidator : IValidateOptions<ReleasesOptions>;
