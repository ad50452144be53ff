using Dapper;
using HealthShare.Node.Database;
using HealthShare.Vault.Content;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace HealthShare.Node.Health;

/// <summary>Ready only while the content store holds the record that was sealed last.</summary>
internal sealed class ContentCheck(IDatabase database, IContentStore store) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var newest = await connection.QueryFirstOrDefaultAsync<string>(new CommandDefinition(
            "SELECT cid FROM sealed_record ORDER BY sealed_at DESC LIMIT 1", cancellationToken: cancellationToken));
        return newest is null || await store.HasAsync(Cid.Parse(newest), cancellationToken)
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy("the record sealed last is not in the store");
    }
}
