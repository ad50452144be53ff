using Dapper;

namespace HealthShare.Node.Database;

/// <summary>A list of texts for SQL's IN, a parameter for each: Dapper would hand PostgreSQL an array, which IN does not take.</summary>
internal sealed class ValueList(IReadOnlyList<string> values)
{
    /// <summary>Stands behind IN.</summary>
    public string Sql { get; } = values.Count == 0 ? "(NULL)" : $"({string.Join(", ", values.Select((_, index) => $"@value{index}"))})";

    /// <summary>The values, with other parameters.</summary>
    public DynamicParameters With(object? others = null)
    {
        var parameters = new DynamicParameters(others);
        foreach (var (index, value) in values.Index())
            parameters.Add($"value{index}", value);
        return parameters;
    }
}
