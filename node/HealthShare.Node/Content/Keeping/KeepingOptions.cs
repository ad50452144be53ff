using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Content.Keeping;

/// <summary>Keeping what was promised (section <c>HealthShare:Content:Keeping</c>).</summary>
public sealed class KeepingOptions
{
    /// <summary>False stops all passes and repairs. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>From the start of a pass over this member's records to the start of the next, 1 minute to 90 days. Default 1 day.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "90.00:00:00")]
    public TimeSpan PassEvery { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Most records that a pass checks in a minute, 1 to 60,000. Default 600.</summary>
    [Range(1, 60_000)]
    public int RecordsPerMinute { get; set; } = 600;

    /// <summary>Random ranges that each replica must show of each record, 1 to 16. Default 1.</summary>
    [Range(1, 16)]
    public int RangesPerChallenge { get; set; } = 1;

    /// <summary>Verified copies that each record must have, this node's own included, 1 to 64. Default 1.</summary>
    [Range(1, 64)]
    public int MinimumReplicas { get; set; } = 1;

    /// <summary>
    /// Gateway of this node's own IPFS daemon by which it is challenged. Default none: its RPC with <c>offline=true</c>, which Kubo
    /// obeys. A daemon that fetches even so, such as js-ipfs, must be asked by a gateway that does not.
    /// </summary>
    public Uri? OwnGatewayUrl { get; set; }

    /// <summary>Longest that a replica may take for one block, 100 ms to 5 minutes. Default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan ChallengeTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Within this time everything pinned here is read and verified once, 1 hour to 365 days. Default 30 days.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "365.00:00:00")]
    public TimeSpan ScrubWithin { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Most bytes that are read for it in a second, 64 KiB to 4 GiB. Default 16 MiB.</summary>
    [Range(64 * 1024, 4L * 1024 * 1024 * 1024)]
    public long ScrubBytesPerSecond { get; set; } = 16 * 1024 * 1024;

    /// <summary>Records sealed last that are read and verified at each start, 0 to 100,000. Default 100.</summary>
    [Range(0, 100_000)]
    public int NewestAtStart { get; set; } = 100;

    /// <summary>Longest that one repair may take, 1 second to 1 day. Default 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan RepairTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Most open findings that are looked at again in a minute, 1 to 6,000. Default 60.</summary>
    [Range(1, 6000)]
    public int RetriesPerMinute { get; set; } = 60;

    /// <summary>Pause before the first such look, doubled each time, 1 second to 1 hour. Default 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan FirstRetryDelay { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Longest such pause, 1 second to 7 days. Default 6 hours.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan LongestRetryDelay { get; set; } = TimeSpan.FromHours(6);
}

[OptionsValidator]
internal sealed partial class KeepingOptionsValidator : IValidateOptions<KeepingOptions>;
