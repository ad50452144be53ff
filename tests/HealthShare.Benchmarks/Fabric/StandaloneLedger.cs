using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using HealthShare.Fabric.Protocol.Connection;

namespace HealthShare.Benchmarks.Fabric;

/// <summary>The development ledger and a chaincode service, each a process of its own on a folder of its own.</summary>
internal sealed class StandaloneLedger : IAsyncDisposable
{
    // No ordering nodes have to agree: waiting for more of a block than comes while the one before is written leaves the processors idle.
    private const string BatchTimeoutMilliseconds = "0";

    private readonly DirectoryInfo state = Directory.CreateTempSubdirectory("healthshare-benchmark-ledger-");
    private readonly List<Process> processes = [];

    private StandaloneLedger()
    {
    }

    public ConnectionProfile Profile { get; private set; } = null!;

    /// <summary>Starts both and waits until the ledger says that it is ready.</summary>
    public static async Task<StandaloneLedger> StartAsync(string chaincode, CancellationToken ct)
    {
        var ledger = new StandaloneLedger();
        try
        {
            var address = $"127.0.0.1:{FreePort()}";
            ledger.Start("asset-chaincode", "--ccid", $"{chaincode}_1:0", "--address", address, "--log-level", "Warning");
            var host = ledger.Start(
                "HealthShare.DevLedger", "--orgs", "North,South,East", "--chaincode", $"{chaincode}={address}",
                "--policy", $"{chaincode}=OutOf(2,'NorthMSP.peer','SouthMSP.peer','EastMSP.peer')",
                "--state", ledger.state.FullName, "--log-level", "Warning", "--json",
                "--batch-timeout", BatchTimeoutMilliseconds);
            var ready = await host.StandardOutput.ReadLineAsync(ct);
            if (ready is null)
                throw new InvalidOperationException("The development ledger did not start; its own words are above.");
            ledger.Profile = ConnectionFile.Read(Path.Combine(ledger.state.FullName, "connection.json"));
            return ledger;
        }
        catch
        {
            await ledger.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in processes)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
        state.Delete(recursive: true);
    }

    private Process Start(string assembly, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, $"{assembly}.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start) ?? throw new InvalidOperationException("dotnet does not start.");
        processes.Add(process);
        return process;
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
