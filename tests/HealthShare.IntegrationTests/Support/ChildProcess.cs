using System.Diagnostics;
using System.Text;

namespace HealthShare.IntegrationTests.Support;

/// <summary>A program of this repository as a process of its own, which can be killed, stopped for a while, and started again.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);

    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly TaskCompletionSource<string> ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string readyText;

    private ChildProcess(Process process, string readyText)
    {
        (this.process, this.readyText) = (process, readyText);
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Everything that it printed.</summary>
    public string Output
    {
        get
        {
            lock (output)
                return output.ToString();
        }
    }

    /// <summary>Starts an assembly that lies beside the tests and waits until it prints a text.</summary>
    /// <returns>The process.</returns>
    /// <exception cref="InvalidOperationException">It ended or did not say so in three minutes; the message holds what it printed.</exception>
    public static async Task<ChildProcess> StartAsync(string assembly, string readyText, params string[] arguments)
    {
        var host = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";
        var start = new ProcessStartInfo(host) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, assembly));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        var child = new ChildProcess(Process.Start(start)!, readyText);
        var exited = child.process.WaitForExitAsync();
        if (await Task.WhenAny(child.ready.Task, exited, Task.Delay(StartLimit)) == child.ready.Task)
            return child;
        await child.DisposeAsync();
        throw new InvalidOperationException($"{assembly} did not start:\n{child.Output}");
    }

    /// <summary>Ends it as a power failure would: nothing gets a chance to finish.</summary>
    public async Task KillAsync()
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
    }

    /// <summary>Stops it where it stands: its connections stay open, and nothing answers.</summary>
    public void Freeze() => Signal("STOP");

    /// <summary>Lets it go on after <see cref="Freeze"/>.</summary>
    public void Thaw() => Signal("CONT");

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            await KillAsync();
        process.Dispose();
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{process.Id}"]);
        kill.WaitForExit();
        if (kill.ExitCode != 0)
            throw new InvalidOperationException($"The signal {name} could not be sent to process {process.Id}.");
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (output)
            output.AppendLine(line.Data);
        if (line.Data?.Contains(readyText, StringComparison.Ordinal) == true)
            ready.TrySetResult(line.Data);
    }
}
