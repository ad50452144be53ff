using HealthShare.Node.Content;
using HealthShare.Node.Database;
using HealthShare.Node.Hosting;
using HealthShare.Node.Keys;
using HealthShare.Vault.Content;
using Microsoft.Extensions.Logging.Abstractions;

namespace HealthShare.UnitTests.Node.Support;

/// <summary>The part of a node that keeps keys and records, on a database and a folder of its own; it can be restarted.</summary>
internal sealed class KeyedNode : IAsyncDisposable
{
    private readonly TestDatabase database;
    private EmbeddedContentStore store;

    private KeyedNode(TestDatabase database)
    {
        this.database = database;
        Options = new KeysOptions { MasterKeyFile = Path.Combine(Folder, "master.key") };
        store = null!;
        Keys = null!;
    }

    /// <summary>Every database at hand: SQLite, and PostgreSQL where one is named.</summary>
    public static TheoryData<DatabaseProvider> Providers => [.. All];

    /// <summary>The same, each with each of some cases.</summary>
    public static TheoryData<DatabaseProvider, T> ProvidersWith<T>(params T[] cases)
    {
        var all = new TheoryData<DatabaseProvider, T>();
        foreach (var provider in All)
        {
            foreach (var one in cases)
                all.Add(provider, one);
        }
        return all;
    }

    private static DatabaseProvider[] All => PostgresFactAttribute.ConnectionString is null
        ? [DatabaseProvider.Sqlite]
        : [DatabaseProvider.Sqlite, DatabaseProvider.Postgresql];

    public string Folder { get; } = Directory.CreateTempSubdirectory("hs-keys-").FullName;
    public KeysOptions Options { get; set; }
    public ManualClock Clock { get; } = new();
    public IDatabase Database => database.Instance;
    public IContentStore Store => store;
    public NodeKeys Keys { get; private set; }
    public LabelKeys LabelKeys => new(Keys, Database);
    public ReceivedKeys ReceivedKeys => new(Keys, Database, Clock);
    public SealedRecords Records => new(Keys, Database, Clock);
    public RecordSealer Sealer => new(Store, Records);
    public RecordReader Reader => new(Store, Records, ReceivedKeys);

    public static async Task<KeyedNode> StartAsync(DatabaseProvider provider, string? root = null)
    {
        var node = new KeyedNode(await TestDatabase.CreateAsync(provider, root: root));
        await node.OpenAsync();
        return node;
    }

    public async Task RestartAsync()
    {
        Close();
        await database.ReopenAsync();
        await OpenAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Close();
        await database.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private async Task OpenAsync()
    {
        store = EmbeddedContentStore.Open(new() { Folder = Path.Combine(Folder, "content") }, Clock);
        var source = new MasterKeySource(Microsoft.Extensions.Options.Options.Create(Options),
            Microsoft.Extensions.Options.Options.Create(new NodeOptions { DataFolder = Folder }), Database);
        Keys = new NodeKeys(source, Database, Clock, NullLogger<NodeKeys>.Instance);
        await Keys.StartAsync(CancellationToken.None);
    }

    private void Close()
    {
        Keys.Dispose();
        store.Dispose();
    }
}

internal sealed class ManualClock : TimeProvider
{
    public DateTimeOffset Now { get; set; } = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Now;
}
