using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;

namespace HealthShare.Node.Patients;

/// <summary>
/// Looks again at what a vouched credential introduced, once its waiting time is over here: a node that was away saw both in one
/// go, and nothing else would bring it back to it.
/// </summary>
internal sealed class VouchedSignerWorker(
    VouchedSigners vouched, TrustedCredentials trusted, ILedger ledger, IReadModel readModel, TimeProvider clock,
    ILogger<VouchedSignerWorker> logger) : TaskListWorker<string>(vouched, readModel, clock, logger)
{
    /// <inheritdoc/>
    protected override async Task<bool> AdvanceAsync(string patientId, CancellationToken ct)
    {
        await trusted.ChangeAsync(async transaction =>
        {
            await trusted.FollowAsync(transaction, new ReplicaInBlock(transaction), ledger.Channel, patientId, ct);
            await vouched.FollowedAsync(transaction, patientId, ct);
        }, ct);
        return true;
    }
}
