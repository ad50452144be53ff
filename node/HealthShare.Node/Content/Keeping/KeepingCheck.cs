using System.Data.Common;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace HealthShare.Node.Content.Keeping;

/// <summary>Degraded, and still ready, while a copy is missing or corrupt, a replica is away, or reading everything takes too long.</summary>
internal sealed class KeepingCheck(ContentHealthReader health) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            return await health.WorryAsync(cancellationToken) is { } worry ? HealthCheckResult.Degraded(worry) : HealthCheckResult.Healthy();
        }
        catch (DbException) // the database's own check says so
        {
            return HealthCheckResult.Degraded("not known");
        }
    }
}
