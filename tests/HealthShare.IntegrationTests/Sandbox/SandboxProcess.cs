using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using HealthShare.IntegrationTests.Support;

namespace HealthShare.IntegrationTests.Sandbox;

/// <summary>The sandbox as a process of its own, which can be killed.</summary>
internal sealed class SandboxProcess : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(5);
    private const int Starts = 5;

    private readonly Process process;
    private readonly StringBuilder output = new();

    private SandboxProcess(Process process, int portBase)
    {
        (this.process, PortBase) = (process, portBase);
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int PortBase { get; }

    /// <summary>Address of North's API.</summary>
    public Uri NorthApi => new($"http://127.0.0.1:{PortBase + 1}/api/v1/");

    public int NorthMllp => PortBase + 11;

    /// <summary>Starts it and waits until it serves; at other ports where somebody has just taken one of these.</summary>
    public static async Task<SandboxProcess> StartAsync(string state, int portBase, params string[] more)
    {
        for (var start = 1; ; start++)
        {
            try
            {
                return await StartOnceAsync(state, portBase, more);
            }
            catch (InvalidOperationException e) when (start < Starts && e.Message.Contains("address already in use", StringComparison.Ordinal))
            {
                portBase = PortRange.Take();
            }
        }
    }

    private static async Task<SandboxProcess> StartOnceAsync(string state, int portBase, string[] more)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                Path.Combine(AppContext.BaseDirectory, "HealthShare.Sandbox.dll"), "--state", state, "--port-base", $"{portBase}",
            },
        };
        foreach (var argument in more)
            start.ArgumentList.Add(argument);
        var sandbox = new SandboxProcess(Process.Start(start)!, portBase);
        try
        {
            await sandbox.WaitUntilItServesAsync();
            return sandbox;
        }
        catch
        {
            sandbox.Dispose();
            throw;
        }
    }

    /// <summary>Ends it as a power failure would: nothing gets a chance to finish.</summary>
    public async Task KillAsync()
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
    }

    /// <summary>Ends it alone, and leaves what it started to itself.</summary>
    public void KillAlone()
    {
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>A client of North's API with the token of a role.</summary>
    public HttpClient North(string state, string role)
    {
        var signIns = JsonNode.Parse(File.ReadAllText(Path.Combine(state, "sign-ins.json")))!.AsArray();
        var token = signIns.First(entry => entry!["node"]!.GetValue<string>() == "north" && entry["role"]!.GetValue<string>() == role)!["token"]!;
        var client = new HttpClient { BaseAddress = NorthApi };
        client.Timeout = TimeSpan.FromMinutes(5);
        client.DefaultRequestHeaders.Authorization = new("Bearer", token.GetValue<string>());
        return client;
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        process.WaitForExit(); // what is dying may still write into the folder that is removed next
        process.Dispose();
    }

    private async Task WaitUntilItServesAsync()
    {
        var started = Stopwatch.GetTimestamp();
        while (!Text.Contains("Ctrl+C", StringComparison.Ordinal))
        {
            if (process.HasExited || Stopwatch.GetElapsedTime(started) > StartLimit)
                throw new InvalidOperationException($"The sandbox did not start:\n{Text}");
            await Task.Delay(100);
        }
    }

    private string Text
    {
        get
        {
            lock (output)
                return output.ToString();
        }
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (output)
            output.AppendLine(line.Data);
    }
}
