using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.Hl7.Values;
using HealthShare.Node.Keys;
using HealthShare.Node.Ledger;
using HealthShare.Node.Problems;
using HealthShare.Node.ReadModel;
using HealthShare.Policy;

namespace HealthShare.Node.Patients;

/// <summary>Brings patients to the channel and to this hospital's directory, and their first credentials with them.</summary>
internal sealed class PatientEnrollment(
    PatientDirectory directory, EnrollmentTurns turns, LabelKeys labelKeys, TrustedCredentials trusted, CredentialsToPin toPin, LedgerService ledger, Replica replica,
    CatchUp catchUp)
{
    private const int LongestText = 64;

    /// <summary>Enrols the person with this number, or finds that this was done.</summary>
    /// <param name="request">The number.</param>
    /// <param name="returns">True where one who erased may come back by a new id.</param>
    /// <param name="ct">Stops the wait, not an ordered transaction.</param>
    /// <returns>The patient's id, and whether the ledger learned of the patient by this call.</returns>
    /// <exception cref="ApiProblemException">Number or authority are not as they should be, or the person erased and may not come back so.</exception>
    /// <exception cref="HealthShare.Fabric.Client.LedgerException">The ledger is away, and the id stays the same at the next try; or another member took the id, and the next try has another.</exception>
    public async Task<(string PatientId, bool IsNew)> EnrollAsync(NewPatient request, bool returns, CancellationToken ct)
    {
        var entry = await FindOrCreateAsync(IdentifierOf(request), returns, ct);
        using var turn = await turns.TakeAsync(entry.PatientId, ct);
        if (entry.Enrolled || await directory.IsEnrolledAsync(entry.PatientId, ct)) // by the intake, while this waited for its turn
        {
            // The intake may have enrolled the person a moment ago, in a block that has not reached the copy yet.
            if (await replica.GetAsync(LedgerKey.Patient(entry.PatientId), ct) is null)
                await catchUp.ToAsync(await ledger.HeightAsync(ct) - 1, ct);
            return (entry.PatientId, false);
        }
        // The label key first: no patient is on the ledger whose tokens could not be computed.
        (await labelKeys.GetOrCreateAsync(entry.PatientId, ct)).Dispose();
        var commit = await SubmitAsync(entry.PatientId, ct);
        await directory.EnrolledAsync(entry.PatientId, ct);
        await catchUp.ToAsync(commit.Block, ct);
        return (entry.PatientId, true);
    }

    private async Task<DirectoryEntry> FindOrCreateAsync(PatientIdentifier identifier, bool returns, CancellationToken ct)
    {
        try
        {
            return await directory.FindOrCreateAsync([identifier], ct, returns);
        }
        catch (PatientErasedException e)
        {
            throw new ApiProblemException(new ApiProblem(StatusCodes.Status422UnprocessableEntity, "patient.erased", e.Message));
        }
    }

    private async Task<LedgerCommit<PatientEntry>> SubmitAsync(string patientId, CancellationToken ct)
    {
        try
        {
            return await ledger.SubmitAsync(LedgerTransactions.EnrollPatient, new EnrollPatient(patientId),
                LedgerJson.Default.EnrollPatient, LedgerJson.Default.PatientEntry, ct);
        }
        catch (LedgerException e) when (e.Code == PatientDirectory.IdTaken)
        {
            // Another member was faster with this very id, which it can only have seen on its way. The next try has another one.
            await directory.ReplaceAsync(patientId, ct);
            throw;
        }
    }

    /// <summary>The patient whom a number of this hospital names; null where it names none. Enrols nobody.</summary>
    /// <exception cref="ApiProblemException">Number or authority are not as they should be.</exception>
    public Task<string?> FindAsync(PatientNumber number, CancellationToken ct) =>
        directory.FindAsync(IdentifierOf(new NewPatient(number.Number, number.Authority, Type: number.Type)), ct);

    /// <summary>
    /// Joins a number of this hospital to a patient who linked it. By doing so staff accept the credential that signed the
    /// link: from now on its permits reach this hospital's records.
    /// </summary>
    /// <exception cref="ApiProblemException">No such patient, not linked to this hospital, erased, or the number is another patient's.</exception>
    public async Task JoinAsync(NewPatient request, string patientId, CancellationToken ct)
    {
        var identifier = IdentifierOf(request);
        var affiliation = await replica.GetAsync(
            LedgerKey.Affiliation(patientId, ledger.MspId), LedgerJson.Default.AffiliationEntry, ct);
        if (affiliation is null)
            throw new ApiProblemException(ApiProblem.NotAvailable);
        try
        {
            await directory.JoinAsync(identifier, patientId, ct);
        }
        catch (PatientConflictException e)
        {
            throw new ApiProblemException(new ApiProblem(StatusCodes.Status409Conflict, "patient.conflict", e.Message));
        }
        catch (PatientErasedException)
        {
            throw new ApiProblemException(new ApiProblem(
                StatusCodes.Status422UnprocessableEntity, "patient.erased", "The patient erased what is shared; no number is joined to this id any more."));
        }
        if (affiliation.StatementId is { } link)
            await AcceptSignerAsync(patientId, link, ct);
    }

    /// <summary>Pins the first credential of a patient whom this hospital enrolled.</summary>
    /// <exception cref="ApiProblemException">No such patient here, or the patient has a credential already.</exception>
    /// <exception cref="PolicyException">The key is none that can sign statements.</exception>
    /// <exception cref="HealthShare.Fabric.Client.LedgerException">The ledger refuses or is away.</exception>
    public async Task<CredentialEntry> PinCredentialAsync(string patientId, Credential credential, CancellationToken ct)
    {
        _ = SignedStatementReader.KeyOf(credential);
        var patient = await replica.GetAsync(LedgerKey.Patient(patientId), LedgerJson.Default.PatientEntry, ct);
        if (patient?.EnrolledBy != ledger.MspId)
            throw new ApiProblemException(ApiProblem.NotAvailable);
        if (await replica.ListAsync(LedgerKind.Credential, [patientId], LedgerJson.Default.CredentialEntry, ct) is { Count: > 0 } known)
            return await PinnedBeforeAsync(known, credential, ct);
        await toPin.NoteAsync(patientId, credential, ct);
        try
        {
            var commit = await ledger.SubmitAsync(LedgerTransactions.PinCredential, new PinCredential(patientId, credential),
                LedgerJson.Default.PinCredential, LedgerJson.Default.CredentialEntry, ct);
            await catchUp.ToAsync(commit.Block, ct);
            return commit.Result;
        }
        catch (LedgerException e) when (e.ChaincodeStatus is not null)
        {
            await toPin.ForgetAsync(patientId, credential, CancellationToken.None);
            throw;
        }
    }

    // A repetition; staff say again that this credential is the patient's, and the channel has it by this member's word.
    private async Task<CredentialEntry> PinnedBeforeAsync(IReadOnlyList<CredentialEntry> known, Credential credential, CancellationToken ct)
    {
        var pinned = known.FirstOrDefault(entry => entry.AddedBy == ledger.MspId && entry is { StatementId: null, IsRevoked: false }
                && LedgerValue.Same(entry.Credential, credential, LedgerJson.Default.Credential))
            ?? throw new ApiProblemException(new ApiProblem(StatusCodes.Status422UnprocessableEntity, "patient.has_credential",
                "The patient has a credential; it must sign for another."));
        await trusted.AddAsync(pinned.PatientId, pinned.Credential, ct);
        return pinned;
    }

    private async Task AcceptSignerAsync(string patientId, string linkId, CancellationToken ct)
    {
        var link = await replica.GetAsync(LedgerKey.EndedStatement(patientId, linkId), LedgerJson.Default.EndedStatementEntry, ct);
        if (link?.Signed is not { } signed)
            return;
        var credential = await replica.GetAsync(
            LedgerKey.Credential(patientId, signed.Assertion.Credential), LedgerJson.Default.CredentialEntry, ct);
        if (credential is null)
            return;
        SignedStatementReader.Verify(signed, credential.Credential);
        // With it comes what it introduced before it was accepted here.
        await trusted.ChangeAsync(async transaction =>
        {
            await trusted.AddAsync(transaction, patientId, credential.Credential, null, ct);
            await trusted.FollowAsync(transaction, new ReplicaInBlock(transaction), ledger.Channel, patientId, ct);
        }, ct);
    }

    // The key of an authority with a universal id is "TYPE:ID"; that of another is its namespace. Neither is taken apart here.
    private static PatientIdentifier IdentifierOf(NewPatient request)
    {
        if (request.Number.Trim() is not { Length: >= 1 and <= LongestText } number)
            throw new ApiProblemException(ApiProblem.Invalid($"number has 1 to {LongestText} characters."));
        if (request.Authority.Length > LongestText)
            throw new ApiProblemException(ApiProblem.Invalid($"authority has at most {LongestText} characters."));
        // Two numbers that look the same would be two patients.
        if (!VisibleText.IsPlain(number + request.Authority))
            throw new ApiProblemException(ApiProblem.Invalid("number and authority hold no control or hidden characters."));
        if (!NumberSeries.NamesPerson(request.Type ?? ""))
            throw new ApiProblemException(ApiProblem.Invalid("type is MR, PI, PT or PE: others name no person."));
        return new PatientIdentifier(number, new AssigningAuthority(request.Authority, "", ""), request.Type ?? "");
    }
}
