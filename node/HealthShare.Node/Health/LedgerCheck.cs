using HealthShare.Fabric.Client;
using HealthShare.Node.Ledger;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace HealthShare.Node.Health;

/// <summary>Ready only while the channel can be reached.</summary>
internal sealed class LedgerCheck(ILedger ledger) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            return HealthCheckResult.Healthy($"{await ledger.HeightAsync(cancellationToken)} blocks");
        }
        catch (LedgerException e)
        {
            return HealthCheckResult.Unhealthy(e.Code);
        }
    }
}
