using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Content;
using HealthShare.Node.Content.Keeping;
using HealthShare.Node.Content.Keeping.Findings;
using HealthShare.Node.Content.Keeping.Passes;
using HealthShare.Node.Database;
using HealthShare.Node.Incidents;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;
using HealthShare.UnitTests.Node.Support;
using HealthShare.Vault.Content;
using HealthShare.Vault.Content.Replicas;
using Microsoft.Extensions.DependencyInjection;
using NSubstitute;

namespace HealthShare.UnitTests.Node.Content.Keeping;

/// <summary>A keeper with an own store, replicas as the test wants them, and records on a copy of the ledger.</summary>
internal sealed class KeepingScene : IAsyncDisposable
{
    private const int Leaf = 1024;
    private readonly string folder = Directory.CreateTempSubdirectory("hs-keeping-").FullName;
    private readonly TestDatabase database;
    private ServiceProvider services = null!;

    private KeepingScene(TestDatabase database, IReadOnlyList<MemoryReplica> others)
    {
        (this.database, Others) = (database, others);
        ReadModel.IsFresh.Returns(true);
        Store = EmbeddedContentStore.Open(new() { Folder = folder, Layout = new(Leaf, 4), SyncToDisk = false }, Clock);
        Start();
    }

    public ManualClock Clock { get; } = new();
    public IReadModel ReadModel { get; } = Substitute.For<IReadModel>();
    public ContentOptions Options { get; } = new() { Keeping = { ChallengeTimeout = TimeSpan.FromMinutes(1) } };
    public EmbeddedContentStore Store { get; }
    public IReadOnlyList<MemoryReplica> Others { get; }
    public IDatabase Database => database.Instance;
    public IServiceProvider Services => services;
    public RecordPass Records => services.GetRequiredService<RecordPass>();
    public FindingPass Retries => services.GetRequiredService<FindingPass>();
    public ScrubPass Scrub => services.GetRequiredService<ScrubPass>();
    public Keeper Keeper => services.GetRequiredService<Keeper>();

    /// <summary>Own store of the keeper; a test may put something before it.</summary>
    public Func<IWritableReplica, IWritableReplica> Own { get; set; } = own => own;

    /// <summary>What a cluster says of its peers; null where there is none.</summary>
    public IPinClaims? Claims { get; set; }

    public static Task<KeepingScene> CreateAsync(params MemoryReplica[] others) => CreateAsync(DatabaseProvider.Sqlite, others);

    public static async Task<KeepingScene> CreateAsync(DatabaseProvider provider, params MemoryReplica[] others) =>
        new(await TestDatabase.CreateAsync(provider), others);

    /// <summary>As after a restart of the node, with settings and replicas as they are now.</summary>
    public void Start()
    {
        services?.Dispose();
        services = Build();
    }

    /// <summary>A keeper of its own over the same database and store, as a second process would be.</summary>
    public ServiceProvider Build()
    {
        var collection = new ServiceCollection();
        collection.AddLogging();
        collection.AddSingleton<TimeProvider>(Clock);
        collection.AddSingleton(database.Instance);
        collection.AddSingleton<IContentStore>(Store);
        collection.AddSingleton<ILedger>(new FakeLedger());
        collection.AddSingleton(Microsoft.Extensions.Options.Options.Create(Options));
        collection.AddSingleton<IncidentLog>();
        collection.AddSingleton(ReadModel);
        collection.AddContentKeeping();
        collection.AddSingleton(_ => new Replicas(
            Own(new StoreReplica(Replicas.OwnName, Store)), [.. Others.Select(other => other.AsReplica())]));
        if (Claims is { } claims)
            collection.AddSingleton(claims);
        return collection.BuildServiceProvider();
    }

    /// <summary>Registers a record and stores it here and at every replica.</summary>
    public async Task<KeptContent> AddAsync(int length = 5 * Leaf + 100, string custodian = "NorthMSP", Random? random = null)
    {
        var content = new byte[length];
        (random ?? Random.Shared).NextBytes(content);
        var stored = await Store.PutAsync(new MemoryStream(content), CancellationToken.None);
        await foreach (var block in new StoreReplica("source", Store).ReadBlocksAsync(stored.Cid, CancellationToken.None))
        {
            foreach (var other in Others)
                other.Blocks[block.Cid] = block.Bytes.ToArray();
        }
        return await RegisterAsync(stored.Cid.ToString(), stored.Size, custodian);
    }

    public async Task<KeptContent> RegisterAsync(string cid, long size, string custodian = "NorthMSP") =>
        (await RegisterAsync(cid, size, [custodian]))[0];

    /// <summary>Registers many records in one transaction.</summary>
    public Task<KeptContent[]> RegisterAsync(string cid, long size, IReadOnlyList<string> custodians) => Database.WriteAsync(async transaction =>
    {
        var records = custodians.Select(custodian => Entry(cid, size, custodian)).ToList();
        await transaction.Connection!.ExecuteAsync(
            "INSERT INTO replica (key, value, block, transaction_id, seen_at, first_seen_at) VALUES (@key, @value, 1, 'tx', 0, 0)",
            records.Select(record => new { key = record.Content.RecordKey, value = record.Json }), transaction);
        return records.Select(record => record.Content).ToArray();
    }, default);

    private (KeptContent Content, byte[] Json) Entry(string cid, long size, string custodian)
    {
        var id = "rc-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        var entry = new RecordEntry(custodian, Clock.Now, new NewRecord("pt-1", id, ["c"], [], "N", Clock.Now, cid, size, "k"));
        var key = Encoding.UTF8.GetBytes(LedgerKey.Record("pt-1", custodian, id));
        var content = new KeptContent(Cid.TryParse(cid, out var parsed) ? parsed : Cid.Of(CidCodec.Raw, []), size, id, key);
        return (content, JsonSerializer.SerializeToUtf8Bytes(entry, LedgerJson.Default.RecordEntry));
    }

    /// <summary>The ledger no longer has the record.</summary>
    public Task WithdrawAsync(KeptContent record) => Database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(
        "DELETE FROM replica WHERE key = @key", new { key = record.RecordKey }, transaction), default);

    public string FileOf(Cid cid) => Directory.EnumerateFiles(folder, cid.ToString(), SearchOption.AllDirectories)
        .Single(path => path.Contains("objects", StringComparison.Ordinal));

    /// <summary>Changes one byte of the own copy; the place is the test's.</summary>
    public void Damage(Cid cid, int at = 10)
    {
        var bytes = File.ReadAllBytes(FileOf(cid));
        bytes[at] ^= 1;
        File.WriteAllBytes(FileOf(cid), bytes);
    }

    /// <summary>Runs one pass to its end.</summary>
    public async Task<PassCounts> PassAsync(int page = 50)
    {
        Clock.Now += Options.Keeping.PassEvery;
        while (await Records.StepAsync(page, CancellationToken.None) is not null)
        {
        }
        return (await services.GetRequiredService<PassTable>().FindLastAsync(CancellationToken.None))!;
    }

    public async Task<IReadOnlyList<ContentFinding>> FindingsAsync() =>
        await services.GetRequiredService<FindingTable>().ListOpenAsync(1000, CancellationToken.None);

    public Task<bool> IsWholeAsync(Cid cid) => IsWholeAsync(Store, cid);

    public static async Task<bool> IsWholeAsync(IContentStore store, Cid cid)
    {
        try
        {
            await using var stream = await store.OpenAsync(cid, CancellationToken.None);
            await stream.CopyToAsync(Stream.Null);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        Store.Dispose();
        await database.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}

/// <summary>Another member's blocks in memory, and how that member behaves.</summary>
internal sealed class MemoryReplica(string name) : IBlockSource
{
    public System.Collections.Concurrent.ConcurrentDictionary<Cid, byte[]> Blocks { get; } = new();

    /// <summary>What a good answer becomes; it may throw or wait.</summary>
    public Func<Cid, byte[], CancellationToken, Task<byte[]>> Behaviour { get; set; } = (_, block, _) => Task.FromResult(block);

    public int Asked => asked;

    private int asked;

    public static Func<Cid, byte[], CancellationToken, Task<byte[]>> Lying => (_, block, _) =>
        Task.FromResult(block.Select((value, at) => at == block.Length / 2 ? (byte)~value : value).ToArray());

    public static Func<Cid, byte[], CancellationToken, Task<byte[]>> Hung => async (_, block, ct) =>
    {
        await Task.Delay(Timeout.Infinite, ct);
        return block;
    };

    public Func<Cid, byte[], CancellationToken, Task<byte[]>> Down => (_, _, _) => throw new ReplicaUnavailableException(name, "refused.");

    public IContentReplica AsReplica() => new BlockReplica(name, this);

    public async Task<ReadOnlyMemory<byte>> ReadBlockAsync(Cid cid, CancellationToken ct)
    {
        Interlocked.Increment(ref asked);
        return await Behaviour(cid, Blocks.TryGetValue(cid, out var block) ? block : throw new ContentNotFoundException(cid), ct);
    }
}
