using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Intake;

/// <summary>Taking messages in and on to the ledger (section <c>HealthShare:Intake</c>).</summary>
public sealed class IntakeOptions
{
    /// <summary>Largest message in bytes, 1 KiB to 256 MiB. Default 16 MiB.</summary>
    [Range(1024, 256 * 1024 * 1024)]
    public int MaxMessageBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Messages that may wait for the next commit of the journal; senders wait beyond it. 1 to 100,000. Default 1,024.</summary>
    [Range(1, 100_000)]
    public int WaitingMessages { get; set; } = 1024;

    /// <summary>Most records that one ledger transaction registers, 1 to 100. Default 100.</summary>
    [Range(1, 100)]
    public int RecordsPerTransaction { get; set; } = 100;

    /// <summary>Pause before the first repetition of what failed, doubled each time. 10 ms to 1 minute. Default 1 second.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan FirstRetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest such pause, 10 ms to 1 hour. Default 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan LongestRetryDelay { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Zone of times that name none, in messages whose MSH-7 names none either: an IANA name. Default <c>UTC</c>.
    /// </summary>
    [Required]
    public string TimeZone { get; set; } = "UTC";

    /// <summary>File with the hospital's own rules for categories and labels; the shipped <c>labels.json</c> where empty.</summary>
    public string? LabelsFile { get; set; }
}

[OptionsValidator]
internal sealed partial class IntakeOptionsValidator : IValidateOptions<IntakeOptions>;
