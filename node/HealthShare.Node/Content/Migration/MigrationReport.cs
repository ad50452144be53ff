using System.Text.Json;
using System.Text.Json.Serialization;
using HealthShare.Node.Cli;

namespace HealthShare.Node.Content.Migration;

/// <summary>Tells people, or a program, how a migration goes and how it ended.</summary>
/// <param name="output">Takes the result.</param>
/// <param name="error">Takes progress and what could not be copied.</param>
/// <param name="terminal">True when <paramref name="error"/> is a terminal, where a line can be written over.</param>
/// <param name="json">Print one JSON object instead of sentences, and no progress.</param>
/// <param name="clock">Times it all.</param>
internal sealed class MigrationReport(TextWriter output, TextWriter error, bool terminal, bool json, TimeProvider clock)
{
    private const int ListedFailures = 20;
    private static readonly TimeSpan TerminalPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LinePause = TimeSpan.FromSeconds(2);
    private readonly long started = clock.GetTimestamp();

    /// <summary>Tells how far it is until it is stopped.</summary>
    public async Task FollowAsync(Func<MigrationProgress> progress, CancellationToken ct)
    {
        if (json)
            return;
        using var timer = new PeriodicTimer(terminal ? TerminalPause : LinePause, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(ct))
            {
                var line = Line(progress());
                await (terminal ? error.WriteAsync($"\r{line,-78}") : error.WriteLineAsync(line));
            }
        }
        catch (OperationCanceledException)
        {
            if (terminal)
                await error.WriteAsync($"\r{"",-78}\r");
        }
    }

    /// <summary>Prints the end of it.</summary>
    /// <returns>The exit status.</returns>
    public async Task<int> FinishAsync(MigrationProgress progress, MigrationOutcome outcome)
    {
        var seconds = clock.GetElapsedTime(started).TotalSeconds;
        if (json)
        {
            await output.WriteLineAsync(JsonSerializer.Serialize(new MigrationResult(progress.Total, progress.Copied, progress.AlreadyThere,
                progress.Bytes, Math.Round(seconds, 3), outcome.Complete, outcome.Failures, outcome.Unpinned), MigrationJson.Default.MigrationResult));
        }
        else
        {
            foreach (var failure in outcome.Failures.Take(ListedFailures))
                await error.WriteLineAsync($"{failure.Cid}: {failure.Reason}");
            if (outcome.Failures.Count > ListedFailures)
                await error.WriteLineAsync($"… and {outcome.Failures.Count - ListedFailures} more; --json lists all.");
            if (!outcome.Complete)
                await error.WriteLineAsync($"Given up after {ContentMigration.HopelessFailures} failures in a row. Run it again once the store is well.");
            if (outcome.Unpinned is [var first, ..])
            {
                await error.WriteLineAsync($"{outcome.Unpinned.Count} records that this node sealed are not among the source's pins and were not copied, "
                    + $"such as {first.RecordId} ({first.Cid}); --json lists all.");
            }
            await output.WriteLineAsync($"{progress.Total} contents: {progress.Copied} copied ({Size(progress.Bytes)}), "
                + $"{progress.AlreadyThere} there already, {progress.Failed} failed, in {seconds:F1} s. The source is unchanged.");
        }
        return outcome is { Complete: true, Failures.Count: 0 } ? NodeCommandLine.Success : NodeCommandLine.Failure;
    }

    private string Line(MigrationProgress progress)
    {
        var left = Math.Max(0, progress.Total - progress.Done);
        var rate = progress.Done / Math.Max(0.001, clock.GetElapsedTime(started).TotalSeconds);
        return progress.Total == 0
            ? "counting what is pinned"
            : $"{progress.Done} of {progress.Total} contents, {Size(progress.Bytes)}, {progress.Failed} failed, about {left / Math.Max(0.001, rate):F0} s left";
    }

    private static string Size(long bytes) => bytes switch
    {
        < 1_000_000 => $"{bytes / 1e3:F1} kB",
        < 1_000_000_000 => $"{bytes / 1e6:F1} MB",
        _ => $"{bytes / 1e9:F2} GB",
    };
}

/// <summary>The end of a migration, for programs.</summary>
internal sealed record MigrationResult(
    long Total, long Copied, long AlreadyThere, long Bytes, double Seconds, bool Complete, IReadOnlyList<MigrationFailure> Failed,
    IReadOnlyList<UnpinnedRecord> SealedNotPinned);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(MigrationResult))]
internal sealed partial class MigrationJson : JsonSerializerContext;
