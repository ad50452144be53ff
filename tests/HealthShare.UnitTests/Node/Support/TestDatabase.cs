using Dapper;
using HealthShare.Node.Database;

namespace HealthShare.UnitTests.Node.Support;

/// <summary>A database of its own for one test, on SQLite or, where one is named, on PostgreSQL.</summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    private readonly string folder;
    private readonly Func<IDatabase> open;
    private readonly string? schema;

    /// <param name="provider">Which one.</param>
    /// <param name="root">Where the file of SQLite is; the temporary folder where null.</param>
    public TestDatabase(DatabaseProvider provider, string? root = null)
    {
        folder = Path.Combine(root ?? Path.GetTempPath(), "hs-node-" + Guid.NewGuid().ToString("n"));
        if (provider is DatabaseProvider.Sqlite)
        {
            ConnectionString = $"Data Source={Path.Combine(folder, "node.db")}";
            open = () => new SqliteDatabase(ConnectionString);
        }
        else
        {
            schema = "test_" + Guid.NewGuid().ToString("n");
            ConnectionString = $"{PostgresFactAttribute.ConnectionString};Search Path={schema};Maximum Pool Size=4;Timeout=120;Command Timeout=300";
            open = () => new PostgresDatabase(ConnectionString);
        }
        Instance = open();
    }

    public IDatabase Instance { get; private set; }

    /// <summary>Where it is, for another process.</summary>
    public string ConnectionString { get; }

    public static async Task<TestDatabase> CreateAsync(DatabaseProvider provider, bool migrate = true, string? root = null)
    {
        var test = new TestDatabase(provider, root);
        if (test.schema is { } schema)
            await test.Instance.WriteAsync(t => t.Connection!.ExecuteAsync($"CREATE SCHEMA {schema}"), default);
        if (migrate)
            await new Migrator(test.Instance, TimeProvider.System).ApplyAsync(default);
        return test;
    }

    /// <summary>As after a restart of the process.</summary>
    public async Task ReopenAsync()
    {
        await CloseAsync();
        Instance = open();
    }

    public async ValueTask DisposeAsync()
    {
        if (schema is not null)
            await Instance.WriteAsync(t => t.Connection!.ExecuteAsync($"DROP SCHEMA {schema} CASCADE"), default);
        await CloseAsync();
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    private async ValueTask CloseAsync()
    {
        if (Instance is IAsyncDisposable later)
            await later.DisposeAsync();
        else
            ((IDisposable)Instance).Dispose();
    }
}

/// <summary>A test on PostgreSQL, skipped where no server is named.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute() => Skip = ConnectionString is null
        ? "HEALTHSHARE_TEST_POSTGRES names no PostgreSQL connection string."
        : null;

    public static string? ConnectionString { get; } = Environment.GetEnvironmentVariable("HEALTHSHARE_TEST_POSTGRES") is { Length: > 0 } text
        ? text
        : null;
}
