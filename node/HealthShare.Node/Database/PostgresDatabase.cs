using System.Data;
using System.Data.Common;
using Npgsql;

namespace HealthShare.Node.Database;

/// <summary>A PostgreSQL database; the server keeps concurrent writers apart.</summary>
internal sealed class PostgresDatabase(string connectionString) : IDatabase, IAsyncDisposable
{
    private readonly NpgsqlDataSource source = NpgsqlDataSource.Create(connectionString);

    public DatabaseProvider Provider => DatabaseProvider.Postgresql;

    public async Task<DbConnection> OpenAsync(CancellationToken ct) => await source.OpenConnectionAsync(ct);

    public async Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> work, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, ct);
        var result = await work(transaction);
        await transaction.CommitAsync(ct);
        return result;
    }

    public ValueTask DisposeAsync() => source.DisposeAsync();
}
