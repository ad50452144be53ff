using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;

namespace HealthShare.Node.Database;

/// <summary>The embedded database: write-ahead log, every commit synced to the disk, one writer.</summary>
internal sealed class SqliteDatabase : IDatabase, IDisposable
{
    // Per connection. The journal mode is a property of the file, but setting it again does no harm.
    private const string Settings = """
        PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
        """;

    private static readonly ConditionalWeakTable<SQLitePCL.sqlite3, object> Known = [];

    private readonly string connectionString;
    private readonly SemaphoreSlim writer = new(1, 1);

    static SqliteDatabase() => SQLitePCL.Batteries_V2.Init();

    public SqliteDatabase(string connectionString)
    {
        var builder = new SqliteConnectionStringBuilder(connectionString);
        if (Path.GetDirectoryName(Path.GetFullPath(builder.DataSource)) is { } folder)
            Directory.CreateDirectory(folder);
        this.connectionString = builder.ConnectionString;
    }

    public DatabaseProvider Provider => DatabaseProvider.Sqlite;

    /// <summary>False until something was written.</summary>
    public bool Exists => File.Exists(new SqliteConnectionStringBuilder(connectionString).DataSource);

    public async Task<DbConnection> OpenAsync(CancellationToken ct)
    {
        var connection = new SqliteConnection(connectionString);
        try
        {
            await connection.OpenAsync(ct);
            // The pool hands out handles again, which keep their settings: setting them at each opening cost more than a short query does.
            if (!Known.TryGetValue(connection.Handle!, out _))
            {
                using var command = connection.CreateCommand();
                command.CommandText = Settings;
                await command.ExecuteNonQueryAsync(ct);
                Known.AddOrUpdate(connection.Handle!, Settings);
            }
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public async Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> work, CancellationToken ct)
    {
        await writer.WaitAsync(ct);
        try
        {
            await using var connection = await OpenAsync(ct);
            // Immediate: the write lock is taken now, so that what is read inside cannot be overtaken.
            await using var transaction = ((SqliteConnection)connection).BeginTransaction(deferred: false);
            var result = await work(transaction);
            await transaction.CommitAsync(ct);
            return result;
        }
        finally
        {
            writer.Release();
        }
    }

    public void Dispose()
    {
        writer.Dispose();
        // Lets go of the file, so that a stopped node's folder can be moved or deleted.
        using var connection = new SqliteConnection(connectionString);
        SqliteConnection.ClearPool(connection);
    }
}
