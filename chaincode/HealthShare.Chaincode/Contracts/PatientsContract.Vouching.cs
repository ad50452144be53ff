using HealthShare.Chaincode.Ledger;
using HealthShare.Chaincode.Shim;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;

namespace HealthShare.Chaincode.Contracts;

/// <content>Signers that hospitals vouch for.</content>
public sealed partial class PatientsContract
{
    /// <summary>
    /// Vouches for a guardian of the patient, or for a new credential of the patient's own in place of a lost one. Where the patient
    /// has or ever had another credential it takes a second affiliated hospital's word. For 72 hours from then it may only deny and revoke.
    /// </summary>
    /// <exception cref="ContractException">
    /// <c>caller.not_hospital</c>, <c>arguments.invalid</c>, <c>patient.not_found</c>, <c>patient.erased</c>, <c>patient.not_affiliated</c>,
    /// <c>credential.key_malformed</c>, <c>credential.key_unsupported</c>, <c>delegate.end_out_of_range</c>,
    /// <c>attestation.id_taken</c>, <c>attestation.objected</c>, <c>attestation.too_many</c> or <c>credential.id_taken</c>.
    /// </exception>
    [Transaction]
    public async Task<VouchedEntry> AttestAsync(TransactionContext tx, AttestSigner attested)
    {
        var caller = (await HospitalAsync(tx)).MspId;
        await LivingPatientAsync(tx, attested.PatientId);
        Require.Id(IdKind.Delegate, attested.SignerId, "signerId");
        Require.Count(attested.Credentials, 1, attested.Kind is VouchedKind.Guardian ? AppointDelegateBody.MaxCredentials : 1, "credentials");
        Require.Distinct(attested.Credentials.Select(credential => credential.CredentialId), "credentials");
        foreach (var credential in attested.Credentials)
            CredentialRules.Check(credential);
        var entry = Taken(await Vouching.AttestAsync(StateOf(tx), attested, caller, TimeOf(tx), tx.Cancellation));
        var key = LedgerKey.VouchedSigner(attested.PatientId, attested.SignerId);
        if (await tx.GetAsync(key, LedgerJson.Default.VouchedEntry) is { } known && Same(known, entry, LedgerJson.Default.VouchedEntry))
            return known; // the caller's word is there already

        await tx.PutAsync(key, entry, LedgerJson.Default.VouchedEntry);
        Announce(tx, key);
        return entry;
    }

    /// <summary>
    /// Stops a signer that hospitals vouch for, at any time and for good: by the word of any affiliated hospital, or by the
    /// patient's signature. Repeating it is success.
    /// </summary>
    /// <exception cref="ContractException">
    /// <c>arguments.invalid</c>, <c>attestation.not_found</c>; <c>caller.not_hospital</c> or <c>patient.not_affiliated</c> for a
    /// hospital's objection; for the patient's: the statement or its assertion is refused, or <c>statement.wrong_type</c>,
    /// <c>statement.wrong_target</c>, <c>statement.id_taken</c>.
    /// </exception>
    [Transaction]
    public async Task<VouchedEntry> ObjectAsync(TransactionContext tx, ObjectToSigner objection)
    {
        var caller = (await MemberAsync(tx)).MspId;
        Require.Id(IdKind.Patient, objection.PatientId, "patientId");
        Require.Id(IdKind.Delegate, objection.SignerId, "signerId");
        var ended = objection.Statement is { } signed ? await AcceptObjectionAsync(tx, objection, signed, caller) : null;
        if (ended is null)
        {
            await HospitalAsync(tx);
            await RequireAffiliationAsync(tx, objection.PatientId, caller);
        }
        var key = LedgerKey.VouchedSigner(objection.PatientId, objection.SignerId);
        var known = await tx.GetAsync(key, LedgerJson.Default.VouchedEntry)
            ?? throw new ContractException("attestation.not_found", "No hospital vouches for such a signer.");
        if (known.ObjectedBy is not null)
            return known;

        var entry = Vouching.Object(known, caller, ended?.StatementId, TimeOf(tx));
        await tx.PutAsync(key, entry, LedgerJson.Default.VouchedEntry);
        if (ended is null)
        {
            Announce(tx, key);
            return entry;
        }
        var endedKey = LedgerKey.EndedStatement(objection.PatientId, ended.StatementId);
        await tx.PutAsync(endedKey, ended, LedgerJson.Default.EndedStatementEntry);
        Announce(tx, key, endedKey);
        return entry;
    }

    private static TEntry Taken<TEntry>(Ruling<TEntry> ruling) where TEntry : class =>
        ruling.Entry ?? throw new ContractException(ruling.Code, ruling.Text);

    private static async Task<EndedStatementEntry> AcceptObjectionAsync(
        TransactionContext tx, ObjectToSigner objection, SignedStatement signed, string caller)
    {
        var statement = await StatementRules.AcceptAsync(tx, signed);
        if (statement.Body is not RevokeDelegateBody body)
            throw StatementRules.WrongType("revokeDelegate");
        if (statement.Patient != objection.PatientId || body.Delegate != objection.SignerId)
            throw new ContractException("statement.wrong_target", "The statement is not about this signer.");
        var ended = new EndedStatementEntry(statement.Id, EndedStatementKind.DelegateRevoked, caller, TimeOf(tx), signed);
        // A repetition is answered like any objection that came too late: with what stands there.
        await StatementRules.IsRepeatAsync(tx, statement, ended);
        return ended;
    }
}
