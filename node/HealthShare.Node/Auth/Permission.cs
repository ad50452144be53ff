using System.Collections.Frozen;

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

    /// <summary>Enrol patients and pin their credentials.</summary>
    RegisterPatients,

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
}

/// <summary>The one table of who may call what.</summary>
public static class Permissions
{
    private static readonly FrozenDictionary<Permission, FrozenSet<Role>> Table = new Dictionary<Permission, FrozenSet<Role>>
    {
        [Permission.SendMessages] = Of(Role.System, Role.ItAdministrator),
        [Permission.SeeMessages] = Of(Role.System, Role.ItAdministrator, Role.Registrar, Role.PrivacyOfficer),
        [Permission.ManageMessages] = Of(Role.ItAdministrator),
        [Permission.ReadMessageContent] = Of(Role.Registrar),
        [Permission.RegisterPatients] = Of(Role.Registrar, Role.System),
        [Permission.SeePatients] = Of(
            Role.Patient, Role.Physician, Role.Nurse, Role.Registrar, Role.PrivacyOfficer, Role.Auditor, Role.System),
        [Permission.SeeRecords] = Of(Role.Patient, Role.Physician, Role.Nurse, Role.PrivacyOfficer, Role.Auditor),
        [Permission.SeeConsents] = Of(Role.Patient, Role.Registrar, Role.PrivacyOfficer, Role.Auditor),
        [Permission.RelayStatements] = Of(Role.Patient, Role.Registrar, Role.System),
        [Permission.AttestConsents] = Of(Role.Registrar),
        [Permission.ReadRecords] = Of(Role.Physician, Role.Nurse),
        [Permission.SeeAccessLog] = Of(Role.Patient, Role.PrivacyOfficer, Role.Auditor),
        [Permission.SeeIncidents] = Of(Role.PrivacyOfficer, Role.Auditor),
        [Permission.SeeOrganizations] = Of(Enum.GetValues<Role>()),
        [Permission.VoteOnOrganizations] = Of(Role.ItAdministrator),
        [Permission.SeeContentHealth] = Of(Role.ItAdministrator, Role.PrivacyOfficer, Role.Auditor),
        [Permission.CheckContent] = Of(Role.ItAdministrator),
        [Permission.ManageStaffKeys] = Of(Role.ItAdministrator, Role.Registrar),
        [Permission.DeclareEmergencies] = Of(Role.Physician),
        [Permission.SeeEmergencies] = Of(Role.PrivacyOfficer, Role.Auditor),
        [Permission.ReviewEmergencies] = Of(Role.PrivacyOfficer, Role.Auditor),
        [Permission.SeeNotifications] = Of(Role.Patient, Role.PrivacyOfficer, Role.Auditor),
    }.ToFrozenDictionary();

    // What the others show cannot be told apart by confidentiality, so a delegate does not see it at all.
    private static readonly FrozenSet<Permission> OfDelegates =
        new[] { Permission.SeePatients, Permission.SeeRecords, Permission.RelayStatements }.ToFrozenSet();

    /// <summary>True when the caller may: a delegate only some of what the patient may.</summary>
    public static bool Allows(Permission permission, Caller caller) =>
        Allows(permission, caller.Role) && (caller.DelegateId is null || OfDelegates.Contains(permission));

    /// <summary>True when the role may.</summary>
    public static bool Allows(Permission permission, Role role) => Table[permission].Contains(role);

    /// <summary>Lets only callers of this permission's roles reach the endpoints: others get 403, strangers 401.</summary>
    public static TBuilder RequirePermission<TBuilder>(this TBuilder endpoints, Permission permission)
        where TBuilder : IEndpointConventionBuilder =>
        endpoints.RequireAuthorization(policy => policy.RequireAuthenticatedUser().RequireAssertion(
            context => Caller.TryOf(context.User, out var caller) && Allows(permission, caller)));

    private static FrozenSet<Role> Of(params Role[] roles) => roles.ToFrozenSet();
}
