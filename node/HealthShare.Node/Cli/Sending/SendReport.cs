using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace HealthShare.Node.Cli.Sending;

/// <summary>Tells people, or a program, how the sending goes and how it ended.</summary>
/// <param name="output">Takes the result.</param>
/// <param name="error">Takes progress and what went wrong.</param>
/// <param name="terminal">True when <paramref name="error"/> is a terminal, where a line can be written over.</param>
/// <param name="json">Print one JSON object instead of sentences, and no progress.</param>
/// <param name="clock">Times it all.</param>
internal sealed class SendReport(TextWriter output, TextWriter error, bool terminal, bool json, TimeProvider clock)
{
    private const int ListedProblems = 20;
    private const int BarWidth = 24;
    private static readonly TimeSpan TerminalPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LinePause = TimeSpan.FromSeconds(2);
    private readonly long started = clock.GetTimestamp();

    /// <summary>Tells how far it is until it is stopped.</summary>
    public async Task FollowAsync(SendTally tally, CancellationToken ct)
    {
        if (json)
            return;
        using var timer = new PeriodicTimer(terminal ? TerminalPause : LinePause, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(ct))
                await (terminal ? error.WriteAsync($"\r{Line(tally),-78}") : error.WriteLineAsync(Line(tally)));
        }
        catch (OperationCanceledException)
        {
            if (terminal)
                await error.WriteAsync($"\r{"",-78}\r");
        }
    }

    /// <summary>Prints the end of it.</summary>
    /// <param name="tally">What became of the messages.</param>
    /// <param name="stopped">Why it ended before all was sent; null when all was.</param>
    /// <returns>The exit status.</returns>
    public async Task<int> FinishAsync(SendTally tally, string? stopped)
    {
        var seconds = clock.GetElapsedTime(started).TotalSeconds;
        var well = stopped is null && tally.AllWell;
        if (json)
        {
            await output.WriteLineAsync(JsonSerializer.Serialize(new SendResult(
                tally.Sent, tally.Accepted, tally.Refused, tally.Posted, tally.Unknown, tally.NotSent, tally.Resent, tally.Bytes, Math.Round(seconds, 3),
                Math.Round(tally.Sent / Math.Max(seconds, 0.001), 1), Math.Round(tally.Wait(50), 3), Math.Round(tally.Wait(99), 3), stopped, tally.Problems),
                SendJson.Default.SendResult));
            return well ? NodeCommandLine.Success : NodeCommandLine.Failure;
        }
        foreach (var problem in tally.Problems.Take(ListedProblems))
            await error.WriteLineAsync($"{problem.File}{(problem.Index is { } index ? $", message {index + 1}" : "")}: {problem.Outcome}: {problem.Reason}");
        if (tally.Problems.Count > ListedProblems)
            await error.WriteLineAsync($"… and {tally.Problems.Count - ListedProblems} more; --json lists them.");
        if (stopped is not null)
            await error.WriteLineAsync($"Stopped before all was sent: {stopped}");
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"{tally.Sent} messages sent ({tally.Bytes / 1e6:F1} MB) in {seconds:F1} s, {tally.Sent / Math.Max(seconds, 0.001):F0}/s: {tally.Accepted} accepted, ")
            + $"{tally.Refused} refused, {tally.Posted} asked for no answer, {tally.Unknown} without an acknowledgement, {tally.NotSent} not sent"
            + $"{(tally.Resent > 0 ? $", {tally.Resent} sent again" : "")}.");
        if (tally.Accepted > 0)
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Acknowledged within {tally.Wait(50):F1} ms (half of them), {tally.Wait(99):F1} ms (99 of 100)."));
        return well ? NodeCommandLine.Success : NodeCommandLine.Failure;
    }

    private string Line(SendTally tally)
    {
        var filled = (int)(tally.Fraction * BarWidth);
        var rate = tally.Sent / Math.Max(0.001, clock.GetElapsedTime(started).TotalSeconds);
        return string.Create(CultureInfo.InvariantCulture, $"[{new string('#', filled)}{new string('.', BarWidth - filled)}] {(int)(tally.Fraction * 100)} %  "
            + $"{tally.Sent} sent, {tally.Refused + tally.Unknown} not taken, {rate:F0}/s");
    }
}

/// <summary>The end of a sending, for programs. Waits are in milliseconds.</summary>
internal sealed record SendResult(
    long Sent, long Accepted, long Refused, long NoAnswerWanted, long Unknown, long NotSent, long SentAgain, long Bytes, double Seconds, double PerSecond,
    double WaitP50, double WaitP99, string? Stopped, IReadOnlyList<SendProblem> Problems);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SendResult))]
internal sealed partial class SendJson : JsonSerializerContext;
