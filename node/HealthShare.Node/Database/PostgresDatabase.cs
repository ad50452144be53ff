using System.Data;
using System.Data.Common;
using Dapper;
using Npgsql;

namespace HealthShare.Node.Database;

/// <summary>A PostgreSQL database; the server keeps concurrent writers apart.</summary>
internal sealed class PostgresDatabase(string connectionString) : IDatabase, IAsyncDisposable
{
    // A server or a role may say that a commit need not wait for the disk. What was acknowledged must be there after a power failure; what is
    // stricter than "on", or waits for this server's disk alone, stays as it is.
    private const string WaitForTheDisk =
        "SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'";

    private const int Attempts = 4;

    private readonly NpgsqlDataSource source = NpgsqlDataSource.Create(connectionString);

    public DatabaseProvider Provider => DatabaseProvider.Postgresql;

    public async Task<DbConnection> OpenAsync(CancellationToken ct) => await source.OpenConnectionAsync(ct);

    public async Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> work, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await WriteOnceAsync(work, ct);
            }
            catch (PostgresException e) when (attempt < Attempts
                && e.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure)
            {
                // The server undid all of it so that others go on; the same again finds them done.
            }
        }
    }

    private async Task<T> WriteOnceAsync<T>(Func<DbTransaction, Task<T>> work, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, ct);
        await connection.ExecuteAsync(new CommandDefinition(WaitForTheDisk, transaction: transaction, cancellationToken: ct));
        try
        {
            var result = await work(transaction);
            await TransactionEnd.RunAsync(transaction, ct);
            await transaction.CommitAsync(ct);
            return result;
        }
        finally
        {
            TransactionEnd.Forget(transaction); // connections hand the same object out again
        }
    }

    public ValueTask DisposeAsync() => source.DisposeAsync();
}
