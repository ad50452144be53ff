using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.Node.Hosting;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Auth.People;

/// <summary>
/// Revokes what the channel still has of staff who were disabled: somebody else's session could carry the signature of such a key into an
/// emergency.
/// </summary>
internal sealed partial class EndedStaffKeys(
    StaffDirectory staff, Replica replica, LedgerService ledger, CatchUp catchUp, IOptions<NodeOptions> node, ILogger<EndedStaffKeys> logger)
{
    /// <summary>Keys of this member's staff that are in force, by staff id.</summary>
    public async Task<ILookup<string, StaffKeyEntry>> InForceAsync(CancellationToken ct) =>
        (await replica.ListAsync(LedgerKind.StaffKey, [ledger.MspId], LedgerJson.Default.StaffKeyEntry, ct))
            .Where(key => key.RevokedAt is null).ToLookup(key => key.Staff, StringComparer.Ordinal);

    /// <summary>Revokes every key in force that was ended, or is a disabled person's. One that fails keeps none of the others.</summary>
    /// <returns>How many still stand.</returns>
    public async Task<int> RevokeAsync(CancellationToken ct)
    {
        if (node.Value.Kind is not NodeKind.Hospital)
            return 0; // treats nobody
        var (ended, onTheirWay, disabled) = await staff.EndedAsync(ct);
        if (ended.Count == 0 && disabled.Count == 0)
            return 0;
        var standing = 0;
        // The new key of somebody who is let in again is on the channel a moment before the person counts again.
        foreach (var key in (await InForceAsync(ct)).SelectMany(keys => keys).Where(key => ended.Contains(key.Credential.CredentialId)
            || (disabled.Contains(key.Staff) && !onTheirWay.Contains(key.Credential.CredentialId))))
        {
            try
            {
                var commit = await ledger.SubmitAsync(LedgerTransactions.RevokeStaffKey, new RevokeStaffKey(key.Credential.CredentialId),
                    LedgerJson.Default.RevokeStaffKey, LedgerJson.Default.StaffKeyEntry, ct);
                await catchUp.ToAsync(commit.Block, ct);
            }
            catch (LedgerException e)
            {
                LogKeyStands(e, key.Staff);
                standing++;
            }
        }
        return standing;
    }

    [LoggerMessage(3314, LogLevel.Error, "A key of {Staff}, who was disabled, still stands on the channel.")]
    private partial void LogKeyStands(Exception e, string staff);
}
