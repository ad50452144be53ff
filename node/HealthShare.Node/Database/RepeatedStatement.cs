using System.Data;
using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;

namespace HealthShare.Node.Database;

/// <summary>
/// A statement that runs for every row of a busy table. The embedded database keeps it prepared with the one connection that writes: preparing it costs
/// more than running it. Use it inside of <see cref="IDatabase.WriteAsync"/> only. Thread-safe.
/// </summary>
/// <param name="sql">The statement; it names its values <c>@name</c>.</param>
/// <param name="parameters">Names and types of the values, in the order in which they are given.</param>
internal sealed class RepeatedStatement(string sql, params (string Name, DbType Type)[] parameters)
{
    private readonly ConditionalWeakTable<DbConnection, DbCommand> kept = [];

    /// <summary>Runs it once for each row.</summary>
    /// <param name="transaction">An open transaction.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="values">Sets a row's values by <see cref="Set(DbParameterCollection, int, object?)"/>; all of them, each time.</param>
    /// <param name="ct">Stops between rows.</param>
    /// <returns>How many rows of the table it changed.</returns>
    public async Task<int> ExecuteEachAsync<T>(DbTransaction transaction, IEnumerable<T> rows, Action<DbParameterCollection, T> values, CancellationToken ct)
    {
        var command = CommandFor(transaction);
        try
        {
            var changed = 0;
            foreach (var row in rows)
            {
                values(command.Parameters, row);
                changed += await command.ExecuteNonQueryAsync(ct);
            }
            return changed;
        }
        finally
        {
            await LetGoAsync(transaction, command);
        }
    }

    /// <summary>Runs it once and reads the row that it returns; default where it returns none.</summary>
    public async Task<TResult?> QueryAsync<T, TResult>(
        DbTransaction transaction, T row, Action<DbParameterCollection, T> values, Func<DbDataReader, TResult> read, CancellationToken ct)
    {
        var command = CommandFor(transaction);
        try
        {
            values(command.Parameters, row);
            await using var reader = await command.ExecuteReaderAsync(ct);
            return await reader.ReadAsync(ct) ? read(reader) : default;
        }
        finally
        {
            await LetGoAsync(transaction, command);
        }
    }

    /// <summary>Sets a value by its place; null is SQL's.</summary>
    public static void Set(DbParameterCollection values, int place, object? value) => values[place].Value = value ?? DBNull.Value;

    private DbCommand CommandFor(DbTransaction transaction)
    {
        var connection = transaction.Connection!;
        var command = connection is SqliteConnection ? kept.GetValue(connection, Create) : Create(connection);
        command.Transaction = transaction;
        return command;
    }

    // Contents must not stay in memory with the statement.
    private static ValueTask LetGoAsync(DbTransaction transaction, DbCommand command)
    {
        if (transaction is not SqliteTransaction)
            return command.DisposeAsync();
        foreach (DbParameter parameter in command.Parameters)
            parameter.Value = DBNull.Value;
        return default;
    }

    private DbCommand Create(DbConnection connection)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, type) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.DbType) = (name, type);
            command.Parameters.Add(parameter);
        }
        return command;
    }
}
