using System.Text;
using System.Text.Json;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Content;
using HealthShare.Node.Content.Keeping;
using HealthShare.Node.Content.Keeping.Findings;
using HealthShare.Node.Database;
using HealthShare.Node.Incidents;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;
using HealthShare.Sandbox.Ipfs;
using HealthShare.Vault.Content;
using HealthShare.Vault.Content.Kubo;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NSubstitute;

namespace HealthShare.IntegrationTests.Ipfs;

/// <summary>The keeper of one member over its own daemon; the other daemons are its replicas, by their gateways.</summary>
internal sealed class KeeperOnDaemons : IAsyncDisposable
{
    // What a daemon may take on a busy machine that runs three of them beside other tests.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("healthshare-keeper-");
    private readonly SqliteDatabase database;
    private readonly ServiceProvider services;

    private KeeperOnDaemons(IpfsDaemon own, IReadOnlyDictionary<string, IpfsDaemon> others)
    {
        database = new SqliteDatabase($"Data Source={Path.Combine(folder.FullName, "node.db")}");
        Store = KuboContentStore.Open(new()
        {
            Rpc = new()
            {
                Url = own.Addresses.Rpc, FetchTimeout = TimeSpan.FromSeconds(20), PinTimeout = Patience, CallTimeout = Patience, ConnectTimeout = Patience,
            },
            Folder = Path.Combine(folder.FullName, "marks"), Layout = new(64 * 1024, 8),
        });
        var options = new ContentOptions
        {
            Keeping =
            {
                OwnGatewayUrl = own.Addresses.Gateway, MinimumReplicas = 1 + others.Count, PassEvery = TimeSpan.FromMinutes(1), ChallengeTimeout = Patience,
            },
        };
        foreach (var (name, other) in others)
            options.Replicas.Add(new ReplicaOptions { Name = name, GatewayUrl = other.Addresses.Gateway });
        var ledger = Substitute.For<ILedger>();
        ledger.MspId.Returns("NorthMSP");
        var collection = new ServiceCollection();
        collection.AddLogging();
        collection.AddSingleton(TimeProvider.System);
        collection.AddSingleton<IDatabase>(database);
        collection.AddSingleton<IContentStore>(Store);
        collection.AddSingleton(ledger);
        collection.AddSingleton(Options.Create(options));
        collection.AddSingleton<IncidentLog>();
        collection.AddSingleton(Substitute.For<IReadModel>());
        collection.AddContentKeeping();
        services = collection.BuildServiceProvider();
    }

    public KuboContentStore Store { get; }

    public static async Task<KeeperOnDaemons> StartAsync(IpfsDaemon own, IReadOnlyDictionary<string, IpfsDaemon> others)
    {
        var keeper = new KeeperOnDaemons(own, others);
        await new Migrator(keeper.database, TimeProvider.System).ApplyAsync(CancellationToken.None);
        return keeper;
    }

    /// <summary>The ledger has a record of this content from now on.</summary>
    public Task RegisterAsync(StoredContent content) => database.WriteAsync(transaction =>
    {
        var record = "rc-" + Guid.NewGuid().ToString("n");
        var entry = new RecordEntry("NorthMSP", DateTimeOffset.UtcNow, new NewRecord(
            "pt-1", record, ["c"], [], "N", DateTimeOffset.UtcNow, content.Cid.ToString(), content.Size, "k"));
        return transaction.Connection!.ExecuteAsync(
            "INSERT INTO replica (key, value, block, transaction_id, seen_at, first_seen_at) VALUES (@key, @value, 1, 'tx', 0, 0)",
            new
            {
                key = Encoding.UTF8.GetBytes(LedgerKey.Record("pt-1", "NorthMSP", record)),
                value = JsonSerializer.SerializeToUtf8Bytes(entry, LedgerJson.Default.RecordEntry),
            }, transaction);
    }, CancellationToken.None);

    /// <summary>Checks every record now, wholly, and repairs what it can.</summary>
    public async Task<ContentCheckProgress> CheckAsync(bool repair = true)
    {
        ContentCheckProgress? last = null;
        await foreach (var progress in services.GetRequiredService<CheckOnDemand>().RunAsync(new(repair, Full: true), CancellationToken.None))
            last = progress;
        return last!;
    }

    public Task<IReadOnlyList<ContentFinding>> FindingsAsync() =>
        services.GetRequiredService<FindingTable>().ListOpenAsync(1000, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        Store.Dispose();
        database.Dispose();
        folder.Delete(recursive: true);
    }
}
