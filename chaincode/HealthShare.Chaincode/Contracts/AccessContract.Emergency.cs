using HealthShare.Chaincode.Ledger;
using HealthShare.Chaincode.Shim;
using HealthShare.Policy.Ids;

namespace HealthShare.Chaincode.Contracts;

/// <content>Emergencies and their reviews.</content>
public sealed partial class AccessContract
{
    /// <summary>
    /// Opens an emergency session: one patient, one role of the caller's staff, for a time. Requests with purpose ETREAT that name
    /// it are then permitted, save where a deny says <c>emergency: never</c>. Repeating it has no second effect.
    /// </summary>
    /// <exception cref="ContractException">
    /// <c>caller.not_hospital</c>, what <see cref="EmergencySession.VerifyAsync"/> and <see cref="EmergencySession.CheckTimes"/>
    /// refuse, <c>patient.not_found</c>, <c>patient.erased</c>, <c>emergency.id_taken</c> or <c>emergency.review_overdue</c>.
    /// </exception>
    [Transaction]
    public async Task<EmergencyEntry> BreakGlassAsync(TransactionContext tx, SignedEmergency signed)
    {
        var member = (await HospitalAsync(tx)).MspId;
        var (state, time) = (StateOf(tx), TimeOf(tx));
        var settings = await tx.GetAsync(LedgerKey.Settings, LedgerJson.Default.ChannelSettings) ?? new ChannelSettings();
        var statement = await Require.PolicyAsync(() => EmergencySession.VerifyAsync(state, tx.ChannelId, member, signed, tx.Cancellation));
        await LivingPatientAsync(tx, statement.Patient);
        var entry = EmergencySession.EntryOf(statement, signed, time, settings);
        var key = LedgerKey.Emergency(entry.Emergency);
        if (await tx.GetAsync(key, LedgerJson.Default.EmergencyEntry) is { } existing)
        {
            return existing.Signed == signed
                ? existing
                : throw new ContractException("emergency.id_taken", "The session's id is in use for another declaration.");
        }
        Require.Policy(() =>
        {
            EmergencySession.CheckTimes(statement, time, settings);
            return statement;
        });
        if (await Require.PolicyAsync(() => EmergencySession.HasOverdueAsync(state, member, time, tx.Cancellation)))
            throw new ContractException("emergency.review_overdue", "Reviews of earlier emergencies of the caller are overdue.");

        var openKey = LedgerKey.OpenReview(entry.Emergency);
        await tx.PutAsync(key, entry, LedgerJson.Default.EmergencyEntry);
        await tx.PutAsync(openKey, new OpenReviewEntry(entry.Emergency, entry.ReviewDue), LedgerJson.Default.OpenReviewEntry);
        Announce(tx, key, openKey);
        return entry;
    }

    /// <summary>
    /// Reviews a session, once: by a person of a regulator, or of a hospital affiliated with the patient other than the one that
    /// broke the glass. Repeating the same review has no second effect.
    /// </summary>
    /// <exception cref="ContractException">
    /// <c>caller.not_member</c>, <c>arguments.invalid</c>, <c>emergency.not_found</c>, <c>emergency.own_review</c>,
    /// <c>patient.not_affiliated</c> or <c>emergency.already_reviewed</c>.
    /// </exception>
    [Transaction]
    public async Task<ReviewEntry> ReviewAsync(TransactionContext tx, ReviewEmergency review)
    {
        var reviewer = await MemberAsync(tx);
        var emergency = review.Emergency;
        Require.Id(IdKind.Patient, emergency.PatientId, "patientId");
        Require.MspId(emergency.Member, "member");
        Require.Id(IdKind.Emergency, emergency.EmergencyId, "emergencyId");
        Require.Code(review.Staff, "staff");
        if (!await tx.ExistsAsync(LedgerKey.Emergency(emergency)))
            throw new ContractException("emergency.not_found", "The emergency session is not on this channel.");
        if (reviewer.MspId == emergency.Member)
            throw new ContractException("emergency.own_review", "Another member must review the session.");
        if (!await EmergencySession.MayReviewAsync(StateOf(tx), reviewer, emergency, tx.Cancellation))
            throw new ContractException("patient.not_affiliated", "Only a regulator or an affiliated hospital may review the session.");
        var key = LedgerKey.EmergencyReview(emergency);
        if (await tx.GetAsync(key, LedgerJson.Default.ReviewEntry) is { } existing)
        {
            return existing.Review == review && existing.Reviewer == reviewer.MspId
                ? existing
                : throw new ContractException("emergency.already_reviewed", "The session was reviewed.");
        }

        var entry = new ReviewEntry(review, reviewer.MspId, TimeOf(tx));
        var openKey = LedgerKey.OpenReview(emergency);
        await tx.PutAsync(key, entry, LedgerJson.Default.ReviewEntry);
        await tx.DeleteAsync(openKey);
        Announce(tx, key, openKey);
        return entry;
    }

    /// <summary>All sessions that wait for their review; for members of the channel.</summary>
    /// <exception cref="ContractException"><c>caller.not_member</c>.</exception>
    [Transaction(Evaluate = true)]
    public async Task<OpenReviewList> ListUnreviewedAsync(TransactionContext tx)
    {
        await MemberAsync(tx);
        return new OpenReviewList(await ListAsync(tx, LedgerKind.OpenReview, [], LedgerJson.Default.OpenReviewEntry));
    }
}
