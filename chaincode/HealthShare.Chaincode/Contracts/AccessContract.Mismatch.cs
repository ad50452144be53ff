using HealthShare.Chaincode.Ledger;
using HealthShare.Chaincode.Shim;
using HealthShare.Policy.Ids;

namespace HealthShare.Chaincode.Contracts;

/// <content>What custodians do not confirm.</content>
public sealed partial class AccessContract
{
    /// <summary>
    /// Puts on record that the custodian's own check does not confirm a decision, so that the regulator and the requester see it as
    /// well. Decides nothing. Repeating it has no second effect.
    /// </summary>
    /// <exception cref="ContractException">
    /// <c>caller.not_hospital</c>, <c>arguments.invalid</c>, <c>access.not_found</c>, <c>release.not_requested</c> or
    /// <c>mismatch.already_reported</c>.
    /// </exception>
    [Transaction]
    public async Task<MismatchEntry> ReportMismatchAsync(TransactionContext tx, ReportMismatch report)
    {
        var custodian = (await HospitalAsync(tx)).MspId;
        CheckRef(report.Access);
        Require.Count(report.Items, 1, Limits.RecordsPerTransaction, "items");
        foreach (var item in report.Items)
        {
            Require.Code(item.Code, "code");
            if (item.RecordId is not null)
                Require.Id(IdKind.Record, item.RecordId, "recordId");
        }
        var access = await ReleaseRules.FindAccessAsync(tx, report.Access);
        if (!access.Request.Records.Any(record => record.Custodian == custodian)
            || report.Items.Any(item => item.RecordId is { } id && !access.Request.Records.Contains(new RecordRef(custodian, id))))
            throw new ContractException("release.not_requested", "No such record of the caller was asked for.");
        var key = LedgerKey.Mismatch(report.Access, custodian);
        if (await tx.GetAsync(key, LedgerJson.Default.MismatchEntry) is { } existing)
        {
            return Same(existing.Report, report, LedgerJson.Default.ReportMismatch)
                ? existing
                : throw new ContractException("mismatch.already_reported", "The caller has reported about this access.");
        }
        var entry = new MismatchEntry(report, custodian, TimeOf(tx));
        await tx.PutAsync(key, entry, LedgerJson.Default.MismatchEntry);
        Announce(tx, key);
        return entry;
    }
}
