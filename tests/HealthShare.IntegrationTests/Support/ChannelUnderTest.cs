using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using HealthShare.Chaincode;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Connection;
using HealthShare.Sandbox;
using Microsoft.Extensions.Logging.Abstractions;

namespace HealthShare.IntegrationTests.Support;

/// <summary>
/// The channel that the tests run on: a development ledger of their own, or the network whose connection file
/// <see cref="Backend.ConnectionVariable"/> names, with the chaincode deployed. A network keeps what earlier runs wrote.
/// </summary>
public sealed class ChannelUnderTest : IAsyncLifetime
{
    private readonly DirectoryInfo state = Directory.CreateTempSubdirectory("healthshare-channel-");
    private readonly Dictionary<string, GatewayClient> clients = [];
    private ConsortiumLedger? ledger;

    public ConnectionProfile Profile { get; private set; } = null!;

    public string ConnectionPath { get; private set; } = null!;

    /// <summary>The first three members hold records and endorse.</summary>
    public string Hospital(int number) => Profile.Organizations[number].MspId;

    public GatewayClient As(string mspId)
    {
        lock (clients)
        {
            if (!clients.TryGetValue(mspId, out var client))
                clients[mspId] = client = GatewayClient.Connect(Profile, mspId, "User1", Patient.Options);
            return client;
        }
    }

    public async Task InitializeAsync()
    {
        Backend.Require();
        if (Backend.ConnectionPath is { } named)
        {
            ConnectionPath = named;
        }
        else
        {
            ledger = await ConsortiumLedger.StartAsync(state, ports: null, NullLoggerFactory.Instance, CancellationToken.None);
            ConnectionPath = ledger.Host.ConnectionFile;
        }
        Profile = ConnectionFile.Read(ConnectionPath);
        foreach (var member in Profile.Organizations.Take(3).Select(organization => organization.MspId))
        {
            await Patient.AskAsync(As(member),
                new TransactionRequest(ContractCatalog.ChaincodeName, LedgerTransactions.ListOrganizations) { Organizations = [member] });
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var client in clients.Values)
            await client.DisposeAsync();
        if (ledger is not null)
            await ledger.DisposeAsync();
        state.Delete(recursive: true);
    }

    public static TransactionRequest Call<T>(string transaction, T argument, JsonTypeInfo<T> type) =>
        new(ContractCatalog.ChaincodeName, transaction, JsonSerializer.Serialize(argument, type));

    public static T Read<T>(ReadOnlyMemory<byte> json, JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(json.Span, type) ?? throw new JsonException($"null: {Encoding.UTF8.GetString(json.Span)}");
}
