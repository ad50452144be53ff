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
using HealthShare.Policy.Ids;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Auth.Enrolment;

/// <summary>Enrols a passkey by an invitation: kept here, where it is to sign something pinned on the channel, and signed in with at once.</summary>
internal sealed partial class PasskeyEnrolment(
    InvitationStore invitations, PasskeyCeremony passkeys, PersonStore people, SignIns signIns, PatientEnrollment patients,
    EndedStaffKeys endedKeys, Replica replica, LedgerService ledger, CatchUp catchUp, NodeOrigin origin, IOptions<NodeOptions> node, IDatabase database,
    IncidentLog incidents, TimeProvider clock, ILogger<PasskeyEnrolment> logger)
{
    private static readonly ApiProblem NoInvitation = new(StatusCodes.Status404NotFound, "enrolment.not_available",
        "The link is not good, or not any more. Ask for a new one.");

    private static readonly ApiProblem BadPasskey = new(StatusCodes.Status401Unauthorized, "enrolment.refused",
        "The passkey was not accepted.", "Open the link again. The passkey must verify you, by fingerprint, face or PIN, and use ES256.");

    private static readonly ApiProblem Waits = new(StatusCodes.Status409Conflict, "enrolment.waits",
        "The passkey is enrolled and does not sign you in yet.",
        "Where the channel has an older passkey of yours, a second hospital that knows you must vouch for this one. Who acts for a patient signs in with "
            + "the passkey that the appointment names. Else try again shortly.");

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
    /// <exception cref="LedgerException">The patient's passkey could not be pinned; where that is certain the link stays good.</exception>
    public async Task<Session> EndAsync(string token, JsonElement credential, HttpContext http, CancellationToken ct)
    {
        var invitation = await FindAsync(token, ct);
        var passkey = await passkeys.EndAttestationAsync(ChallengePurpose.Enrolment, invitation.Id, credential)
            ?? throw new ApiProblemException(BadPasskey);
        // From here on nobody else can use the link, and whatever happens to this process the passkey signs in once it is pinned.
        var changesRole = await database.WriteAsync(async transaction =>
        {
            if (!await invitations.UseAsync(transaction, invitation.Id, ct))
                throw new ApiProblemException(NoInvitation);
            var (former, count) = await people.AddAsync(transaction, invitation.Person, passkey, ct);
            if (invitation.Person.PatientId is null)
                await NoteAsync(transaction, invitation, former, count, ct);
            return former is { } role && role != invitation.Person.Role;
        }, ct);
        await PinAsync(invitation, passkey, ct);
        LogEnrolled(invitation.Person.Id, invitation.Person.Role, invitation.Id);
        if (changesRole)
            await endedKeys.RevokeAsync(ct); // what still stands the worker goes on with
        if (await signIns.BeginAsync(invitation.Person, passkey, http, ct) is { } session)
            return session;
        if (invitation.Person.PatientId is not null)
            throw new ApiProblemException(Waits);
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

    // A patient's passkey signs consents, that of those who treat declares emergencies: the channel must know it.
    private async Task PinAsync(Invitation invitation, UserPasskeyInfo passkey, CancellationToken ct)
    {
        var credentialId = Base64Url.EncodeToString(passkey.CredentialId);
        var credential = new Credential(credentialId, Base64Url.EncodeToString(passkey.PublicKey), origin.RpId, [origin.Value]);
        try
        {
            switch (invitation.Person)
            {
                case { PatientId: { } patientId, DelegateId: null }:
                    if (await IsFirstAsync(patientId, ct))
                        await patients.PinCredentialAsync(patientId, credential, ct);
                    else
                        await VouchAsync(patientId, credential, ct);
                    break;
                case { Role: Role.Physician or Role.Nurse, StaffId: { } staffId } when node.Value.Kind is NodeKind.Hospital:
                    var commit = await ledger.SubmitAsync(LedgerTransactions.RegisterStaffKey,
                        new RegisterStaffKey(staffId, RoleCode.Of(invitation.Person.Role), credential),
                        LedgerJson.Default.RegisterStaffKey, LedgerJson.Default.StaffKeyEntry, ct);
                    await catchUp.ToAsync(commit.Block, ct);
                    break;
            }
        }
        catch (Exception e) when (e is ApiProblemException or LedgerException { MayHaveCommitted: false })
        {
            await database.WriteAsync(async transaction =>
            {
                // Who was disabled meanwhile has the passkey no more, and does not get the link back.
                if (await PersonStore.RemoveAsync(transaction, credentialId, CancellationToken.None))
                    await InvitationStore.ReopenAsync(transaction, invitation.Id, CancellationToken.None);
            }, CancellationToken.None);
            throw;
        }
    }

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
