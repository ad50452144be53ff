using HealthShare.Chaincode.Ledger;
using HealthShare.Chaincode.Shim;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;

namespace HealthShare.Chaincode.Contracts;

/// <content>The end of a patient on the channel.</content>
public sealed partial class PatientsContract
{
    /// <summary>
    /// Erases a patient by the patient's own signature. The entry stays as a tombstone, so that the id is never used again; from this
    /// block on nothing begins under it, nothing is permitted, no emergency included, and nodes destroy what they hold to share.
    /// </summary>
    /// <returns>The patient's entry as it stays.</returns>
    /// <exception cref="ContractException">
    /// The statement or its assertion is refused, or <c>statement.wrong_type</c>, <c>statement.id_taken</c>,
    /// <c>statement.too_old</c>, <c>statement.issued_ahead</c>, <c>delegate.outside_scope</c> or <c>patient.erased</c>.
    /// </exception>
    [Transaction]
    public async Task<PatientEntry> EraseAsync(TransactionContext tx, SignedStatement signed)
    {
        var caller = await MemberAsync(tx);
        var statement = await StatementRules.AcceptAsync(tx, signed);
        if (statement.Body is not EraseBody)
            throw StatementRules.WrongType("erase");
        var patient = await PatientAsync(tx, statement.Patient);
        var ended = new EndedStatementEntry(statement.Id, EndedStatementKind.Erasure, caller.MspId, TimeOf(tx), signed);
        if (await StatementRules.IsRepeatAsync(tx, statement, ended))
            return patient;
        // It cannot be undone, so nobody may keep one back and use it when it suits.
        await StatementRules.CheckAgeAsync(tx, statement);

        var erased = patient with { ErasedBy = statement.Id, ErasedAt = TimeOf(tx) };
        var (key, endedKey) = (LedgerKey.Patient(statement.Patient), LedgerKey.EndedStatement(statement.Patient, statement.Id));
        await tx.PutAsync(key, erased, LedgerJson.Default.PatientEntry);
        await tx.PutAsync(endedKey, ended, LedgerJson.Default.EndedStatementEntry);
        Announce(tx, key, endedKey);
        return erased;
    }

    /// <summary>
    /// Takes the calling hospital's word on what its node destroyed. A hospital that must keep records of its own for a time says until
    /// when, and reports once more when they are gone.
    /// </summary>
    /// <exception cref="ContractException">
    /// <c>caller.not_hospital</c>, <c>arguments.invalid</c>, <c>patient.not_found</c>, <c>patient.not_erased</c> or
    /// <c>erasure.already_reported</c>.
    /// </exception>
    [Transaction]
    public async Task<ErasureReportEntry> ReportErasureAsync(TransactionContext tx, ReportErasure report)
    {
        var caller = (await HospitalAsync(tx)).MspId;
        await ErasedPatientAsync(tx, report.PatientId);
        var key = LedgerKey.ErasureReport(report.PatientId, caller);
        var known = await tx.GetAsync(key, LedgerJson.Default.ErasureReportEntry);
        if (known is not null && known.RetainedUntil == report.RetainedUntil)
            return known;
        if (known is { RetainedUntil: null })
            throw new ContractException("erasure.already_reported", "The caller holds nothing any more, by its own word.");

        var entry = new ErasureReportEntry(report.PatientId, caller, TimeOf(tx), report.RetainedUntil);
        await tx.PutAsync(key, entry, LedgerJson.Default.ErasureReportEntry);
        Announce(tx, key);
        return entry;
    }

    /// <summary>
    /// Purges the caller's envelopes of an erased patient from its own private collection, earlier versions included, so the caller's
    /// peer alone endorses it. What is not there any more is fine.
    /// </summary>
    /// <exception cref="ContractException">
    /// <c>caller.not_hospital</c>, <c>arguments.invalid</c>, <c>patient.not_found</c> or <c>patient.not_erased</c>.
    /// </exception>
    [Transaction]
    public async Task PurgeEnvelopesAsync(TransactionContext tx, PurgeEnvelopes purge)
    {
        var caller = (await HospitalAsync(tx)).MspId;
        await ErasedPatientAsync(tx, purge.PatientId);
        Require.Count(purge.Releases, 0, Limits.RecordsPerTransaction, "releases");
        Require.Count(purge.LabelKeysFor, 0, Limits.RecordsPerTransaction, "labelKeysFor");
        foreach (var release in purge.Releases)
        {
            Require.MspId(release.Requester, "requester");
            Require.Id(IdKind.Access, release.AccessId, "accessId");
            Require.Id(IdKind.Release, release.ReleaseId, "releaseId");
        }
        foreach (var member in purge.LabelKeysFor)
            Require.MspId(member, "labelKeysFor");
        List<string> keys =
        [
            .. purge.Releases.Select(release =>
                LedgerKey.ReleaseEnvelope(new AccessRef(purge.PatientId, release.Requester, release.AccessId), release.ReleaseId)),
            .. purge.LabelKeysFor.Select(member => LedgerKey.LabelKeyEnvelope(purge.PatientId, member)),
        ];
        Require.Distinct(keys, "releases");
        foreach (var key in keys)
            await tx.Stub.PurgePrivateDataAsync(LedgerKey.OwnCollection(caller), key, tx.Cancellation);
        Announce(tx, LedgerKey.Patient(purge.PatientId));
    }

    private static async Task ErasedPatientAsync(TransactionContext tx, string patientId)
    {
        if (!(await PatientAsync(tx, patientId)).IsErased)
            throw new ContractException("patient.not_erased", "The patient has not erased anything.");
    }
}
