using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Keys;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace HealthShare.Node.Health;

/// <summary>
/// Ready only while the copy of the channel is fresh and the channel knows this member by the sealing key that this node holds:
/// under another key every envelope for it would be somebody else's to open.
/// </summary>
internal sealed class ReadModelCheck(IReadModel readModel, Replica replica, ILedger ledger, NodeKeys keys) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (readModel.Fault is { } fault)
            return HealthCheckResult.Unhealthy($"stopped: {fault}");
        var height = $"{readModel.Height} blocks, complete as of {readModel.CompleteAsOf?.ToString("u") ?? "never"}";
        if (!readModel.IsFresh)
            return HealthCheckResult.Unhealthy($"stale: {height}");
        var member = await replica.GetAsync(
            LedgerKey.Organization(ledger.MspId), LedgerJson.Default.OrganizationEntry, cancellationToken);
        if (member is null)
            return HealthCheckResult.Unhealthy("the channel does not know this member yet");
        return member.SealingKey.PublicKey == keys.SealingKey.ToString()
            ? HealthCheckResult.Healthy(height)
            : HealthCheckResult.Unhealthy("the channel holds another sealing key for this member");
    }
}
