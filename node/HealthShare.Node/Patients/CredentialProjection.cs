using System.Data.Common;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;

namespace HealthShare.Node.Patients;

/// <summary>Keeps the custodian's own list of credentials abreast of what its credentials signed.</summary>
internal sealed class CredentialProjection(TrustedCredentials trusted, ILedger ledger) : IProjection
{
    public async Task ApplyAsync(BlockChanges block, DbTransaction transaction, CancellationToken ct)
    {
        foreach (var patientId in block.Writes.Where(write => write.Kind is LedgerKind.Credential).Select(write => write.Parts[0]).Distinct())
            await trusted.FollowAsync(transaction, new ReplicaInBlock(transaction), ledger.Channel, patientId, ct);
    }
}
