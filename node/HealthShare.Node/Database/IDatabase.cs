using System.Data.Common;

namespace HealthShare.Node.Database;

/// <summary>The node's database. SQL is written once for both providers; see <see cref="Migrator"/> for the few differences.</summary>
public interface IDatabase
{
    /// <summary>Which provider answers.</summary>
    DatabaseProvider Provider { get; }

    /// <summary>Opens a connection for reading. Dispose it soon: connections are pooled.</summary>
    Task<DbConnection> OpenAsync(CancellationToken ct);

    /// <summary>
    /// Runs work in one transaction: all of it is durable when this returns, or nothing of it when it throws. On SQLite one
    /// such work runs at a time; others wait in line, and those that wait together become durable together.
    /// </summary>
    /// <param name="work">
    /// What to do; <c>transaction.Connection</c> is open. On PostgreSQL it is done again where the server undid it for a deadlock, so it
    /// changes nothing but the database.
    /// </param>
    /// <param name="ct">Stops the wait and the work.</param>
    Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> work, CancellationToken ct);
}

/// <summary>Shorter forms of <see cref="IDatabase"/>.</summary>
public static class DatabaseExtensions
{
    /// <summary>Runs work that returns nothing in one transaction.</summary>
    public static Task WriteAsync(this IDatabase database, Func<DbTransaction, Task> work, CancellationToken ct) =>
        database.WriteAsync<object?>(async transaction => { await work(transaction); return null; }, ct);
}
