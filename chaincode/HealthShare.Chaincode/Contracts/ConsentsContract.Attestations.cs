using HealthShare.Chaincode.Ledger;
using HealthShare.Chaincode.Shim;
using HealthShare.Policy.Ids;

namespace HealthShare.Chaincode.Contracts;

/// <content>Consents on paper or by word, which a hospital vouches for.</content>
public sealed partial class ConsentsContract
{
    /// <summary>
    /// Accepts a consent that the calling hospital vouches for: it reaches that hospital's own records only, never permits that
    /// hospital itself, and gives way to whatever the patient signed.
    /// </summary>
    /// <exception cref="ContractException">
    /// <c>caller.not_hospital</c>, <c>arguments.invalid</c>, <c>patient.not_found</c>, <c>patient.erased</c>, <c>patient.not_affiliated</c>, the body is
    /// refused, or <c>consent.attested_member</c>, <c>consent.attested_emergency</c>, <c>consent.attester_named</c>,
    /// <c>consent.withdrawn</c>, <c>consent.revoked</c>, <c>statement.id_taken</c>, <c>statement.purpose_unknown</c>,
    /// <c>statement.member_unknown</c>, <c>record.is_part</c>, <c>consent.too_many_attested</c>.
    /// </exception>
    [Transaction]
    public async Task<AttestationEntry> AttestAsync(TransactionContext tx, AttestConsent attestation)
    {
        var caller = (await HospitalAsync(tx)).MspId;
        await LivingPatientAsync(tx, attestation.PatientId);
        Require.Id(IdKind.Statement, attestation.AttestationId, "attestationId");
        await RequireAffiliationAsync(tx, attestation.PatientId, caller);
        var grant = Require.Policy(() => AttestedConsents.Read(attestation, caller));
        var key = LedgerKey.Attestation(attestation.PatientId, caller, attestation.AttestationId);
        var ended = await StatementRules.EndedAsync(tx, attestation.PatientId, attestation.AttestationId);
        if (ended is { RevokedBy: not null })
            throw new ContractException("consent.revoked", "The patient revoked this id; it is never used again.");
        if (ended is not null || await tx.ExistsAsync(LedgerKey.Statement(attestation.PatientId, attestation.AttestationId)))
            throw StatementRules.IdTaken();
        if (await tx.GetAsync(key, LedgerJson.Default.AttestationEntry) is { } existing)
        {
            if (existing.Attestation != attestation)
                throw StatementRules.IdTaken();
            return existing.WithdrawnAt is null
                ? existing
                : throw new ContractException("consent.withdrawn", "It was withdrawn; its id is never used again.");
        }
        if (await AttestedConsents.RefusalAsync(StateOf(tx), attestation.PatientId, caller, grant, tx.Cancellation) is var (code, text))
            throw new ContractException(code, text);

        var entry = new AttestationEntry(attestation, caller, TimeOf(tx));
        await tx.PutAsync(key, entry, LedgerJson.Default.AttestationEntry);
        Announce(tx, key);
        return entry;
    }

    /// <summary>Takes back an attestation of the caller's own. Repeating it is success.</summary>
    /// <exception cref="ContractException">
    /// <c>caller.not_hospital</c>, <c>arguments.invalid</c>, <c>consent.not_found</c> or <c>patient.erased</c>.
    /// </exception>
    [Transaction]
    public async Task<AttestationEntry> WithdrawAsync(TransactionContext tx, WithdrawAttestation withdrawal)
    {
        var caller = (await HospitalAsync(tx)).MspId;
        Require.Id(IdKind.Patient, withdrawal.PatientId, "patientId");
        Require.Id(IdKind.Statement, withdrawal.AttestationId, "attestationId");
        var key = LedgerKey.Attestation(withdrawal.PatientId, caller, withdrawal.AttestationId);
        var entry = await tx.GetAsync(key, LedgerJson.Default.AttestationEntry)
            ?? throw new ContractException("consent.not_found", "The caller attested no such consent.");
        if (entry.WithdrawnAt is not null)
            return entry;
        await LivingPatientAsync(tx, withdrawal.PatientId);
        entry = entry with { WithdrawnAt = TimeOf(tx) };
        await tx.PutAsync(key, entry, LedgerJson.Default.AttestationEntry);
        Announce(tx, key);
        return entry;
    }
}
