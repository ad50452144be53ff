using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;

namespace HealthShare.Node.Database;

/// <summary>
/// The embedded database: write-ahead log, every commit synced to the disk, one writer.
/// Writes that wait at the same time share a commit.
/// </summary>
internal sealed class SqliteDatabase : IDatabase, IDisposable
{
    // Per connection. The journal mode is a property of the file, but setting it again does no harm. The log is written back to the file
    // at 40 MB: whoever commits then waits for all of it, and the usual 4 MB are full every few hundred requests.
    private const string Settings = """
        PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
        PRAGMA wal_autocheckpoint = 10000; PRAGMA secure_delete = ON;
        """;

    private static readonly ConditionalWeakTable<SQLitePCL.sqlite3, object> Known = [];

    private readonly string connectionString;
    private readonly GroupCommit commits;

    static SqliteDatabase() => SQLitePCL.Batteries_V2.Init();

    public SqliteDatabase(string source)
    {
        var builder = new SqliteConnectionStringBuilder(source);
        if (Path.GetDirectoryName(Path.GetFullPath(builder.DataSource)) is { } folder)
            Directory.CreateDirectory(folder);
        connectionString = builder.ConnectionString;
        commits = new GroupCommit(() => OpenAsync(connectionString, CancellationToken.None));
    }

    public DatabaseProvider Provider => DatabaseProvider.Sqlite;

    /// <summary>False until something was written.</summary>
    public bool Exists => File.Exists(new SqliteConnectionStringBuilder(connectionString).DataSource);

    public async Task<DbConnection> OpenAsync(CancellationToken ct) => await OpenAsync(connectionString, ct);

    public Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> work, CancellationToken ct) => commits.RunAsync(work, ct);

    public void Dispose()
    {
        commits.Dispose();
        // Lets go of the file, so that a stopped node's folder can be moved or deleted.
        using var connection = new SqliteConnection(connectionString);
        SqliteConnection.ClearPool(connection);
    }

    private static async Task<SqliteConnection> OpenAsync(string connectionString, CancellationToken ct)
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
}
