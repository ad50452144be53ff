using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using HealthShare.Node.Intake.Receiving;

namespace HealthShare.Node.Intake.Import;

/// <summary>Tells how an import goes: what was refused on the standard error, progress on a terminal, the summary on the standard output.</summary>
internal sealed class ImportReport(TextWriter output, TextWriter error, bool terminal, bool json, TimeProvider clock)
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(1);
    private long lastShown;
    private bool lineOpen;

    /// <summary>Counts so far.</summary>
    public ImportSummary Summary { get; private set; } = new(0, 0, 0, 0, 0, 0);

    /// <summary>Some messages of a file were answered.</summary>
    /// <param name="file">The file.</param>
    /// <param name="before">How many of its messages were answered before these.</param>
    /// <param name="total">How many it holds.</param>
    /// <param name="receipt">The answers.</param>
    public async Task TakenAsync(FileInfo file, int before, int total, BatchReceipt receipt)
    {
        Summary = Summary with
        {
            Messages = Summary.Messages + receipt.Messages, Accepted = Summary.Accepted + receipt.Accepted,
            Duplicates = Summary.Duplicates + receipt.Duplicates, Refused = Summary.Refused + receipt.Refused,
        };
        foreach (var item in receipt.Items.Where(item => !item.Accepted))
            await SayAsync($"{file.FullName}: message {before + item.Index + 1} is in quarantine as {item.Id}: {item.Code}: {item.Reason}");
        if (!terminal || clock.GetElapsedTime(lastShown) < Between)
            return;
        lastShown = clock.GetTimestamp();
        lineOpen = true;
        await error.WriteAsync(string.Create(CultureInfo.InvariantCulture,
            $"\r{file.Name}: {before + receipt.Messages} of {total} messages; {Summary.Messages} in all, {Summary.Refused} refused   "));
    }

    /// <summary>A file is through.</summary>
    public void FileDone() => Summary = Summary with { Files = Summary.Files + 1 };

    /// <summary>A file could not be imported.</summary>
    public Task FileFailedAsync(string file, string reason)
    {
        Summary = Summary with { FailedFiles = Summary.FailedFiles + 1 };
        return SayAsync($"{file}: {reason}");
    }

    /// <summary>Says something beside the progress.</summary>
    public async Task SayAsync(string line)
    {
        if (lineOpen)
            await error.WriteLineAsync();
        lineOpen = false;
        await error.WriteLineAsync(line);
    }

    /// <summary>Prints the summary.</summary>
    public async Task FinishAsync()
    {
        if (lineOpen)
            await error.WriteLineAsync();
        await output.WriteLineAsync(json
            ? JsonSerializer.Serialize(Summary, ImportJson.Default.ImportSummary)
            : string.Create(CultureInfo.InvariantCulture,
                $"{Summary.Files} files imported, {Summary.FailedFiles} not; {Summary.Messages} messages: {Summary.Accepted} new, {Summary.Duplicates} known before, {Summary.Refused} refused."));
    }
}

/// <summary>Counts of an import; messages that an earlier run of the same import brought are not among them.</summary>
/// <param name="Files">Files that are through.</param>
/// <param name="FailedFiles">Files of which nothing, or not all, was sent.</param>
/// <param name="Messages">Messages that were answered.</param>
/// <param name="Accepted">Accepted and new.</param>
/// <param name="Duplicates">Known to the node before.</param>
/// <param name="Refused">Refused, and in quarantine.</param>
internal sealed record ImportSummary(int Files, int FailedFiles, int Messages, int Accepted, int Duplicates, int Refused);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ImportSummary))]
internal sealed partial class ImportJson : JsonSerializerContext;
