using HealthShare.Chaincode.Ledger;
using HealthShare.Chaincode.Shim;
using HealthShare.Policy.Statements;

namespace HealthShare.Chaincode.Contracts;

/// <content>Persons who sign for a patient.</content>
public sealed partial class PatientsContract
{
    /// <summary>
    /// Appoints a delegate, or changes or renews what one may do, by the patient's signature. Any member may relay it.
    /// </summary>
    /// <exception cref="ContractException">
    /// The statement or its assertion is refused, or <c>statement.wrong_type</c>, <c>statement.id_taken</c>,
    /// <c>statement.too_old</c>, <c>statement.issued_ahead</c>, <c>delegate.outside_scope</c>, <c>delegate.revoked</c>,
    /// <c>delegate.end_out_of_range</c>, <c>delegate.too_many</c>, or <c>credential.id_taken</c> for a credential that the patient has or had.
    /// </exception>
    [Transaction]
    public async Task<DelegateEntry> AppointDelegateAsync(TransactionContext tx, SignedStatement signed)
    {
        var caller = await MemberAsync(tx);
        var statement = await StatementRules.AcceptAsync(tx, signed);
        if (statement.Body is not AppointDelegateBody body)
            throw StatementRules.WrongType("appointDelegate");
        var ended = new EndedStatementEntry(statement.Id, EndedStatementKind.DelegateAppointed, caller.MspId, TimeOf(tx), signed);
        var key = LedgerKey.Delegate(statement.Patient, body.Delegate);
        if (await StatementRules.IsRepeatAsync(tx, statement, ended))
            return await KnownDelegateAsync(tx, key);
        await StatementRules.CheckAgeAsync(tx, statement);
        var known = await DelegatePower.LoadAsync(StateOf(tx), statement.Patient, tx.Cancellation);
        if (DelegatePower.Refusal(known, body, TimeOf(tx)) is var (code, text))
            throw new ContractException(code, text);
        // Auditors do not ask this: such an appointment from before the rule is the patient's word, too, and gives a revoked key no power.
        if (CredentialHistory.Refusal(await CredentialsAsync(tx, statement.Patient), body) is var (taken, why))
            throw new ContractException(taken, why);

        var entry = new DelegateEntry(statement.Patient, body.Delegate, signed, caller.MspId, TimeOf(tx));
        await PutAsync(tx, key, entry, ended, statement.Patient);
        return entry;
    }

    /// <summary>
    /// Ends a delegate's power for good, by the patient's signature: from then on what the delegate permitted permits nothing.
    /// </summary>
    /// <exception cref="ContractException">
    /// The statement or its assertion is refused, or <c>statement.wrong_type</c>, <c>statement.id_taken</c>,
    /// <c>delegate.outside_scope</c>, <c>delegate.not_found</c> or <c>delegate.revoked</c>.
    /// </exception>
    [Transaction]
    public async Task<DelegateEntry> RevokeDelegateAsync(TransactionContext tx, SignedStatement signed)
    {
        var caller = await MemberAsync(tx);
        var statement = await StatementRules.AcceptAsync(tx, signed);
        if (statement.Body is not RevokeDelegateBody { Delegate: var target })
            throw StatementRules.WrongType("revokeDelegate");
        var ended = new EndedStatementEntry(statement.Id, EndedStatementKind.DelegateRevoked, caller.MspId, TimeOf(tx), signed);
        var key = LedgerKey.Delegate(statement.Patient, target);
        if (await StatementRules.IsRepeatAsync(tx, statement, ended))
            return await KnownDelegateAsync(tx, key);
        var known = await tx.GetAsync(key, LedgerJson.Default.DelegateEntry)
            ?? throw new ContractException("delegate.not_found", "The patient appointed no such delegate.");
        if (known.RevokedBy is not null)
            throw new ContractException("delegate.revoked", "The delegate was revoked before.");

        var entry = known with { RevokedBy = statement.Id, RevokedAt = TimeOf(tx) };
        await PutAsync(tx, key, entry, ended, statement.Patient);
        return entry;
    }

    /// <summary>
    /// Confirms permits that a delegate signed. By the patient's signature: from then on they stand until they end or are revoked,
    /// whatever becomes of the delegate. By a guardian's: another guardian's joint permits count from then on, while both are in power.
    /// </summary>
    /// <returns>The confirmation as it is kept.</returns>
    /// <exception cref="ContractException">
    /// The statement or its assertion is refused, or <c>statement.wrong_type</c>, <c>statement.id_taken</c>,
    /// <c>statement.too_old</c>, <c>statement.issued_ahead</c>, <c>delegate.outside_scope</c>, <c>consent.not_found</c>,
    /// <c>consent.not_delegated</c> or <c>consent.already_confirmed</c>.
    /// </exception>
    [Transaction]
    public async Task<EndedStatementEntry> ConfirmAsync(TransactionContext tx, SignedStatement signed)
    {
        var caller = await MemberAsync(tx);
        var statement = await StatementRules.AcceptAsync(tx, signed);
        if (statement.Body is not ConfirmBody body)
            throw StatementRules.WrongType("confirm");
        var ended = new EndedStatementEntry(statement.Id, EndedStatementKind.Confirmation, caller.MspId, TimeOf(tx), signed);
        if (await StatementRules.IsRepeatAsync(tx, statement, ended))
            return ended with { AcceptedAt = (await StatementRules.EndedAsync(tx, statement.Patient, statement.Id))!.AcceptedAt };
        await StatementRules.CheckAgeAsync(tx, statement);
        foreach (var id in body.Statements)
        {
            var permit = await tx.GetAsync(LedgerKey.Statement(statement.Patient, id), LedgerJson.Default.StatementEntry)
                ?? throw new ContractException("consent.not_found", "A statement to confirm does not stand on this channel.");
            if (!Confirmations.CanConfirm(permit))
                throw new ContractException("consent.not_delegated", "Only permits that a delegate signed can be confirmed.");
            if (await tx.ExistsAsync(LedgerKey.Confirmation(statement.Patient, id, Confirmations.ConfirmerOf(statement))))
                throw new ContractException("consent.already_confirmed", "That permit was confirmed before.");
        }

        var keys = new List<string>(body.Statements.Length + 1) { LedgerKey.EndedStatement(statement.Patient, statement.Id) };
        await tx.PutAsync(keys[0], ended, LedgerJson.Default.EndedStatementEntry);
        foreach (var id in body.Statements)
        {
            var confirmer = Confirmations.ConfirmerOf(statement);
            keys.Add(LedgerKey.Confirmation(statement.Patient, id, confirmer));
            await tx.PutAsync(keys[^1], new ConfirmationEntry(id, confirmer, statement.Id), LedgerJson.Default.ConfirmationEntry);
        }
        Announce(tx, keys);
        return ended;
    }

    private static async Task PutAsync(
        TransactionContext tx, string key, DelegateEntry entry, EndedStatementEntry ended, string patientId)
    {
        var endedKey = LedgerKey.EndedStatement(patientId, ended.StatementId);
        await tx.PutAsync(key, entry, LedgerJson.Default.DelegateEntry);
        await tx.PutAsync(endedKey, ended, LedgerJson.Default.EndedStatementEntry);
        Announce(tx, key, endedKey);
    }

    private static async Task<DelegateEntry> KnownDelegateAsync(TransactionContext tx, string key) =>
        await tx.GetAsync(key, LedgerJson.Default.DelegateEntry)
        ?? throw new ContractException(ShimCodes.StateCorrupt, "The statement is there and its delegate is not.");
}
