using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace HealthShare.Node.Health;

/// <summary>Ready only while the copy of the channel is fresh and the channel knows this member.</summary>
internal sealed class ReadModelCheck(IReadModel readModel, Replica replica, ILedger ledger) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (readModel.Fault is { } fault)
            return HealthCheckResult.Unhealthy($"stopped: {fault}");
        var height = $"{readModel.Height} blocks, complete as of {readModel.CompleteAsOf?.ToString("u") ?? "never"}";
        if (!readModel.IsFresh)
            return HealthCheckResult.Unhealthy($"stale: {height}");
        return await replica.GetAsync(LedgerKey.Organization(ledger.MspId), cancellationToken) is null
            ? HealthCheckResult.Unhealthy("the channel does not know this member yet")
            : HealthCheckResult.Healthy(height);
    }
}
