using System.Diagnostics;

namespace HealthShare.Sandbox.Stories;

/// <summary>Plays steps in order, prints a line for each, and stops at the first that is not as it should be.</summary>
internal sealed class StoryTeller(TextWriter output)
{
    private int played;

    public async Task StepAsync(string sentence, Func<Task<string>> step)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            var detail = await step();
            await output.WriteLineAsync(
                $"ok   {++played,2}. {sentence} ({Stopwatch.GetElapsedTime(started).TotalMilliseconds:F0} ms){(detail.Length > 0 ? $": {detail}" : "")}");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            await output.WriteLineAsync($"FAIL {++played,2}. {sentence}: {e.Message}");
            throw e as StoryException ?? new StoryException($"{e.GetType().Name}: {e.Message}");
        }
    }

    /// <summary>Tries again until the result is there; gives up with the step's own words.</summary>
    public static async Task<T> WaitForAsync<T>(string what, Func<Task<T?>> attempt, CancellationToken ct) where T : class
    {
        var until = Stopwatch.GetTimestamp() + (120 * Stopwatch.Frequency);
        while (true)
        {
            if (await attempt() is { } result)
                return result;
            if (Stopwatch.GetTimestamp() > until)
                throw new StoryException($"gave up waiting for {what}");
            await Task.Delay(100, ct);
        }
    }

    public static void Check(bool holds, string otherwise)
    {
        if (!holds)
            throw new StoryException(otherwise);
    }
}
