using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Intake.Folder;

/// <summary>The watched folder (section <c>HealthShare:Folder</c>).</summary>
public sealed class FolderOptions
{
    /// <summary>Folder in which files are put; made if absent. Default none: then no folder is watched.</summary>
    public string? Path { get; set; }

    /// <summary>How often it is looked into, 100 ms to 1 hour. Default 2 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan Every { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a file must have been left unchanged before it is picked up, and read again where it changed after that. 0 to 1 hour. Default 5 seconds. Senders that
    /// rename a file into the folder need none.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan Settled { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Largest file in bytes, 1 KiB to 1 GiB; its messages have the limit of all messages. Default 64 MiB.</summary>
    [Range(1024, 1024 * 1024 * 1024)]
    public int MaxFileBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>How long files stay in <c>done</c>, 0 to 365 days; they hold patients' data. Default 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")]
    public TimeSpan KeepDone { get; set; } = TimeSpan.FromDays(1);
}

[OptionsValidator]
internal sealed partial class FolderOptionsValidator : IValidateOptions<FolderOptions>;
