using System.Buffers.Text;
using System.Data.Common;
using System.Text.Json;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.Node.Auth.Passkeys;
using HealthShare.Node.Auth.People;
using HealthShare.Node.Auth.Sessions;
using HealthShare.Node.Database;
using HealthShare.Node.Hosting;
using HealthShare.Node.Incidents;
using HealthShare.Node.Ledger;
using HealthShare.Node.Patients;
using HealthShare.Node.Problems;
using HealthShare.Node.ReadModel;
using HealthShare.Node.Webhooks;
using HealthShare.Policy.Ids;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Auth.Enrolment;

/// <summary>Enrols a passkey by an invitation: kept here, where it is to sign something pinned on the channel, and signed in with at once.</summary>
internal sealed partial class PasskeyEnrolment(
    InvitationStore invitations, PasskeyCeremony passkeys, PersonStore people, SignIns signIns, PatientEnrollment patients,
    CredentialStanding standing, EndedStaffKeys endedKeys, Replica replica, LedgerService ledger, CatchUp catchUp, NodeOrigin origin, IOptions<NodeOptions> node, IDatabase database,
    IncidentLog incidents, TimeProvider clock, ILogger<PasskeyEnrolment> logger)
{
    private static readonly ApiProblem NoInvitation = new(StatusCodes.Status404NotFound, "enrolment.not_available",
        "The link is not good, or not any more. Ask for a new one.");

    private static readonly ApiProblem BadPasskey = new(StatusCodes.Status401Unauthorized, "enrolment.refused",
        "The passkey was not accepted.", "Open the link again. The passkey must verify you, by fingerprint, face or PIN, and use ES256.");

    private static readonly ApiProblem Waits = new(StatusCodes.Status409Conflict, "enrolment.waits",
        "Your passkey is enrolled, and the link is used. It does not sign you in yet.",
        "Where the channel has an older passkey of yours, this hospital has vouched for the new one. Go to a second hospital that knows you, which "
            + "vouches for it, too; then sign in with it. Else sign in with it in a moment.");

    private static readonly ApiProblem HelperWaits = Waits with
    {
        Detail = "Who acts for a patient signs in with the passkey that the appointment names. Ask the patient, or the hospital, to name this one.",
    };

    /// <summary>Looks the invitation up and asks for a passkey.</summary>
    /// <exception cref="ApiProblemException">No such invitation that is still good.</exception>
    public async Task<(Person Person, JsonElement Options)> BeginAsync(string token, CancellationToken ct)
    {
        var invitation = await FindAsync(token, ct);
        var person = invitation.Person;
        return (person, await passkeys.BeginAttestationAsync(ChallengePurpose.Enrolment, invitation.Id,
            new PasskeyUserEntity { Id = person.Id, Name = person.Name, DisplayName = person.Name }));
    }

    /// <summary>Takes the passkey up and begins a session with it.</summary>
    /// <exception cref="ApiProblemException">
    /// The invitation is not good any more, the person was disabled meanwhile, or the passkey is not as it must be.
    /// </exception>
    /// <exception cref="LedgerException">
    /// The passkey could not be pinned; the link stays good, a patient's only where that is certain.
    /// </exception>
    public async Task<Session> EndAsync(string token, JsonElement credential, HttpContext http, CancellationToken ct)
    {
        var invitation = await FindAsync(token, ct);
        var passkey = await passkeys.EndAttestationAsync(ChallengePurpose.Enrolment, invitation.Id, credential)
            ?? throw new ApiProblemException(BadPasskey);
        var changesRole = false;
        if (invitation.Person.PatientId is { } patientId)
            await AddPatientSideAsync(invitation, patientId, passkey, ct);
        else
            changesRole = await AddStaffAsync(invitation, passkey, ct);
        LogEnrolled(invitation.Person.Id, invitation.Person.Role, invitation.Id);
        if (changesRole)
            await endedKeys.RevokeAsync(ct); // what still stands the worker goes on with
        if (await signIns.BeginAsync(invitation.Person, passkey, http, ct) is { } session)
            return session;
        if (invitation.Person.PatientId is not null)
            throw new ApiProblemException(invitation.Person.DelegateId is null ? Waits : HelperWaits);
        // Somebody disabled the person meanwhile: what was registered a moment ago goes again.
        await endedKeys.RevokeAsync(ct);
        throw new ApiProblemException(NoInvitation);
    }

    // Whoever invites could make a colleague's second passkey, or an officer, of himself: the officer sees who was let in as whom, and by whom.
    private Task NoteAsync(DbTransaction transaction, Invitation invitation, Role? former, long passkeys, CancellationToken ct)
    {
        var person = invitation.Person;
        var before = former is { } role && role != person.Role ? $", before {RoleCode.Of(role)}" : "";
        return incidents.NoteAsync(new Incident(clock.GetUtcNow(), "staff.enrolled", null, $"{person.Id} {invitation.Id}",
            $"{person.StaffId} is {RoleCode.Of(person.Role)}{before}; passkey {passkeys}; invited by {invitation.CreatedBy}"), transaction, ct);
    }

    // The channel comes first: where it refuses, the person's role, the incidents and the sessions stay as they were.
    private async Task<bool> AddStaffAsync(Invitation invitation, UserPasskeyInfo passkey, CancellationToken ct)
    {
        var (person, credential) = (invitation.Person, CredentialOf(passkey));
        // From here on nobody else can use the link.
        await database.WriteAsync(async transaction =>
        {
            if (!await invitations.UseAsync(transaction, invitation.Id, ct))
                throw new ApiProblemException(NoInvitation);
            if (!await StaffKeyOnItsWay.BeginAsync(transaction, credential.CredentialId, clock.GetUtcNow(), ct))
                throw new ApiProblemException(BadPasskey);
        }, ct);
        try
        {
            await RegisterAsync(person, credential, ct);
            if (await standing.SignInAsync(person, credential.CredentialId, passkey.PublicKey, ct) is null)
                throw new ApiProblemException(BadPasskey); // revoked on the channel once
            return await database.WriteAsync(async transaction =>
            {
                // Somebody may have disabled the person meanwhile, or be about to.
                await PersonStore.HoldAsync(transaction, person.Id, ct);
                if (!await InvitationStore.StandsAsync(transaction, invitation.Id, ct)
                    || !await StaffKeyOnItsWay.ArriveAsync(transaction, credential.CredentialId, clock.GetUtcNow(), ct))
                    throw new ApiProblemException(NoInvitation);
                var (former, count) = await people.AddAsync(transaction, person, passkey, ct);
                await NoteAsync(transaction, invitation, former, count, ct);
                if (former is not { } role || role == person.Role)
                    return false;
                if (person.StaffId is { } staffId)
                    await WebhookTable.DisableOfMakerAsync(transaction, staffId, person.Role, incidents, clock.GetUtcNow(), ct);
                return true;
            }, ct);
        }
        catch (Exception e)
        {
            await database.WriteAsync(async transaction =>
            {
                // Where the commit went through and its answer did not come, the passkey has arrived and the link is used.
                if (await StaffKeyOnItsWay.EndAsync(transaction, credential.CredentialId, clock.GetUtcNow(), CancellationToken.None))
                    await InvitationStore.ReopenAsync(transaction, invitation.Id, CancellationToken.None);
            }, CancellationToken.None);
            if (e is ApiProblemException)
                await endedKeys.RevokeAsync(CancellationToken.None); // what was registered a moment ago goes again
            throw;
        }
    }

    // The passkey of those who treat declares emergencies: the channel must know it.
    private async Task RegisterAsync(Person person, Credential credential, CancellationToken ct)
    {
        if (person is not { Role: Role.Physician or Role.Nurse, StaffId: { } staffId } || node.Value.Kind is not NodeKind.Hospital)
            return;
        var commit = await ledger.SubmitAsync(LedgerTransactions.RegisterStaffKey, new RegisterStaffKey(staffId, RoleCode.Of(person.Role), credential),
            LedgerJson.Default.RegisterStaffKey, LedgerJson.Default.StaffKeyEntry, ct);
        await catchUp.ToAsync(commit.Block, ct);
    }

    // A patient's passkey signs consents: the channel must know it. A delegate's is named by the appointment.
    private async Task AddPatientSideAsync(Invitation invitation, string patientId, UserPasskeyInfo passkey, CancellationToken ct)
    {
        var credential = CredentialOf(passkey);
        // From here on nobody else can use the link, and whatever happens to this process the passkey signs in once it is pinned.
        await database.WriteAsync(async transaction =>
        {
            if (!await invitations.UseAsync(transaction, invitation.Id, ct))
                throw new ApiProblemException(NoInvitation);
            await people.AddAsync(transaction, invitation.Person, passkey, ct);
        }, ct);
        if (invitation.Person.DelegateId is not null)
            return;
        try
        {
            if (await IsFirstAsync(patientId, ct))
                await patients.PinCredentialAsync(patientId, credential, ct);
            else
                await VouchAsync(patientId, credential, ct);
        }
        catch (Exception e) when (e is ApiProblemException or LedgerException { MayHaveCommitted: false })
        {
            await database.WriteAsync(async transaction =>
            {
                // Who erased meanwhile has the passkey no more, and does not get the link back.
                if (await PersonStore.RemoveAsync(transaction, credential.CredentialId, CancellationToken.None))
                    await InvitationStore.ReopenAsync(transaction, invitation.Id, CancellationToken.None);
            }, CancellationToken.None);
            throw;
        }
    }

    private Credential CredentialOf(UserPasskeyInfo passkey) => new(
        Base64Url.EncodeToString(passkey.CredentialId), Base64Url.EncodeToString(passkey.PublicKey), origin.RpId, [origin.Value]);

    private async Task<bool> IsFirstAsync(string patientId, CancellationToken ct) =>
        await replica.GetAsync(LedgerKey.Patient(patientId), LedgerJson.Default.PatientEntry, ct) is { } patient && patient.EnrolledBy == ledger.MspId
        && (await replica.ListAsync(LedgerKind.Credential, [patientId], LedgerJson.Default.CredentialEntry, ct)).Count == 0;

    // For a patient who lost the passkeys, or whom another hospital enrolled: a registrar has the link made, so this hospital gives its word.
    private async Task VouchAsync(string patientId, Credential credential, CancellationToken ct)
    {
        var commit = await ledger.SubmitAsync(LedgerTransactions.AttestSigner,
            new AttestSigner(patientId, LedgerId.New(IdKind.Delegate), VouchedKind.Credential, [credential]),
            LedgerJson.Default.AttestSigner, LedgerJson.Default.VouchedEntry, ct);
        await catchUp.ToAsync(commit.Block, ct);
    }

    private async Task<Invitation> FindAsync(string token, CancellationToken ct) =>
        await invitations.FindOpenAsync(token, ct) ?? throw new ApiProblemException(NoInvitation);

    [LoggerMessage(3312, LogLevel.Information, "{Person} enrolled a passkey as {Role} by invitation {Invitation}.")]
    private partial void LogEnrolled(string person, Role role, string invitation);
}
