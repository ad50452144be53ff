using HealthShare.DevLedger.CommandLine;

namespace HealthShare.UnitTests.DevLedger;

/// <summary>A command line that runs beside the test.</summary>
internal sealed class RunningCommand : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly Output output = new();
    private readonly StringWriter error = new();
    private Task<int> run = null!;

    public static RunningCommand Start(params string[] arguments)
    {
        var running = new RunningCommand();
        running.run = Task.Run(() => DevLedgerCommand.RunAsync(
            [.. arguments, "--json", "--log-level", "None"], running.output, running.error, running.stop.Token));
        return running;
    }

    /// <summary>Runs one that is to end with 1.</summary>
    /// <returns>What it complains of.</returns>
    public static async Task<string> FailureAsync(params string[] arguments)
    {
        using var error = new StringWriter();
        Assert.Equal(1, await DevLedgerCommand.RunAsync([.. arguments, "--log-level", "None"], TextWriter.Null, error));
        return error.ToString();
    }

    /// <summary>Waits for what it prints once it listens.</summary>
    public async Task<string> ReadyAsync() => await Task.WhenAny(output.Line, run) == run
        ? throw new InvalidOperationException($"It ended with {await run}: {error}")
        : await output.Line;

    public async Task<int> StopAsync()
    {
        await stop.CancelAsync();
        return await run;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        stop.Dispose();
    }

    private sealed class Output : StringWriter
    {
        private readonly TaskCompletionSource<string> line = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Line => line.Task;

        public override Task WriteLineAsync(string? value)
        {
            line.TrySetResult(value!);
            return base.WriteLineAsync(value);
        }
    }
}
