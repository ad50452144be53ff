using HealthShare.Chaincode.Ledger;
using HealthShare.Chaincode.Shim;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;

namespace HealthShare.Chaincode.Contracts;

/// <summary>The patient's signed statements. Any member may relay them; only the patient's credentials can make them.</summary>
/// <param name="clock">The endorser's clock.</param>
public sealed partial class ConsentsContract(TimeProvider clock) : LedgerContract(clock)
{
    /// <summary>Accepts a signed grant, permit or deny.</summary>
    /// <exception cref="ContractException">
    /// The statement or its assertion is refused, or <c>statement.wrong_type</c>, <c>statement.wrong_channel</c>,
    /// <c>patient.not_found</c>, <c>credential.unknown</c>, <c>consent.revoked</c>, <c>statement.id_taken</c>,
    /// <c>statement.too_old</c>, <c>statement.issued_ahead</c>, <c>consent.period_over</c>, <c>consent.too_many</c>,
    /// <c>consent.too_many_counted</c>; for what it names <c>statement.purpose_unknown</c>, <c>statement.member_unknown</c> or
    /// <c>record.is_part</c>; for what it replaces <c>consent.replaced_unknown</c>, <c>consent.already_over</c> or <c>consent.already_revoked</c>.
    /// </exception>
    [Transaction]
    public async Task<StatementEntry> GrantAsync(TransactionContext tx, SignedStatement signed)
    {
        var caller = await MemberAsync(tx);
        var statement = await StatementRules.AcceptAsync(tx, signed);
        if (statement.Body is not GrantBody grant)
            throw StatementRules.WrongType("grant");
        var key = LedgerKey.Statement(statement.Patient, statement.Id);
        if (await StatementRules.EndedAsync(tx, statement.Patient, statement.Id) is { } ended)
        {
            throw ended.RevokedBy is null
                ? StatementRules.IdTaken()
                : new ContractException("consent.revoked", "This statement was revoked; its id is never used again.");
        }
        if (await tx.GetAsync(key, LedgerJson.Default.StatementEntry) is { } existing)
            return existing.Signed == signed && existing.RelayedBy == caller.MspId ? existing : throw StatementRules.IdTaken();
        var now = TimeOf(tx);
        var place = await GrantPlace.FindAsync(StateOf(tx), statement, now, tx.Cancellation);
        if (place.Refusal is var (code, text))
            throw new ContractException(code, text);
        // What ends a deny lets more be read, whatever takes its place.
        if (grant.Effect is Effect.Permit || place.ReplacedEffect is Effect.Deny)
            await StatementRules.CheckAgeAsync(tx, statement);

        var entry = new StatementEntry(statement.Id, signed, caller.MspId, now);
        await tx.PutAsync(key, entry, LedgerJson.Default.StatementEntry);
        var leaving = place.Over.Select(GrantRange.TakenOut).ToList();
        if (place.Replaced is { } old)
        {
            leaving.Add(new EndedStatementEntry(
                old.StatementId, EndedStatementKind.ReplacedGrant, old.RelayedBy, old.AcceptedAt, old.Signed, statement.Id, now));
        }
        var changed = new List<string> { key };
        foreach (var gone in leaving)
        {
            var (oldKey, endedKey) = (LedgerKey.Statement(statement.Patient, gone.StatementId), LedgerKey.EndedStatement(statement.Patient, gone.StatementId));
            await tx.DeleteAsync(oldKey);
            await tx.PutAsync(endedKey, gone, LedgerJson.Default.EndedStatementEntry);
            changed.AddRange([oldKey, endedKey]);
        }
        Announce(tx, changed);
        return entry;
    }

    /// <summary>
    /// Accepts a signed revocation. A grant that was never seen can be revoked too: then nobody who kept it back can use it.
    /// </summary>
    /// <returns>The statement that ended.</returns>
    /// <exception cref="ContractException">
    /// The statement or its assertion is refused, or <c>statement.wrong_type</c>, <c>statement.wrong_channel</c>,
    /// <c>patient.not_found</c>, <c>credential.unknown</c>, <c>statement.id_taken</c>, <c>consent.already_revoked</c>,
    /// <c>consent.already_over</c>, <c>consent.not_revocable</c>.
    /// </exception>
    [Transaction]
    public async Task<EndedStatementEntry> RevokeAsync(TransactionContext tx, SignedStatement signed)
    {
        var caller = await MemberAsync(tx);
        var statement = await StatementRules.AcceptAsync(tx, signed);
        if (statement.Body is not RevokeBody { Statement: var target })
            throw StatementRules.WrongType("revoke");
        var (now, patient) = (TimeOf(tx), statement.Patient);
        var revocation = new EndedStatementEntry(statement.Id, EndedStatementKind.Revocation, caller.MspId, now, signed);
        var known = await StatementRules.EndedAsync(tx, patient, target);
        if (await StatementRules.IsRepeatAsync(tx, statement, revocation))
            return known ?? throw new ContractException(ShimCodes.StateCorrupt, "The revocation is there and what it revoked is not.");
        if (known is { Kind: EndedStatementKind.ExpiredGrant })
            throw AlreadyOver();
        if (target == statement.Id || known is { RevokedBy: null })
            throw new ContractException("consent.not_revocable", "That statement is not a grant.");
        if (known is not null)
            throw new ContractException("consent.already_revoked", "That statement was revoked before.");

        var grant = await tx.GetAsync(LedgerKey.Statement(patient, target), LedgerJson.Default.StatementEntry);
        var ended = grant is null
            ? new EndedStatementEntry(target, EndedStatementKind.RevokedUnseen, caller.MspId, now, null, statement.Id, now)
            : new EndedStatementEntry(
                target, EndedStatementKind.RevokedGrant, grant.RelayedBy, grant.AcceptedAt, grant.Signed, statement.Id, now);
        var (endedKey, revocationKey) = (LedgerKey.EndedStatement(patient, target), LedgerKey.EndedStatement(patient, statement.Id));
        // Leaving the range of grants is what makes a decision endorsed before this commit invalid after it.
        if (grant is not null)
            await tx.DeleteAsync(LedgerKey.Statement(patient, target));
        await tx.PutAsync(endedKey, ended, LedgerJson.Default.EndedStatementEntry);
        await tx.PutAsync(revocationKey, revocation, LedgerJson.Default.EndedStatementEntry);
        Announce(tx, LedgerKey.Statement(patient, target), endedKey, revocationKey);
        return ended;
    }

    /// <summary>One statement, in the list where it is; for members of the channel.</summary>
    /// <exception cref="ContractException"><c>caller.not_member</c> or <c>consent.not_found</c>.</exception>
    [Transaction(Evaluate = true)]
    public async Task<ConsentList> GetAsync(TransactionContext tx, GetConsent query)
    {
        await MemberAsync(tx);
        Require.Id(IdKind.Patient, query.PatientId, "patientId");
        Require.Id(IdKind.Statement, query.StatementId, "statementId");
        if (await tx.GetAsync(LedgerKey.Statement(query.PatientId, query.StatementId), LedgerJson.Default.StatementEntry) is { } grant)
            return new ConsentList([grant], []);
        return await StatementRules.EndedAsync(tx, query.PatientId, query.StatementId) is { } ended
            ? new ConsentList([], [ended])
            : throw new ContractException("consent.not_found", "The statement is not on this channel.");
    }

    /// <summary>All statements of a patient; for members of the channel.</summary>
    /// <exception cref="ContractException"><c>caller.not_member</c> or <c>patient.not_found</c>.</exception>
    [Transaction(Evaluate = true)]
    public async Task<ConsentList> ListByPatientAsync(TransactionContext tx, string patientId)
    {
        await MemberAsync(tx);
        await PatientAsync(tx, patientId);
        return new ConsentList(
            await ListAsync(tx, LedgerKind.Statement, [patientId], LedgerJson.Default.StatementEntry),
            await ListAsync(tx, LedgerKind.EndedStatement, [patientId], LedgerJson.Default.EndedStatementEntry));
    }

    /// <summary>
    /// What a request would come to at this moment and what would change it, in codes; nothing is asked for. For members of
    /// the channel.
    /// </summary>
    /// <exception cref="ContractException">
    /// <c>caller.not_member</c>, <c>arguments.invalid</c>, <c>patient.not_found</c>, <c>record.not_found</c>, <c>record.is_part</c> or
    /// <c>organization.not_found</c>.
    /// </exception>
    [Transaction(Evaluate = true)]
    public async Task<Explanation> ExplainAsync(TransactionContext tx, ExplainAccess query)
    {
        await MemberAsync(tx);
        Require.MspId(query.Record.Custodian, "custodian");
        Require.Id(IdKind.Record, query.Record.RecordId, "recordId");
        Require.MspId(query.Requester, "requester");
        Require.That(PurposeOfUse.Contains(query.Purpose), "purpose", "is no purpose of HL7's PurposeOfUse");
        Require.Code(query.Role, "role");
        Require.That(query.Staff is null || LedgerCode.IsCode(query.Staff), "staff", "is not a staff id");
        await PatientAsync(tx, query.PatientId);
        var record = await RecordRules.FindWholeAsync(tx, query.PatientId, query.Record);
        var requester = await tx.GetAsync(LedgerKey.Organization(query.Requester), LedgerJson.Default.OrganizationEntry)
            ?? throw new ContractException("organization.not_found", $"'{query.Requester}' is not a member of this channel.");
        var policy = await (await PatientPolicy.LoadAsync(StateOf(tx), query.PatientId, tx.Cancellation))
            .ForPreviewAsync(StateOf(tx), query.PatientId, tx.Cancellation);
        return policy.Explain(query, record, requester, TimeOf(tx));
    }

    private static ContractException AlreadyOver() =>
        new("consent.already_over", "That grant's period is over, and it decides nothing any more.");
}
