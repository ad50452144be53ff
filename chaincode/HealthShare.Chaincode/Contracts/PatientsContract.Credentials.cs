using HealthShare.Chaincode.Ledger;
using HealthShare.Chaincode.Shim;
using HealthShare.Policy.Statements;

namespace HealthShare.Chaincode.Contracts;

/// <content>A patient's credentials.</content>
public sealed partial class PatientsContract
{
    /// <summary>
    /// Adds the first credential of a patient who was enrolled without one. Later ones need the patient's own signature.
    /// </summary>
    /// <exception cref="ContractException">
    /// <c>patient.not_found</c>, <c>patient.erased</c>, <c>patient.not_enroller</c>, <c>patient.has_credential</c>, <c>arguments.invalid</c>,
    /// <c>credential.key_malformed</c> or <c>credential.key_unsupported</c>.
    /// </exception>
    [Transaction]
    public async Task<CredentialEntry> PinCredentialAsync(TransactionContext tx, PinCredential addition)
    {
        var caller = await HospitalAsync(tx);
        CredentialRules.Check(addition.Credential);
        var patient = await LivingPatientAsync(tx, addition.PatientId);
        if (patient.EnrolledBy != caller.MspId)
            throw new ContractException("patient.not_enroller", "Only the member that enrolled the patient may do this.");

        var added = new CredentialEntry(patient.PatientId, addition.Credential, caller.MspId, TimeOf(tx));
        foreach (var existing in await CredentialsAsync(tx, patient.PatientId))
        {
            return Same(existing with { AddedAt = added.AddedAt }, added, LedgerJson.Default.CredentialEntry)
                ? existing
                : throw new ContractException("patient.has_credential", "The patient has a credential; it must sign for another.");
        }
        await PutAsync(tx, added);
        Announce(tx, LedgerKey.Credential(patient.PatientId, added.Credential.CredentialId));
        return added;
    }

    /// <summary>
    /// Adds a credential that another one of the patient, in force, signed for. Any member may relay it. Ids and keys are never
    /// used again, not even those of revoked ones.
    /// </summary>
    /// <exception cref="ContractException">
    /// The statement or its assertion is refused, or <c>credential.revoked</c>, <c>statement.wrong_type</c>,
    /// <c>statement.id_taken</c>, <c>statement.too_old</c>, <c>statement.issued_ahead</c>, <c>credential.id_taken</c>,
    /// <c>credential.key_taken</c> or <c>credential.too_many</c>.
    /// </exception>
    [Transaction]
    public async Task<CredentialEntry> AddCredentialAsync(TransactionContext tx, SignedStatement signed)
    {
        var caller = await MemberAsync(tx);
        var statement = await StatementRules.AcceptAsync(tx, signed);
        if (statement.Body is not AddCredentialBody body)
            throw StatementRules.WrongType("addCredential");
        var ended = new EndedStatementEntry(statement.Id, EndedStatementKind.CredentialAdded, caller.MspId, TimeOf(tx), signed);
        var key = LedgerKey.Credential(statement.Patient, body.Credential);
        if (await StatementRules.IsRepeatAsync(tx, statement, ended))
            return await tx.GetAsync(key, LedgerJson.Default.CredentialEntry)
                ?? throw new ContractException(ShimCodes.StateCorrupt, "The addition is there and its credential is not.");
        await StatementRules.CheckAgeAsync(tx, statement);
        var credential = new Credential(body.Credential, body.PublicKey, body.RpId, [.. body.Origins]);
        var known = await CredentialsAsync(tx, statement.Patient);
        if (CredentialHistory.Refusal(known, credential) is var (code, text))
            throw new ContractException(code, text);

        var entry = new CredentialEntry(statement.Patient, credential, caller.MspId, TimeOf(tx), statement.Id);
        var endedKey = LedgerKey.EndedStatement(statement.Patient, statement.Id);
        await PutAsync(tx, entry);
        await tx.PutAsync(endedKey, ended, LedgerJson.Default.EndedStatementEntry);
        Announce(tx, key, endedKey);
        return entry;
    }

    /// <summary>
    /// Ends a credential for good, by the patient's signature with it or with another one in force. It signs nothing any more,
    /// and the permits that it signed permit nothing; its denies stay.
    /// </summary>
    /// <returns>The credential as it stays.</returns>
    /// <exception cref="ContractException">
    /// The statement or its assertion is refused, or <c>credential.revoked</c>, <c>statement.wrong_type</c>,
    /// <c>statement.id_taken</c>, <c>credential.not_found</c> or <c>credential.already_revoked</c>.
    /// </exception>
    [Transaction]
    public async Task<CredentialEntry> RevokeCredentialAsync(TransactionContext tx, SignedStatement signed)
    {
        var caller = await MemberAsync(tx);
        var (statement, signer) = await StatementRules.VerifyAsync(tx, signed);
        if (statement.Body is not RevokeCredentialBody { Credential: var target })
            throw StatementRules.WrongType("revokeCredential");
        var now = TimeOf(tx);
        var ended = new EndedStatementEntry(statement.Id, EndedStatementKind.CredentialRevoked, caller.MspId, now, signed);
        var key = LedgerKey.Credential(statement.Patient, target);
        var credential = await tx.GetAsync(key, LedgerJson.Default.CredentialEntry)
            ?? throw new ContractException("credential.not_found", "The patient has no such credential.");
        // A repetition first: a credential that ended itself is revoked by then.
        if (await StatementRules.IsRepeatAsync(tx, statement, ended))
            return credential;
        StatementRules.CheckInForce(signer);
        if (credential.IsRevoked)
            throw new ContractException("credential.already_revoked", "That credential was revoked before.");

        var revoked = credential with { RevokedBy = statement.Id, RevokedAt = now };
        var endedKey = LedgerKey.EndedStatement(statement.Patient, statement.Id);
        await PutAsync(tx, revoked);
        await tx.PutAsync(endedKey, ended, LedgerJson.Default.EndedStatementEntry);
        Announce(tx, key, endedKey);
        return revoked;
    }

    private static Task<List<CredentialEntry>> CredentialsAsync(TransactionContext tx, string patientId) =>
        ListAsync(tx, LedgerKind.Credential, [patientId], LedgerJson.Default.CredentialEntry);

    private static Task PutAsync(TransactionContext tx, CredentialEntry entry) => tx.PutAsync(
        LedgerKey.Credential(entry.PatientId, entry.Credential.CredentialId), entry, LedgerJson.Default.CredentialEntry);
}
