using HealthShare.Chaincode.Ledger;
using HealthShare.Chaincode.Shim;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;

namespace HealthShare.Chaincode.Contracts;

/// <summary>What holds for every signed statement, whatever it says.</summary>
internal static class StatementRules
{
    /// <summary>
    /// Reads the statement and checks that a credential of its patient, in force, signed exactly these bytes for this channel.
    /// </summary>
    public static async Task<Statement> AcceptAsync(TransactionContext tx, SignedStatement signed)
    {
        var (statement, signer) = await VerifyAsync(tx, signed);
        CheckInForce(signer);
        return statement;
    }

    /// <summary>As <see cref="AcceptAsync"/>, but leaves it to the caller to refuse a signer that was revoked.</summary>
    public static async Task<(Statement Statement, CredentialEntry Signer)> VerifyAsync(TransactionContext tx, SignedStatement signed)
    {
        var statement = Require.Policy(() => SignedStatementReader.Read(signed));
        if (statement.Channel != tx.ChannelId)
            throw new ContractException("statement.wrong_channel", "The statement is for another channel.");
        var patient = await tx.GetAsync(LedgerKey.Patient(statement.Patient), LedgerJson.Default.PatientEntry)
            ?? throw new ContractException("patient.not_found", "The patient is not on this channel.");
        if (patient.IsErased && patient.ErasedBy != statement.Id) // the erasure itself may be repeated
            throw LedgerContract.Erased();
        if (statement.Signer.Delegate is { } delegateId)
            return (statement, await DelegateAsync(tx, signed, statement, delegateId));
        var credential = await tx.GetAsync(
                LedgerKey.Credential(statement.Patient, statement.Signer.Credential), LedgerJson.Default.CredentialEntry)
            ?? throw new ContractException("credential.unknown", "The signer is not a credential of this patient.");
        return Require.Policy(() =>
        {
            SignedStatementReader.Verify(signed, credential.Credential);
            return (statement, credential);
        });
    }

    private static async Task<CredentialEntry> DelegateAsync(
        TransactionContext tx, SignedStatement signed, Statement statement, string delegateId)
    {
        var state = LedgerContract.StateOf(tx);
        var power = await DelegatePower.FindAsync(state, statement.Patient, delegateId, tx.Cancellation)
            ?? throw new ContractException("delegate.unknown", "The signer is not a delegate of this patient.");
        var credential = power.CredentialOf(statement.Signer.Credential)
            ?? throw new ContractException("credential.unknown", "The signer is not a credential of this delegate.");
        Require.Policy(() =>
        {
            SignedStatementReader.Verify(signed, credential);
            return credential;
        });
        if (await power.RefusalAsync(state, statement, LedgerTime.Truncate(tx.ProposedAt), tx.Cancellation) is var (code, text))
            throw new ContractException(code, text);
        return new CredentialEntry(statement.Patient, credential, tx.Caller.MspId, LedgerTime.Truncate(tx.ProposedAt));
    }

    public static void CheckInForce(CredentialEntry signer)
    {
        if (signer.IsRevoked)
            throw new ContractException("credential.revoked", "The credential was revoked; it signs nothing any more.");
    }

    /// <summary>
    /// What lets more be read must be fresh, or a member could keep a signature and use it when it suits. What lets less be
    /// read never ages.
    /// </summary>
    public static async Task CheckAgeAsync(TransactionContext tx, Statement statement)
    {
        var settings = await tx.GetAsync(LedgerKey.Settings, LedgerJson.Default.ChannelSettings) ?? new ChannelSettings();
        var proposed = LedgerTime.Truncate(tx.ProposedAt);
        if (StatementAge.IsTooOld(statement.Issued, proposed, settings))
            throw new ContractException("statement.too_old", $"It was issued more than {settings.PermitMaxAgeSeconds} seconds ago.");
        if (StatementAge.IsAhead(statement.Issued, proposed))
            throw new ContractException("statement.issued_ahead", "It was issued after the proposal.");
    }

    /// <summary>
    /// True when this very statement was accepted before, from the same member; refuses when the id is in use otherwise.
    /// For statements that end as soon as they are accepted, such as links and revocations.
    /// </summary>
    public static async Task<bool> IsRepeatAsync(TransactionContext tx, Statement statement, EndedStatementEntry entry)
    {
        if (await tx.ExistsAsync(LedgerKey.Statement(statement.Patient, statement.Id)))
            throw IdTaken();
        if (await EndedAsync(tx, statement.Patient, statement.Id) is not { } known)
            return false;
        return known.Kind == entry.Kind && known.RelayedBy == entry.RelayedBy && known.Signed == entry.Signed
            ? true
            : throw IdTaken();
    }

    public static Task<EndedStatementEntry?> EndedAsync(TransactionContext tx, string patientId, string statementId) =>
        tx.GetAsync(LedgerKey.EndedStatement(patientId, statementId), LedgerJson.Default.EndedStatementEntry);

    public static ContractException WrongType(string expected) =>
        new("statement.wrong_type", $"This transaction takes statements of type {expected}.");

    public static ContractException IdTaken() => new("statement.id_taken",
        "The statement's id is in use: for another statement, or for this one, which another member has brought already.");
}
