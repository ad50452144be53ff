using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;

namespace HealthShare.Node.Database;

/// <summary>
/// Statements that are written again and again. On the embedded database, where one connection writes all, each is prepared once: that is
/// most of what a short one costs.
/// </summary>
internal static class RepeatedWrite
{
    private static readonly ConditionalWeakTable<SqliteConnection, Dictionary<string, SqliteCommand>> Prepared = [];

    /// <summary>Executes a statement.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="sql">A constant text: every one is kept as long as the connection.</param>
    /// <param name="values">Its parameters by name, always the same names.</param>
    /// <param name="ct">Stops the wait.</param>
    /// <returns>How many rows changed.</returns>
    public static async Task<int> WriteAsync(
        this DbTransaction transaction, string sql, IReadOnlyList<(string Name, object? Value)> values, CancellationToken ct)
    {
        if (transaction is SqliteTransaction embedded)
            return await CommandOf(embedded, sql, values).ExecuteNonQueryAsync(ct);
        await using var command = transaction.Connection!.CreateCommand();
        Fill(command, transaction, sql, values);
        return await command.ExecuteNonQueryAsync(ct);
    }

    private static SqliteCommand CommandOf(SqliteTransaction transaction, string sql, IReadOnlyList<(string Name, object? Value)> values)
    {
        var connection = transaction.Connection!;
        var known = Prepared.GetValue(connection, static _ => new Dictionary<string, SqliteCommand>(StringComparer.Ordinal));
        if (!known.TryGetValue(sql, out var command))
        {
            known[sql] = command = connection.CreateCommand(); // goes with its connection
            Fill(command, transaction, sql, values);
            return command;
        }
        command.Transaction = transaction;
        for (var i = 0; i < values.Count; i++)
            command.Parameters[i].Value = values[i].Value ?? DBNull.Value;
        return command;
    }

    private static void Fill(DbCommand command, DbTransaction transaction, string sql, IReadOnlyList<(string Name, object? Value)> values)
    {
        (command.CommandText, command.Transaction) = (sql, transaction);
        foreach (var (name, value) in values)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value ?? DBNull.Value);
            command.Parameters.Add(parameter);
        }
    }
}
