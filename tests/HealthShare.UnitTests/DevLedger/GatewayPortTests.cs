using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using HealthShare.DevLedger;
using HealthShare.UnitTests.Chaincode.Shim;
using HealthShare.UnitTests.Support;

namespace HealthShare.UnitTests.DevLedger;

/// <summary>Gateways whose ports were taken while the ledger was away. Alone, so that nobody else is given the ports meanwhile.</summary>
[Collection(AloneCollection.Name)]
public sealed class GatewayPortTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("ports-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Only_a_port_that_was_taken_is_spoken_of()
    {
        var port = await StartAsync(said: 0);
        Assert.Equal(port, await StartAsync(said: 0));
        using var taken = new TcpListener(IPAddress.Loopback, port);
        taken.Start();
        Assert.NotEqual(port, await StartAsync(said: 1));

        async Task<int> StartAsync(int said)
        {
            using var logs = new RecordedLogs();
            await using var host = await DevLedgerHost.StartAsync(new DevLedgerOptions
            {
                StateDirectory = folder.FullName, Channel = "trial", Organizations = [new() { MspId = "AMSP", Domain = "a.example" }],
            }, logs);
            Assert.Equal(said, logs.Lines.Count(line => line.Contains("is taken. It listens on port", StringComparison.Ordinal)));
            return host.Gateways["AMSP"].Port;
        }
    }

    [Fact]
    public async Task Gateways_listen_where_they_did_before_and_elsewhere_only_where_a_port_is_taken()
    {
        var first = await PortsAsync("A,B");
        Assert.Equal(first, await PortsAsync("A,B"));
        using var taken = new TcpListener(IPAddress.Loopback, first["AMSP"]);
        taken.Start();
        var third = await PortsAsync("A,B");
        Assert.NotEqual(first["AMSP"], third["AMSP"]);
        Assert.Equal(first["BMSP"], third["BMSP"]);
        taken.Stop();
        Assert.Equal(third, await PortsAsync("A,B")); // what clients were told last

        File.WriteAllText(Path.Combine(folder.FullName, "ports.json"), "{");
        Assert.Contains("ports.json", await RunningCommand.FailureAsync("--orgs", "A,B", "--state", folder.FullName), StringComparison.Ordinal);

        async Task<Dictionary<string, int>> PortsAsync(string organizations)
        {
            await using var program = RunningCommand.Start("--orgs", organizations, "--state", folder.FullName);
            using var report = JsonDocument.Parse(await program.ReadyAsync());
            return report.RootElement.GetProperty("gateways").EnumerateArray().ToDictionary(
                gateway => gateway.GetProperty("mspId").GetString()!, gateway => IPEndPoint.Parse(gateway.GetProperty("endpoint").GetString()!).Port);
        }
    }
}
