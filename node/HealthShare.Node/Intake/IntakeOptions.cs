using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Intake;

/// <summary>Taking messages in and on to the ledger (section <c>HealthShare:Intake</c>).</summary>
public sealed class IntakeOptions
{
    /// <summary>Longest message in bytes whose record can be read again: sealed it is somewhat longer, and readers take so much and no more.</summary>
    internal const int LongestMessageBytes = 240 * 1024 * 1024;

    /// <summary>Largest message in bytes, 1 KiB to 240 MiB. Default 16 MiB.</summary>
    [Range(1024, LongestMessageBytes)]
    public int MaxMessageBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>
    /// Length in bytes, as it stands in the message, from which a document or an image (OBX-5 of type ED) is kept as a record of its own beside its message's.
    /// 4 KiB to 256 MiB. Default 64 KiB.
    /// </summary>
    [Range(4 * 1024, 256 * 1024 * 1024)]
    public int PartBytes { get; set; } = 64 * 1024;

    /// <summary>
    /// What MSH-11 of a message may say, such as <c>P</c> alone, so that no training or test message becomes a record; others are refused and kept in quarantine, also
    /// those that say nothing there. Default none: all are taken.
    /// </summary>
    public IList<string> ProcessingIds { get; } = [];

    /// <summary>
    /// Whether MSH-14 alone makes a message the later part of one that its sender split, though it names its patient and no part of it came before: then each that has
    /// MSH-14 filled is refused and kept in quarantine, unless it is put together in a file or batch. For senders that repeat PID in each part over connections on which
    /// parts may overtake each other. Default false, since many senders fill MSH-14 with something else.
    /// </summary>
    public bool ContinuationPointersAlone { get; set; }

    /// <summary>Messages that may wait for the next commit of the journal; senders wait beyond it. 1 to 100,000. Default 1,024.</summary>
    [Range(1, 100_000)]
    public int WaitingMessages { get; set; } = 1024;

    /// <summary>
    /// Bytes of the messages that may wait for the next commit; senders wait beyond it. A message that is larger waits alone.
    /// 64 KiB to 4 GiB. Default 64 MiB.
    /// </summary>
    [Range(64L * 1024, 4L * 1024 * 1024 * 1024)]
    public long WaitingBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// Bytes that HTTP bodies of messages and batches which are still coming in, or wait for the journal, may take in memory together, whoever sends them, beside
    /// the first 64 KiB of each; a body that is larger passes alone. 64 KiB to 64 GiB. Default 128 MiB.
    /// </summary>
    [Range(64L * 1024, 64L * 1024 * 1024 * 1024)]
    public long OpenBodyBytes { get; set; } = 128 * 1024 * 1024;

    /// <summary>Longest that a sender waits for room in the journal until the message is refused, 100 ms to 5 minutes. Default 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Messages that may be in the journal and not yet on the ledger; more are refused. 1 to 100,000,000. Default 1,000,000.</summary>
    [Range(1, 100_000_000)]
    public int QueuedMessages { get; set; } = 1_000_000;

    /// <summary>Room on the data folder's disk below which messages are refused, 0 to 1 TiB in bytes. Default 256 MiB.</summary>
    [Range(0L, 1024L * 1024 * 1024 * 1024)]
    public long MinimumFreeBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>
    /// Most messages whose records one ledger transaction registers, 1 to 100; with the documents in them, never more than 100 records. Default 100.
    /// </summary>
    [Range(1, 100)]
    public int RecordsPerTransaction { get; set; } = 100;

    /// <summary>Such transactions under way at once, 1 to 16; a patient's records never in two of them. Default 4.</summary>
    [Range(1, 16)]
    public int TransactionsAtOnce { get; set; } = 4;

    /// <summary>Longest that a record waits for others to share its transaction with, while there are some on their way. 0 to 5 seconds. Default 50 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:05")]
    public TimeSpan LongestGathering { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Pause before the first repetition of what failed, doubled each time. 10 ms to 1 minute. Default 1 second.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan FirstRetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest such pause, 10 ms to 1 hour. Default 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan LongestRetryDelay { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long the journal remembers a message after it was registered or discarded: its ids, times and steps, never its content.
    /// 1 hour to 3,650 days. Default 90 days.
    /// </summary>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00")]
    public TimeSpan KeepMetadata { get; set; } = TimeSpan.FromDays(90);

    /// <summary>
    /// Zone of times that name none, in messages whose MSH-7 names none either: an IANA name. Default <c>UTC</c>.
    /// </summary>
    [Required]
    public string TimeZone { get; set; } = "UTC";

    /// <summary>Assigning authorities that messages call by several names. Default none: each name, and each universal id, is an authority of its own.</summary>
    public IList<AuthorityOptions> Authorities { get; } = [];

    /// <summary>File with the hospital's own rules for categories and labels, laid over the shipped <c>labels.json</c>; none where empty.</summary>
    public string? LabelsFile { get; set; }
}

[OptionsValidator]
internal sealed partial class IntakeOptionsValidator : IValidateOptions<IntakeOptions>;
