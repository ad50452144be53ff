using System.Buffers.Text;
using HealthShare.Chaincode.Ledger;
using HealthShare.Chaincode.Shim;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;

namespace HealthShare.Chaincode.Contracts;

/// <summary>Patients, their credentials, and the members that know them.</summary>
/// <param name="clock">The endorser's clock.</param>
public sealed partial class PatientsContract(TimeProvider clock) : LedgerContract(clock)
{
    /// <summary>Enrolls a patient: an id and, when they are known by then, first credentials.</summary>
    /// <param name="tx">The transaction; the calling hospital becomes the enrolling member and is affiliated.</param>
    /// <param name="enrolment">Id and credentials.</param>
    /// <exception cref="ContractException">
    /// <c>caller.not_hospital</c>, <c>arguments.invalid</c>, <c>credential.key_malformed</c>, <c>credential.key_unsupported</c>
    /// <c>patient.erased</c> or <c>patient.id_taken</c>.
    /// </exception>
    [Transaction]
    public async Task<PatientEntry> EnrollAsync(TransactionContext tx, EnrollPatient enrolment)
    {
        var caller = await HospitalAsync(tx);
        var credentials = enrolment.Credentials ?? [];
        Require.Id(IdKind.Patient, enrolment.PatientId, "patientId");
        Require.Count(credentials, 0, Limits.CredentialsAtEnrolment, "credentials");
        Require.Distinct(credentials.Select(credential => credential.CredentialId), "credentials");
        foreach (var credential in credentials)
            CredentialRules.Check(credential);

        var patient = new PatientEntry(enrolment.PatientId, caller.MspId, TimeOf(tx));
        if (await tx.GetAsync(LedgerKey.Patient(patient.PatientId), LedgerJson.Default.PatientEntry) is { } existing)
            return await RepeatedAsync(tx, existing, caller.MspId, credentials);

        var affiliation = new AffiliationEntry(patient.PatientId, caller.MspId, patient.EnrolledAt);
        await tx.PutAsync(LedgerKey.Patient(patient.PatientId), patient, LedgerJson.Default.PatientEntry);
        await tx.PutAsync(LedgerKey.Affiliation(patient.PatientId, caller.MspId), affiliation, LedgerJson.Default.AffiliationEntry);
        foreach (var credential in credentials)
            await PutAsync(tx, new CredentialEntry(patient.PatientId, credential, caller.MspId, patient.EnrolledAt));
        Announce(tx, [LedgerKey.Patient(patient.PatientId), LedgerKey.Affiliation(patient.PatientId, caller.MspId),
            .. credentials.Select(credential => LedgerKey.Credential(patient.PatientId, credential.CredentialId))]);
        return patient;
    }

    /// <summary>Affiliates another hospital, by the patient's signed link. Any member may relay it.</summary>
    /// <exception cref="ContractException">
    /// The statement or its assertion is refused, or <c>statement.wrong_type</c>, <c>statement.id_taken</c>,
    /// <c>statement.too_old</c>, <c>statement.issued_ahead</c>, <c>patient.link_not_hospital</c>, <c>patient.already_linked</c>.
    /// </exception>
    [Transaction]
    public async Task<AffiliationEntry> LinkAsync(TransactionContext tx, SignedStatement signed)
    {
        var caller = await MemberAsync(tx);
        var statement = await StatementRules.AcceptAsync(tx, signed);
        if (statement.Body is not LinkBody { Member: var member })
            throw StatementRules.WrongType("link");
        var key = LedgerKey.Affiliation(statement.Patient, member);
        var ended = new EndedStatementEntry(statement.Id, EndedStatementKind.Link, caller.MspId, TimeOf(tx), signed);
        if (await StatementRules.IsRepeatAsync(tx, statement, ended))
            return await tx.GetAsync(key, LedgerJson.Default.AffiliationEntry)
                ?? throw new ContractException(ShimCodes.StateCorrupt, "The link is there and its affiliation is not.");
        await StatementRules.CheckAgeAsync(tx, statement);
        if (await tx.GetAsync(LedgerKey.Organization(member), LedgerJson.Default.OrganizationEntry) is not { Kind: OrganizationKind.Hospital, SuspendedAt: null })
            throw new ContractException("patient.link_not_hospital", $"'{member}' is not a hospital of this channel.");
        if (await tx.ExistsAsync(key))
            throw new ContractException("patient.already_linked", $"'{member}' is affiliated with this patient already.");

        var affiliation = new AffiliationEntry(statement.Patient, member, TimeOf(tx), statement.Id);
        var endedKey = LedgerKey.EndedStatement(statement.Patient, statement.Id);
        await tx.PutAsync(key, affiliation, LedgerJson.Default.AffiliationEntry);
        await tx.PutAsync(endedKey, ended, LedgerJson.Default.EndedStatementEntry);
        Announce(tx, key, endedKey);
        return affiliation;
    }

    /// <summary>
    /// Hands the patient's label key to another affiliated member: the envelope goes into the caller's own private
    /// collection, so the caller's peer alone endorses it.
    /// </summary>
    /// <exception cref="ContractException">
    /// <c>patient.not_affiliated</c>, <c>envelope.key_unknown</c>, <c>transient.envelope_missing</c> or
    /// <c>transient.envelope_too_large</c>.
    /// </exception>
    [Transaction]
    public async Task ShareLabelKeyAsync(TransactionContext tx, ShareLabelKey share)
    {
        var caller = await HospitalAsync(tx);
        Require.Id(IdKind.Patient, share.PatientId, "patientId");
        Require.MspId(share.Recipient, "recipient");
        await RequireAffiliationAsync(tx, share.PatientId, caller.MspId);
        await RequireAffiliationAsync(tx, share.PatientId, share.Recipient);
        var recipient = await tx.GetAsync(LedgerKey.Organization(share.Recipient), LedgerJson.Default.OrganizationEntry);
        if (recipient is not { SuspendedAt: null } || recipient.SealingKey.KeyId != share.KeyId)
            throw new ContractException("envelope.key_unknown", "The envelope is not sealed to the recipient's key.");

        var envelope = new SealedEnvelope(share.KeyId, Base64Url.EncodeToString(EnvelopeOf(tx).Span));
        await tx.PutPrivateAsync(LedgerKey.OwnCollection(caller.MspId), LedgerKey.LabelKeyEnvelope(share.PatientId, share.Recipient),
            envelope, LedgerJson.Default.SealedEnvelope);
        Announce(tx, LedgerKey.Affiliation(share.PatientId, share.Recipient));
    }

    /// <summary>The label key's envelope for the caller; evaluated at the sender's peer, which alone holds it.</summary>
    /// <exception cref="ContractException"><c>patient.not_affiliated</c> or <c>labelkey.not_shared</c>.</exception>
    [Transaction(Evaluate = true)]
    public async Task<SealedEnvelope> GetLabelKeyAsync(TransactionContext tx, GetLabelKey query)
    {
        var caller = await HospitalAsync(tx);
        Require.Id(IdKind.Patient, query.PatientId, "patientId");
        Require.MspId(query.Sender, "sender");
        await RequireAffiliationAsync(tx, query.PatientId, caller.MspId);
        // The caller's own MSP id is part of the key: nobody can ask for another's envelope.
        return await tx.GetPrivateAsync(LedgerKey.OwnCollection(query.Sender),
                LedgerKey.LabelKeyEnvelope(query.PatientId, caller.MspId), LedgerJson.Default.SealedEnvelope)
            ?? throw new ContractException("labelkey.not_shared", "That member has shared no label key with the caller.");
    }

    /// <summary>A patient with members and credentials; for members of the channel.</summary>
    /// <exception cref="ContractException"><c>caller.not_member</c> or <c>patient.not_found</c>.</exception>
    [Transaction(Evaluate = true)]
    public async Task<PatientView> GetAsync(TransactionContext tx, string patientId)
    {
        await MemberAsync(tx);
        var patient = await PatientAsync(tx, patientId);
        return new PatientView(patient,
            await ListAsync(tx, LedgerKind.Affiliation, [patientId], LedgerJson.Default.AffiliationEntry),
            await CredentialsAsync(tx, patientId));
    }

    private static async Task<PatientEntry> RepeatedAsync(
        TransactionContext tx, PatientEntry existing, string caller, IReadOnlyList<Credential> credentials)
    {
        if (existing.IsErased)
            throw Erased();
        var known = (await CredentialsAsync(tx, existing.PatientId)).ToDictionary(
            entry => entry.Credential.CredentialId, entry => entry.Credential, StringComparer.Ordinal);
        var same = existing.EnrolledBy == caller && credentials.All(credential =>
            known.TryGetValue(credential.CredentialId, out var other) && Same(credential, other, LedgerJson.Default.Credential));
        return same ? existing : throw new ContractException("patient.id_taken", "The patient id is in use.");
    }
}
