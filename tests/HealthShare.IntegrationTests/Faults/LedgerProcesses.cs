using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Connection;
using HealthShare.IntegrationTests.Fabric;
using HealthShare.IntegrationTests.Support;

namespace HealthShare.IntegrationTests.Faults;

/// <summary>The development ledger and the asset chaincode as processes of their own, on ports and a folder that outlive them.</summary>
internal sealed class LedgerProcesses : IAsyncDisposable
{
    private static readonly string[] Members = ["North", "South", "East"];
    private readonly DirectoryInfo state = Directory.CreateTempSubdirectory("healthshare-processes-");
    private readonly int ports = PortRange.Take();
    private GatewayClient? client;

    public ChildProcess Ledger { get; private set; } = null!;

    public ChildProcess Chaincode { get; private set; } = null!;

    /// <summary>
    /// North's client, which is never made anew: recovery is its own affair. A write that must succeed is made again where its little
    /// time was not enough.
    /// </summary>
    public GatewayClient Client => client ??= Connect(Short);

    private static GatewayOptions Short => Patient.Options with
    {
        // Far less than a ledger waits for a chaincode, and a chaincode for itself: it is the caller's time that runs out.
        EndorseTimeout = TimeSpan.FromSeconds(10),
        SubmitTimeout = TimeSpan.FromSeconds(20),
        CommitTimeout = TimeSpan.FromSeconds(20),
        ReconnectDelay = TimeSpan.FromMilliseconds(10),
        MaxReconnectDelay = TimeSpan.FromMilliseconds(200),
        BreakDuration = TimeSpan.FromMilliseconds(50),
        MaxBreakDuration = TimeSpan.FromMilliseconds(200),
    };

    private string ChaincodeAddress => $"127.0.0.1:{ports + 20}";

    public static async Task<LedgerProcesses> StartAsync()
    {
        var processes = new LedgerProcesses();
        try
        {
            await processes.StartChaincodeAsync();
            await processes.StartLedgerAsync();
            await processes.WarmUpAsync();
            return processes;
        }
        catch
        {
            await processes.DisposeAsync();
            throw;
        }
    }

    /// <summary>Another client of North's.</summary>
    public GatewayClient Connect(GatewayOptions options) => GatewayClient.Connect(
        ConnectionFile.Read(Path.Combine(state.FullName, "connection.json")), "NorthMSP", "User1", options);

    public async Task StartLedgerAsync() => Ledger = await ChildProcess.StartAsync("HealthShare.DevLedger.dll", "\"gateways\"",
        "--orgs", string.Join(',', Members), "--state", state.FullName, "--channel", "health", "--port-base", $"{ports}",
        "--chaincode", $"asset={ChaincodeAddress}", "--log-level", "Warning", "--json");

    public async Task StartChaincodeAsync()
    {
        Chaincode = await ChildProcess.StartAsync(
            "asset-chaincode.dll", "", "--ccid", "asset:1", "--address", ChaincodeAddress, "--log-level", "Information");
        await WaitUntilItListensAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (client is not null)
            await client.DisposeAsync();
        if (Ledger is not null)
            await Ledger.DisposeAsync();
        if (Chaincode is not null)
            await Chaincode.DisposeAsync();
        state.Delete(recursive: true);
    }

    // Each member's peer has a way of its own to the chaincode, and none has been gone yet.
    private async Task WarmUpAsync()
    {
        await using var patient = Connect(Patient.Options);
        foreach (var member in Members)
            await Patient.AskAsync(patient, AssetChannel.Call("echo", "ready") with { Organizations = [$"{member}MSP"] });
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        await SafeWriter.PutAsync(patient, AssetChannel.NewKey(), patience.Token);
    }

    private async Task WaitUntilItListensAsync()
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            using var socket = new TcpClient();
            try
            {
                await socket.ConnectAsync(IPEndPoint.Parse(ChaincodeAddress));
                return;
            }
            catch (SocketException) when (Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(3))
            {
                await Task.Delay(100);
            }
        }
    }
}
