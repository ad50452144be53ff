using HealthShare.Fabric.Client;
using HealthShare.Node.Ledger;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace HealthShare.Node.Health;

/// <summary>Ready only while the channel can be reached; degraded, and still ready, while a gateway peer of this member is away.</summary>
internal sealed class LedgerCheck(ILedger ledger) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var height = $"{await ledger.HeightAsync(cancellationToken)} blocks";
            return ledger.Connection.PeersAway is { Count: > 0 } away
                ? HealthCheckResult.Degraded($"{height}; away: {string.Join(", ", away)}")
                : HealthCheckResult.Healthy(height);
        }
        catch (LedgerException e)
        {
            return HealthCheckResult.Unhealthy(e.Code);
        }
    }
}
