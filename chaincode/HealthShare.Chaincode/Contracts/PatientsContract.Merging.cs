using HealthShare.Chaincode.Ledger;
using HealthShare.Chaincode.Shim;
using HealthShare.Policy.Ids;

namespace HealthShare.Chaincode.Contracts;

/// <content>Two ids of one person.</content>
public sealed partial class PatientsContract
{
    /// <summary>
    /// Takes the calling hospital's word that two ids are one person. It is enough once, for each of the two, an affiliated hospital has
    /// spoken, or two where that id ever had a credential. The first to speak is affiliated with the id that stays. From then on the
    /// denies of the id that goes count for the one that stays, and nothing else does: permits stay with the id that they were signed
    /// for. The first word that finds the merge complete, a repeated one too, begins the 72 hours in which hospitals may object.
    /// </summary>
    /// <exception cref="ContractException">
    /// <c>caller.not_hospital</c>, <c>arguments.invalid</c>, <c>patient.not_found</c>, <c>patient.erased</c>,
    /// <c>patient.not_affiliated</c>, <c>merge.objected</c>, <c>merge.id_taken</c>, <c>statement.id_taken</c>,
    /// <c>merge.already_merged</c>, <c>merge.is_surviving</c>, <c>merge.too_many</c> or <c>merge.too_much</c>.
    /// </exception>
    [Transaction]
    public async Task<MergeEntry> MergeAsync(TransactionContext tx, MergePatients merge)
    {
        var caller = (await HospitalAsync(tx)).MspId;
        Require.Id(IdKind.Statement, merge.MergeId, "mergeId");
        Require.Id(IdKind.Patient, merge.Merged, "merged");
        Require.Id(IdKind.Patient, merge.Surviving, "surviving");
        Require.That(merge.Merged != merge.Surviving, "surviving", "is the id that goes out of use");
        var entry = Taken(await Merging.AttestAsync(StateOf(tx), merge, caller, TimeOf(tx), tx.Cancellation));
        var (key, linkKey) = (LedgerKey.Merge(merge.Surviving, merge.Merged), LedgerKey.MergedInto(merge.Merged, merge.Surviving));
        var known = await tx.GetAsync(key, LedgerJson.Default.MergeEntry);
        if (known is not null && Same(known, entry, LedgerJson.Default.MergeEntry))
            return known; // the caller's word is there already

        await tx.PutAsync(key, entry, LedgerJson.Default.MergeEntry);
        if (known is null)
            await tx.PutAsync(linkKey, new MergedIntoEntry(merge.MergeId, merge.Surviving), LedgerJson.Default.MergedIntoEntry);
        Announce(tx, known is null ? [key, linkKey] : [key]);
        return entry;
    }

    /// <summary>
    /// Stops a merge for good, by the word of any hospital that is affiliated with one of the two, until 72 hours after a word that
    /// found it complete.
    /// Repeating it is success. The patient stops one at any time, by a signed revocation of its id.
    /// </summary>
    /// <exception cref="ContractException">
    /// <c>caller.not_hospital</c>, <c>arguments.invalid</c>, <c>merge.not_found</c>, <c>patient.not_affiliated</c> or <c>merge.settled</c>.
    /// </exception>
    [Transaction]
    public async Task<MergeEntry> ObjectToMergeAsync(TransactionContext tx, ObjectToMerge objection)
    {
        var caller = (await HospitalAsync(tx)).MspId;
        Require.Id(IdKind.Patient, objection.Merged, "merged");
        Require.Id(IdKind.Patient, objection.Surviving, "surviving");
        var entry = Taken(await Merging.ObjectAsync(StateOf(tx), objection, caller, TimeOf(tx), tx.Cancellation));
        var key = LedgerKey.Merge(objection.Surviving, objection.Merged);
        if (await tx.GetAsync(key, LedgerJson.Default.MergeEntry) is { ObjectedBy: not null } known)
            return known;
        await tx.PutAsync(key, entry, LedgerJson.Default.MergeEntry);
        Announce(tx, key);
        return entry;
    }
}
