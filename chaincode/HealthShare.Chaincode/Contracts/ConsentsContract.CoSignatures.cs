using HealthShare.Chaincode.Ledger;
using HealthShare.Chaincode.Shim;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;

namespace HealthShare.Chaincode.Contracts;

/// <content>The second signature under a broad permit.</content>
public sealed partial class ConsentsContract
{
    /// <summary>
    /// Accepts a second assertion over the bytes of a broad permit, which then counts at once. It must be by a credential of
    /// another site and another member's that has been the patient's for the waiting time, and come through another member's node.
    /// </summary>
    /// <exception cref="ContractException">
    /// <c>caller.not_member</c>, <c>arguments.invalid</c>, <c>consent.not_found</c>, <c>consent.not_own</c>,
    /// <c>consent.not_broad</c>, <c>credential.unknown</c>, <c>credential.revoked</c>, the assertion is refused, <c>consent.already_cosigned</c>,
    /// <c>consent.cosigner_not_independent</c>, <c>consent.cosigner_same_origin</c>, <c>consent.cosigner_same_member</c> or <c>consent.cosigner_too_new</c>.
    /// </exception>
    [Transaction]
    public async Task<StatementEntry> CoSignAsync(TransactionContext tx, CoSignConsent second)
    {
        var caller = (await MemberAsync(tx)).MspId;
        Require.Id(IdKind.Patient, second.PatientId, "patientId");
        Require.Id(IdKind.Statement, second.StatementId, "statementId");
        var key = LedgerKey.Statement(second.PatientId, second.StatementId);
        var entry = await tx.GetAsync(key, LedgerJson.Default.StatementEntry)
            ?? throw new ContractException("consent.not_found", "No such grant is in force.");
        if (entry.CoSigned is { } known)
        {
            return known.Assertion == second.Assertion && known.RelayedBy == caller
                ? entry
                : throw new ContractException("consent.already_cosigned", "The permit has a second signature.");
        }
        await LivingPatientAsync(tx, second.PatientId);
        var settings = await tx.GetAsync(LedgerKey.Settings, LedgerJson.Default.ChannelSettings) ?? new ChannelSettings();
        var statement = SignedStatementReader.Read(entry.Signed);
        if (statement.Signer.Delegate is not null)
            throw new ContractException("consent.not_own", "Only a permit that the patient signed takes a second signature.");
        if (!BroadPermits.IsBroad((GrantBody)statement.Body, settings))
            throw new ContractException("consent.not_broad", "Only a broad permit takes a second signature.");
        var signer = await CredentialAsync(tx, second.PatientId, statement.Signer.Credential);
        var coSigner = await CredentialAsync(tx, second.PatientId, second.Assertion.Credential);
        Require.Policy(() =>
        {
            SignedStatementReader.Verify(entry.Signed with { Assertion = second.Assertion }, coSigner.Credential);
            return true;
        });
        var now = TimeOf(tx);
        if (BroadPermits.Refusal(entry, signer, coSigner, caller, now, settings) is var (code, text))
            throw new ContractException(code, text);

        var signedTwice = entry with { CoSigned = new CoSignature(second.Assertion, caller, now) };
        await tx.PutAsync(key, signedTwice, LedgerJson.Default.StatementEntry);
        Announce(tx, key);
        return signedTwice;
    }

    private static async Task<CredentialEntry> CredentialAsync(TransactionContext tx, string patientId, string credentialId)
    {
        Require.That(LedgerCode.IsCredentialId(credentialId), "credential", "is not 1 to 1023 bytes in base64url");
        var credential = await tx.GetAsync(LedgerKey.Credential(patientId, credentialId), LedgerJson.Default.CredentialEntry)
            ?? throw new ContractException("credential.unknown", "The signer is not a credential of this patient.");
        StatementRules.CheckInForce(credential);
        return credential;
    }
}
