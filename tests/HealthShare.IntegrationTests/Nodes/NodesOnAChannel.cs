using System.Text.Json;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol.Connection;
using HealthShare.Node.Keys;
using HealthShare.Node.Ledger;
using HealthShare.Sandbox;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace HealthShare.IntegrationTests.Nodes;

/// <summary>The nodes of three hospitals over a development ledger of their own, with real connections, keys and signatures.</summary>
public sealed class NodesOnAChannel : IAsyncLifetime
{
    private readonly DirectoryInfo state = Directory.CreateTempSubdirectory("healthshare-nodes-");
    private ConsortiumLedger ledger = null!;

    internal NodeUnderTest North { get; private set; } = null!;

    internal NodeUnderTest South { get; private set; } = null!;

    internal NodeUnderTest East { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        ledger = await ConsortiumLedger.StartAsync(state, ports: null, NullLoggerFactory.Instance, CancellationToken.None);
        (North, South, East) = (await StartAsync("NorthMSP"), await StartAsync("SouthMSP"), await StartAsync("EastMSP"));
        (string MspId, NodeUnderTest Node)[] founders = [("NorthMSP", North), ("SouthMSP", South), ("EastMSP", East)];
        var init = new InitNetwork([.. founders.Select(founder => Entry(founder.MspId, founder.Node))]);
        await North.App.Services.GetRequiredService<ILedger>().SubmitAsync(new LedgerCall(
            LedgerTransactions.InitNetwork, JsonSerializer.SerializeToUtf8Bytes(init, LedgerJson.Default.InitNetwork)), default);
        foreach (var (_, node) in founders)
            await node.WaitUntilReadyAsync();
    }

    /// <summary>Starts a member's node on its folder, anew or again.</summary>
    internal Task<NodeUnderTest> StartAsync(string mspId, string? connectionFile = null) =>
        NodeUnderTest.StartAsync(mspId, Path.Combine(state.FullName, mspId), connectionFile ?? ledger.Host.ConnectionFile);

    /// <summary>Stops South's node and starts it again on what it kept.</summary>
    internal async Task RestartSouthAsync()
    {
        await South.DisposeAsync();
        South = await StartAsync("SouthMSP");
        await South.WaitUntilReadyAsync();
    }

    /// <summary>A connection file like the channel's own, in which some members' peers do not answer.</summary>
    internal string ConnectionFileWithout(params string[] members)
    {
        var profile = ConnectionFile.Read(ledger.Host.ConnectionFile);
        var file = Path.Combine(state.FullName, $"without-{string.Join('-', members)}.json");
        ConnectionFile.Write(file, profile with
        {
            Organizations =
            [
                .. profile.Organizations.Select(organization => !members.Contains(organization.MspId) ? organization : organization with
                {
                    Peers = [.. organization.Peers.Select(peer => peer with { Endpoint = "127.0.0.1:1" })],
                }),
            ],
        });
        return file;
    }

    public async Task DisposeAsync()
    {
        await North.DisposeAsync();
        await South.DisposeAsync();
        await East.DisposeAsync();
        await ledger.DisposeAsync();
        state.Delete(recursive: true);
    }

    private static OrganizationEntry Entry(string mspId, NodeUnderTest node)
    {
        var key = node.App.Services.GetRequiredService<NodeKeys>().SealingKey;
        return new OrganizationEntry(mspId, mspId, OrganizationKind.Hospital, new SealingKey(key.KeyId, key.ToString()));
    }
}
