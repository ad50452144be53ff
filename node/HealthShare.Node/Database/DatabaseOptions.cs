using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Database;

/// <summary>The node's own database (section <c>HealthShare:Database</c>).</summary>
public sealed class DatabaseOptions
{
    /// <summary>Which database: the embedded SQLite, or PostgreSQL. Default SQLite.</summary>
    [EnumDataType(typeof(DatabaseProvider))]
    public DatabaseProvider Provider { get; set; } = DatabaseProvider.Sqlite;

    /// <summary>
    /// ADO.NET connection string. Required for PostgreSQL; for SQLite the default is <c>node.db</c> in the data folder.
    /// </summary>
    public string? ConnectionString { get; set; }
}

/// <summary>The databases a node can use.</summary>
public enum DatabaseProvider
{
    /// <summary>A file, written by this process alone.</summary>
    Sqlite,

    /// <summary>A PostgreSQL server, 15 or later.</summary>
    Postgresql,
}

[OptionsValidator]
internal sealed partial class DatabaseOptionsValidator : IValidateOptions<DatabaseOptions>;
