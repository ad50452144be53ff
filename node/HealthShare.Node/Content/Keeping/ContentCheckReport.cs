using System.Text.Json;
using HealthShare.Node.Cli;

namespace HealthShare.Node.Content.Keeping;

/// <summary>Says what <c>healthshare content check</c> found: results on the standard output, progress and complaints on the other.</summary>
internal sealed class ContentCheckReport(TextWriter output, TextWriter error, bool json)
{
    /// <summary>How far it is.</summary>
    public Task ProgressAsync(ContentCheckProgress progress) =>
        error.WriteLineAsync($"{progress.Counts.Records} of {progress.Total} records checked");

    /// <summary>A complaint, and the exit status that goes with it.</summary>
    public async Task<int> ComplainAsync(string text, int exit)
    {
        await error.WriteLineAsync(text);
        return exit;
    }

    /// <summary>The result, and the exit status that goes with it.</summary>
    public async Task<int> FinishAsync(ContentCheckProgress result)
    {
        if (json)
            await output.WriteLineAsync(JsonSerializer.Serialize(result, KeepingJson.Default.ContentCheckProgress));
        else
            await WriteAsync(result);
        var counts = result.Counts;
        return result.OpenFindings > 0 || counts.Held < counts.Records || counts.BelowMinimum > 0 ? NodeCommandLine.Failure : NodeCommandLine.Success;
    }

    private async Task WriteAsync(ContentCheckProgress result)
    {
        var counts = result.Counts;
        await output.WriteLineAsync($"{counts.Records} records: {counts.Held} held here, {counts.Missing} missing, {counts.Corrupt} corrupt, "
            + $"{counts.Unavailable} not known; {counts.BelowMinimum} with too few copies, {counts.PinnedAgain} pinned again, {counts.Repaired} copies repaired.");
        foreach (var finding in result.Findings ?? [])
            await output.WriteLineAsync($"{finding.State} at {finding.Replica}: {finding.Cid} (record {finding.RecordId ?? "none"}): {finding.Detail}");
        if (result.Orphans > 0)
            await output.WriteLineAsync($"{result.Orphans} contents are kept here that nothing refers to.");
        if (result.OpenFindings > (result.Findings?.Count ?? 0))
            await output.WriteLineAsync($"and {result.OpenFindings - result.Findings!.Count} more");
    }
}
