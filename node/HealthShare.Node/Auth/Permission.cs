using System.Collections.Frozen;
using HealthShare.Node.Auth.Sessions;
using HealthShare.Node.Problems;

namespace HealthShare.Node.Auth;

/// <summary>What an endpoint lets its caller do.</summary>
public enum Permission
{
    /// <summary>Hand HL7 messages in.</summary>
    SendMessages,

    /// <summary>See which messages came in and how far they have come; never their contents.</summary>
    SeeMessages,

    /// <summary>Take messages out of quarantine: through all steps again, or for good.</summary>
    ManageMessages,

    /// <summary>Read a message that waits or is in quarantine.</summary>
    ReadMessageContent,

    /// <summary>Enrol patients by the hospital's own numbers.</summary>
    RegisterPatients,

    /// <summary>
    /// Say whose signatures count here: pin a patient's first credential, join a number to a patient who linked it. And let one come
    /// back who erased, which the person must want.
    /// </summary>
    AcceptCredentials,

    /// <summary>See a patient's entry on the channel; patients only their own.</summary>
    SeePatients,

    /// <summary>See which records of a patient there are, as far as the policy lets the caller; patients only their own.</summary>
    SeeRecords,

    /// <summary>See what a patient granted and revoked; patients only their own.</summary>
    SeeConsents,

    /// <summary>Relay what a patient signed; patients only their own.</summary>
    RelayStatements,

    /// <summary>Vouch for what a patient said or wrote on paper.</summary>
    AttestConsents,

    /// <summary>Ask for records and read what was permitted.</summary>
    ReadRecords,

    /// <summary>See who was permitted or denied what; patients only their own.</summary>
    SeeAccessLog,

    /// <summary>See disagreements between the ledger and this node's own checks.</summary>
    SeeIncidents,

    /// <summary>See who the members of the channel are, and what is proposed about them.</summary>
    SeeOrganizations,

    /// <summary>Propose changes of the members or settings, and cast this member's votes.</summary>
    VoteOnOrganizations,

    /// <summary>See whether records are held where they are to be.</summary>
    SeeContentHealth,

    /// <summary>Have all records checked at once, and repaired.</summary>
    CheckContent,

    /// <summary>Register and revoke the keys of this hospital's staff.</summary>
    ManageStaffKeys,

    /// <summary>Break the glass, together with another member of staff.</summary>
    DeclareEmergencies,

    /// <summary>See emergencies, and which of them wait for their review.</summary>
    SeeEmergencies,

    /// <summary>Review another member's emergency.</summary>
    ReviewEmergencies,

    /// <summary>See what a patient should know of; patients only their own.</summary>
    SeeNotifications,

    /// <summary>Make a one-time code by which a clinician finds the patient; patients only their own.</summary>
    ShowHandle,

    /// <summary>See and end one's own sessions; for people who signed in, see <see cref="Permissions.TakesSession"/>.</summary>
    UseSession,

    /// <summary>Have every block of the channel verified, and see what was found.</summary>
    VerifyChannel,

    /// <summary>See the blocks of the channel: numbers, times, hashes and how many transactions, nothing of what they hold.</summary>
    SeeBlocks,

    /// <summary>See every request for records on the channel and what was decided, of every member and patient, as the ledger has it.</summary>
    SeeDecisions,

    /// <summary>See who works at the member and signs in here, and disable them.</summary>
    ManageStaff,

    /// <summary>Invite people to enrol a passkey: IT administrators colleagues, registrars patients.</summary>
    Invite,

    /// <summary>Hear of events as they happen, each as far as another permission lets the caller read the same.</summary>
    FollowEvents,

    /// <summary>Have the hospital's own systems told of events.</summary>
    ManageWebhooks,
}

/// <summary>The one table of who may call what; <c>docs/roles.md</c> is written from it.</summary>
public static class Permissions
{
    /// <summary>The HL7 v3 purpose of use that researchers ask for.</summary>
    public const string Research = "HRESCH";

    private static readonly Role[] People = [.. Enum.GetValues<Role>().Except([Role.System])];

    private static readonly FrozenDictionary<Permission, (string Words, FrozenSet<Role> Roles)> Table =
        new Dictionary<Permission, (string Words, FrozenSet<Role> Roles)>
        {
            [Permission.SendMessages] = ("hand HL7 messages in", Of(Role.System, Role.ItAdministrator)),
            [Permission.SeeMessages] = ("see which messages came in, never their contents",
                Of(Role.System, Role.ItAdministrator, Role.Registrar, Role.PrivacyOfficer)),
            [Permission.ManageMessages] = ("replay and discard messages in quarantine", Of(Role.ItAdministrator)),
            [Permission.ReadMessageContent] = ("read a message that waits or is in quarantine", Of(Role.Registrar)),
            [Permission.RegisterPatients] = ("enrol patients by the hospital's own numbers", Of(Role.Registrar, Role.System)),
            // A person of the hospital, never a program: its token would be the patient.
            [Permission.AcceptCredentials] = ("pin a patient's first credential, join a number to a patient who linked it", Of(Role.Registrar)),
            [Permission.SeePatients] = ("see a patient's entry on the channel", Of(Role.Patient, Role.Delegate, Role.Physician, Role.Nurse,
                Role.Pharmacist, Role.Registrar, Role.PrivacyOfficer, Role.Auditor, Role.System)),
            [Permission.SeeRecords] = ("see which records of a patient there are", Of(Role.Patient, Role.Delegate, Role.Physician, Role.Nurse,
                Role.Pharmacist, Role.Researcher, Role.PrivacyOfficer, Role.Auditor)),
            [Permission.SeeConsents] = ("see grants, revocations, credentials and delegates",
                Of(Role.Patient, Role.Registrar, Role.PrivacyOfficer, Role.Auditor)),
            [Permission.RelayStatements] = ("bring what a patient signed", Of(Role.Patient, Role.Delegate, Role.Registrar, Role.System)),
            [Permission.AttestConsents] = ("vouch for what a patient said or wrote on paper", Of(Role.Registrar)),
            [Permission.ReadRecords] = ("ask for records and read what was permitted",
                Of(Role.Physician, Role.Nurse, Role.Pharmacist, Role.Researcher)),
            [Permission.SeeAccessLog] = ("see who was permitted or denied what", Of(Role.Patient, Role.PrivacyOfficer, Role.Auditor)),
            [Permission.SeeIncidents] = ("see disagreements between the ledger and the node's own checks", Of(Role.PrivacyOfficer, Role.Auditor)),
            [Permission.SeeOrganizations] = ("see the members of the channel and what is proposed", Of(Enum.GetValues<Role>())),
            [Permission.VoteOnOrganizations] = ("propose changes of members and settings, and vote", Of(Role.ItAdministrator)),
            [Permission.SeeContentHealth] = ("see how contents are kept", Of(Role.ItAdministrator, Role.PrivacyOfficer, Role.Auditor)),
            [Permission.CheckContent] = ("have all contents checked", Of(Role.ItAdministrator)),
            [Permission.ManageStaffKeys] = ("register and revoke staff keys", Of(Role.ItAdministrator, Role.Registrar)),
            [Permission.DeclareEmergencies] = ("break the glass", Of(Role.Physician)),
            [Permission.SeeEmergencies] = ("see emergencies and which wait for review", Of(Role.PrivacyOfficer, Role.Auditor)),
            [Permission.ReviewEmergencies] = ("review another member's emergency", Of(Role.PrivacyOfficer, Role.Auditor)),
            [Permission.SeeNotifications] = ("see what a patient should know of", Of(Role.Patient, Role.PrivacyOfficer, Role.Auditor)),
            [Permission.ShowHandle] = ("make a one-time code by which a clinician finds one", Of(Role.Patient)),
            [Permission.UseSession] = ("see and end one's own sessions", Of(People)),
            [Permission.VerifyChannel] = ("have every block of the channel verified", Of(Role.PrivacyOfficer, Role.Auditor)),
            [Permission.SeeBlocks] = ("see the blocks of the channel by number and hash", Of(Role.ItAdministrator, Role.PrivacyOfficer, Role.Auditor)),
            [Permission.SeeDecisions] = ("see what the channel decided about every request for records", Of(Role.PrivacyOfficer, Role.Auditor)),
            [Permission.ManageStaff] = ("see the member's staff and disable them", Of(Role.ItAdministrator)),
            [Permission.Invite] = ("invite people to enrol a passkey", Of(Role.ItAdministrator, Role.Registrar)),
            [Permission.ManageWebhooks] = ("have the hospital's own systems told of events, as far as the role may read the same", Of(Role.ItAdministrator, Role.PrivacyOfficer)),
            [Permission.FollowEvents] = ("hear of events as they happen, as far as the role may read the same", Of([.. People.Except([Role.Delegate])])),
        }.ToFrozenDictionary();

    /// <summary>True where the role does not suffice: a person of it must have signed in with a passkey, for behind a token or a certificate there is no session.</summary>
    public static bool TakesSession(Permission permission) => permission is Permission.UseSession;

    /// <summary>What the permission lets its roles do, in words that follow "may".</summary>
    public static string WordsOf(Permission permission) => Table[permission].Words;

    /// <summary>True when the caller may: the role does, and a program's token does not say less.</summary>
    public static bool Allows(Permission permission, Caller caller) =>
        Allows(permission, caller.Role) && (caller.Only is null || caller.Only.Contains(permission));

    /// <summary>True when the role may.</summary>
    public static bool Allows(Permission permission, Role role) => Table[permission].Roles.Contains(role);

    /// <summary>True for those who work at the member, programs aside.</summary>
    public static bool IsStaff(Role role) => role is not (Role.Patient or Role.Delegate or Role.System);

    /// <summary>True when the inviter may let somebody of this role enrol: whoever runs the node sees no patient, so registrars invite those.</summary>
    public static bool MayInvite(Role inviter, Role invited) => IsStaff(invited)
        ? inviter is Role.ItAdministrator
        : inviter is Role.Registrar && invited is not Role.System; // programs have no passkeys

    /// <summary>
    /// True when this role may ask for that purpose at all; whether it is permitted is the policy's word. A researcher asks for research
    /// alone, so that the hospital's own right to treat opens nothing to one.
    /// </summary>
    public static bool MayAskFor(Role role, string purpose) => role is not Role.Researcher || purpose == Research;

    /// <summary>Lets only callers of this permission's roles reach the endpoints: others get 403, strangers 401.</summary>
    public static TBuilder RequirePermission<TBuilder>(this TBuilder endpoints, Permission permission)
        where TBuilder : IEndpointConventionBuilder
    {
        endpoints.Add(builder => builder.Metadata.Add(new NeededPermission(permission)));
        return endpoints.RequireAuthorization(policy => policy.RequireAuthenticatedUser().RequireAssertion(
            context => Caller.TryOf(context.User, out var caller) && Allows(permission, caller)
                && (!TakesSession(permission) || context.User.Identity?.AuthenticationType == SessionHandler.SchemeName)));
    }

    /// <summary>What a program hears that may not call an endpoint: that its role may not, or that no token can.</summary>
    internal static ApiProblem RefusalOfProgram(HttpContext http) =>
        http.GetEndpoint()?.Metadata.GetOrderedMetadata<NeededPermission>().Any(needed => TakesSession(needed.Permission)) is true
            ? ApiProblem.SessionRequired
            : ApiProblem.Forbidden;

    private static FrozenSet<Role> Of(params Role[] roles) => roles.ToFrozenSet();
}

/// <summary>Says of an endpoint which permission it asks for.</summary>
/// <param name="Permission">The permission; with several, each.</param>
public sealed record NeededPermission(Permission Permission);
