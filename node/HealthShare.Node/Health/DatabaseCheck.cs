using Dapper;
using HealthShare.Node.Database;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace HealthShare.Node.Health;

/// <summary>Ready only while the database answers.</summary>
internal sealed class DatabaseCheck(IDatabase database) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await connection.ExecuteScalarAsync<long>(
            new CommandDefinition("SELECT count(*) FROM schema_version", cancellationToken: cancellationToken));
        return HealthCheckResult.Healthy();
    }
}
