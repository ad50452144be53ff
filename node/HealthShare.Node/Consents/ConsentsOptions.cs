using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Consents;

/// <summary>What patients sign and take back (section <c>HealthShare:Consents</c>).</summary>
public sealed class ConsentsOptions
{
    /// <summary>
    /// How long a revocation may take until two members' peers have committed it, 1 second to 5 minutes; then it is submitted
    /// through another member's peer as well. Default 30 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan RevocationPatience { get; set; } = TimeSpan.FromSeconds(30);
}

[OptionsValidator]
internal sealed partial class ConsentsOptionsValidator : IValidateOptions<ConsentsOptions>;
