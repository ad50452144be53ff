using System.Data.Common;

namespace HealthShare.Node.Database;

/// <summary>One query for many values: prepared once, which is most of what a short one costs on the embedded database.</summary>
internal static class RepeatedQuery
{
    /// <summary>The first row for each value, in their order; null for those without one.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="transaction">Its transaction, if one is open.</param>
    /// <param name="sql">The query; it names the value <c>@value</c>.</param>
    /// <param name="values">The values, all of one type.</param>
    /// <param name="read">Reads the row that the reader is at.</param>
    /// <param name="ct">Stops between values.</param>
    public static async Task<List<TRow?>> QueryEachAsync<TValue, TRow>(
        this DbConnection connection, DbTransaction? transaction, string sql, IEnumerable<TValue> values, Func<DbDataReader, TRow> read, CancellationToken ct)
        where TValue : notnull
        where TRow : class
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = transaction;
        var parameter = command.CreateParameter();
        parameter.ParameterName = "value";
        command.Parameters.Add(parameter);
        var rows = new List<TRow?>();
        foreach (var value in values)
        {
            parameter.Value = value;
            await using var reader = await command.ExecuteReaderAsync(ct);
            rows.Add(await reader.ReadAsync(ct) ? read(reader) : null);
        }
        return rows;
    }
}
