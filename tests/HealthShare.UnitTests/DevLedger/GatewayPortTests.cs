using System.Net;
using System.Net.Sockets;
using HealthShare.DevLedger;
using HealthShare.UnitTests.Chaincode.Shim;
using HealthShare.UnitTests.Support;

namespace HealthShare.UnitTests.DevLedger;

/// <summary>A gateway whose port was taken while the ledger was away says so. Alone, so that nobody else is given the port meanwhile.</summary>
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
}
