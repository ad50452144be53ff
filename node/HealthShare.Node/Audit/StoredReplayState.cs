using System.Runtime.CompilerServices;
using System.Text;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol.Ledger.KvRwSet;
using Microsoft.Data.Sqlite;

namespace HealthShare.Node.Audit;

/// <summary>
/// The whole state, in a temporary database of its own: as many pages in memory as the cache takes, the rest in a file without a name in
/// the folder for temporary files, which goes with the process however that ends. For one thread at a time.
/// </summary>
internal sealed class StoredReplayState : IReplayState, IDisposable
{
    /// <summary>Most memory that the pages take, in bytes; what is more lies on the disk.</summary>
    public const int CacheBytes = 64 * 1024 * 1024;

    private readonly SqliteConnection connection;
    private readonly SqliteCommand get, put, delete;

    /// <summary>Where the file lies, as SQLite chooses it.</summary>
    public static string Folder => Environment.GetEnvironmentVariable("SQLITE_TMPDIR") ?? Environment.GetEnvironmentVariable("TMPDIR") ?? Path.GetTempPath();

    /// <summary>Begins empty.</summary>
    /// <param name="mostPages">Pages after which there is no room; default: as many as the disk takes.</param>
    /// <exception cref="SqliteException">There is no room for temporary files.</exception>
    public StoredReplayState(int? mostPages = null)
    {
        // Without a name the database is this connection's own; a pool would hand it on with what is in it.
        connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = "", Pooling = false }.ToString());
        connection.Open();
        using (var set = Command($"""
            PRAGMA journal_mode = OFF;
            PRAGMA synchronous = OFF;
            PRAGMA cache_size = -{CacheBytes / 1024};
            CREATE TABLE state (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
            """))
            set.ExecuteNonQuery();
        if (mostPages is { } most)
        {
            using var bound = Command($"PRAGMA max_page_count = {most}");
            bound.ExecuteNonQuery();
        }
        get = Command("SELECT value FROM state WHERE key = $key", "$key");
        put = Command("INSERT INTO state (key, value) VALUES ($key, $value) ON CONFLICT (key) DO UPDATE SET value = excluded.value", "$key", "$value");
        delete = Command("DELETE FROM state WHERE key = $key", "$key");
    }

    /// <summary>What the state takes, in memory and on the disk together.</summary>
    public long SizeInBytes
    {
        get
        {
            using var size = Command("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()");
            return (long)size.ExecuteScalar()!;
        }
    }

    public Task<byte[]?> GetAsync(string key, CancellationToken ct)
    {
        get.Parameters[0].Value = Encoding.UTF8.GetBytes(key);
        return Task.FromResult((byte[]?)get.ExecuteScalar());
    }

    public async IAsyncEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> ListAsync(
        LedgerKind kind, IReadOnlyList<string> parts, [EnumeratorCancellation] CancellationToken ct)
    {
        await Task.CompletedTask;
        var prefix = Encoding.UTF8.GetBytes(LedgerKey.Prefix(kind, parts));
        using var list = Command("SELECT key, value FROM state WHERE key >= $from AND key < $to ORDER BY key", "$from", "$to");
        (list.Parameters[0].Value, list.Parameters[1].Value) = (prefix, (byte[])[.. prefix, 0xFF]); // no byte of UTF-8
        using var rows = list.ExecuteReader();
        while (rows.Read())
        {
            ct.ThrowIfCancellationRequested();
            yield return new(Encoding.UTF8.GetString(rows.GetFieldValue<byte[]>(0)), rows.GetFieldValue<byte[]>(1));
        }
    }

    public void Apply(IEnumerable<KVWrite> writes)
    {
        foreach (var write in writes)
        {
            var key = Encoding.UTF8.GetBytes(write.Key);
            if (write.IsDelete)
            {
                delete.Parameters[0].Value = key;
                delete.ExecuteNonQuery();
            }
            else
            {
                (put.Parameters[0].Value, put.Parameters[1].Value) = (key, write.Value.ToByteArray());
                put.ExecuteNonQuery();
            }
        }
    }

    public void Dispose()
    {
        get.Dispose();
        put.Dispose();
        delete.Dispose();
        connection.Dispose();
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<string> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var name in parameters)
            command.Parameters.Add(name, SqliteType.Blob);
        return command;
    }
}
