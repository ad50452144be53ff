using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Consents;

/// <summary>What patients sign and take back (section <c>HealthShare:Consents</c>).</summary>
public sealed class ConsentsOptions
{
    /// <summary>
    /// How long a revocation may take until two members' peers have committed it, 1 second to 5 minutes; then it is submitted
    /// through the other members' peers as well. After four times as long a try ends. Default 30 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan RevocationPatience { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a broad permit waits before this node, as the custodian, counts it, 0 to 30 days. Where the channel's settings say
    /// longer, that counts: a majority of the members can shorten the channel's time, but not this one. Default 24 hours.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan BroadPermitWait { get; set; } = TimeSpan.FromHours(24);

    /// <summary>
    /// Longest time that a permit lasts without being a broad one here, 1 to 3660 days. Where the channel's settings say less, that
    /// counts. Default 90 days.
    /// </summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3660.00:00:00")]
    public TimeSpan BroadPermitLength { get; set; } = TimeSpan.FromDays(90);
}

[OptionsValidator]
internal sealed partial class ConsentsOptionsValidator : IValidateOptions<ConsentsOptions>;
