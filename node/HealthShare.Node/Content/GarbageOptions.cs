using System.ComponentModel.DataAnnotations;

namespace HealthShare.Node.Content;

/// <summary>When unpinned content is removed for good (section <c>HealthShare:Content:Garbage</c>).</summary>
public sealed class GarbageOptions
{
    /// <summary>
    /// False removes nothing; what is unpinned then stays. Default: true for the embedded store, false for a daemon, which takes
    /// nothing new while it collects: there pins are let go, and whoever runs it decides when blocks are removed.
    /// </summary>
    public bool? Enabled { get; set; }

    /// <summary>Time between two collections, 1 minute to 30 days; the first is at start. Default 6 hours.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromHours(6);

    /// <summary>How long a content is kept after it was unpinned, 0 to 365 days. Default 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")]
    public TimeSpan Grace { get; set; } = TimeSpan.FromDays(1);

    /// <summary>
    /// Whether the keeper unpins orphans: contents that are pinned and that neither a sealed record nor the ledger refers to. Default: true
    /// for the embedded store and for a cluster's pinset, false for the provider kubo, whose daemon may keep what others pinned there.
    /// </summary>
    public bool? UnpinOrphans { get; set; }

    /// <summary>How long an orphan must have been one before it is unpinned, 1 hour to 365 days. Default 7 days.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "365.00:00:00")]
    public TimeSpan OrphanGrace { get; set; } = TimeSpan.FromDays(7);
}
