using System.Diagnostics;
using System.Text;

namespace HealthShare.IntegrationTests.Ledger;

/// <summary>The development ledger as a process of its own, which can be killed.</summary>
internal sealed class LedgerProcess : IDisposable
{
    private readonly Process process;
    private readonly StringBuilder faults = new();

    private LedgerProcess(Process process)
    {
        this.process = process;
        process.ErrorDataReceived += (_, line) =>
        {
            lock (faults)
                faults.AppendLine(line.Data);
        };
        process.BeginErrorReadLine();
    }

    /// <summary>Starts it and waits until it serves.</summary>
    public static async Task<LedgerProcess> StartAsync(string state, params string[] arguments)
    {
        var ledger = new LedgerProcess(Process.Start(new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "HealthShare.DevLedger.dll"), "--state", state, "--json", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);
        if (await ledger.process.StandardOutput.ReadLineAsync() is not null)
            return ledger;
        ledger.Dispose();
        throw new InvalidOperationException($"The ledger did not start: {ledger.faults}");
    }

    /// <summary>Ends it as a power failure would: nothing gets a chance to finish.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
            process.WaitForExit();
        }
        process.Dispose();
    }
}
