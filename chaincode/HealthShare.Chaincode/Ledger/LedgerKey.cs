using HealthShare.Chaincode.Shim;

namespace HealthShare.Chaincode.Ledger;

/// <summary>What a key of the public state holds.</summary>
public enum LedgerKind
{
    /// <summary>The channel's settings: <see cref="ChannelSettings"/>. No parts.</summary>
    Settings,

    /// <summary>A member: <see cref="OrganizationEntry"/>. Part: MSP id.</summary>
    Organization,

    /// <summary>A proposal about members or settings: <see cref="ProposalEntry"/>. Part: proposal.</summary>
    Proposal,

    /// <summary>A member's vote for it: <see cref="VoteEntry"/>. Parts: proposal, MSP id.</summary>
    Vote,

    /// <summary>A patient: <see cref="PatientEntry"/>. Part: patient.</summary>
    Patient,

    /// <summary>A member that holds the patient's label key: <see cref="AffiliationEntry"/>. Parts: patient, MSP id.</summary>
    Affiliation,

    /// <summary>A credential: <see cref="CredentialEntry"/>. Parts: patient, credential.</summary>
    Credential,

    /// <summary>A grant that was not revoked: <see cref="StatementEntry"/>. Parts: patient, statement.</summary>
    Statement,

    /// <summary>
    /// A statement that decides nothing (any more), see <see cref="EndedStatementKind"/>: <see cref="EndedStatementEntry"/>.
    /// Parts: patient, statement. Kept for ever, so that no id is used twice.
    /// </summary>
    EndedStatement,

    /// <summary>
    /// A use of a counted permit: <see cref="UseEntry"/>. Parts: patient, statement, slot (a number from 0). Kept for ever.
    /// </summary>
    Use,

    /// <summary>A record: <see cref="RecordEntry"/>. Parts: patient, custodian, record.</summary>
    Record,

    /// <summary>An access request and its decisions: <see cref="AccessEntry"/>. Parts: patient, requester, access.</summary>
    Access,

    /// <summary>A release of keys: <see cref="ReleaseEntry"/>. Parts: patient, requester, access, custodian, release.</summary>
    Release,

    /// <summary>A consent that a hospital vouches for: <see cref="AttestationEntry"/>. Parts: patient, MSP id, attestation.</summary>
    Attestation,

    /// <summary>A person who signs for the patient: <see cref="DelegateEntry"/>. Parts: patient, delegate.</summary>
    Delegate,

    /// <summary>
    /// That the patient confirmed a delegate's permit, or one guardian another's: <see cref="ConfirmationEntry"/>. Parts: patient,
    /// statement, confirmer.
    /// </summary>
    Confirmation,

    /// <summary>A staff key, in force or revoked: <see cref="StaffKeyEntry"/>. Parts: member, credential.</summary>
    StaffKey,

    /// <summary>An emergency session: <see cref="EmergencyEntry"/>. Parts: patient, member, emergency.</summary>
    Emergency,

    /// <summary>The review of a session: <see cref="ReviewEntry"/>. Parts: patient, member, emergency.</summary>
    EmergencyReview,

    /// <summary>
    /// A session that nobody has reviewed: <see cref="OpenReviewEntry"/>. Parts: member, patient, emergency. Removed by the review.
    /// </summary>
    OpenReview,

    /// <summary>A signer that hospitals vouch for: <see cref="VouchedEntry"/>. Parts: patient, signer.</summary>
    VouchedSigner,

    /// <summary>
    /// Decisions that a custodian's own check does not confirm: <see cref="MismatchEntry"/>. Parts: patient, requester, access,
    /// custodian.
    /// </summary>
    Mismatch,

    /// <summary>What a hospital's node destroyed after an erasure: <see cref="ErasureReportEntry"/>. Parts: patient, MSP id.</summary>
    ErasureReport,

    /// <summary>That two ids are one person: <see cref="MergeEntry"/>. Parts: the id that stays, the id that goes.</summary>
    Merge,

    /// <summary>The way from an id that goes to the one that stays: <see cref="MergedIntoEntry"/>. Parts: the id that goes, the id that stays.</summary>
    MergedInto,

    /// <summary>
    /// What became of a record: <see cref="SupersessionEntry"/>. Parts: patient, custodian, record, successor; a record that was withdrawn
    /// is its own successor.
    /// </summary>
    Supersession,
}

/// <summary>
/// The layout of the state: composite keys, one object type per kind, so that a range read of one kind is no phantom for
/// another. What a member creates under an id of its own choice has that member's MSP id in the key, so nobody can take
/// another's id first.
/// </summary>
public static class LedgerKey
{
    private static readonly (LedgerKind Kind, string ObjectType, int Parts)[] Layout =
    [
        (LedgerKind.Settings, "net", 0), (LedgerKind.Organization, "org", 1), (LedgerKind.Proposal, "prop", 1), (LedgerKind.Vote, "vote", 2),
        (LedgerKind.Patient, "pat", 1),
        (LedgerKind.Affiliation, "aff", 2), (LedgerKind.Credential, "cred", 2), (LedgerKind.Statement, "stmt", 2),
        (LedgerKind.EndedStatement, "done", 2), (LedgerKind.Use, "use", 3), (LedgerKind.Record, "rec", 3), (LedgerKind.Access, "acc", 3),
        (LedgerKind.Release, "rel", 5),
        (LedgerKind.Attestation, "att", 3), (LedgerKind.Delegate, "dlg", 2), (LedgerKind.Confirmation, "conf", 3),
        (LedgerKind.StaffKey, "staff", 2), (LedgerKind.Emergency, "emg", 3),
        (LedgerKind.EmergencyReview, "emrev", 3), (LedgerKind.OpenReview, "emopen", 3),
        (LedgerKind.VouchedSigner, "vch", 2),
        (LedgerKind.Mismatch, "mism", 4), (LedgerKind.ErasureReport, "erased", 2),
        (LedgerKind.Merge, "merge", 2), (LedgerKind.MergedInto, "merged", 2),
        (LedgerKind.Supersession, "sup", 4),
    ];

    /// <summary>Key of the settings.</summary>
    public static string Settings { get; } = Make(LedgerKind.Settings);

    /// <summary>Key of a member.</summary>
    public static string Organization(string mspId) => Make(LedgerKind.Organization, mspId);

    /// <summary>Key of a proposal.</summary>
    public static string Proposal(string proposalId) => Make(LedgerKind.Proposal, proposalId);

    /// <summary>Key of a member's vote.</summary>
    public static string Vote(string proposalId, string mspId) => Make(LedgerKind.Vote, proposalId, mspId);

    /// <summary>Key of a patient.</summary>
    public static string Patient(string patientId) => Make(LedgerKind.Patient, patientId);

    /// <summary>Key of a member's affiliation with a patient.</summary>
    public static string Affiliation(string patientId, string mspId) => Make(LedgerKind.Affiliation, patientId, mspId);

    /// <summary>Key of a credential.</summary>
    public static string Credential(string patientId, string credentialId) =>
        Make(LedgerKind.Credential, patientId, credentialId);

    /// <summary>Key of a grant that was not revoked.</summary>
    public static string Statement(string patientId, string statementId) => Make(LedgerKind.Statement, patientId, statementId);

    /// <summary>Key of a statement that decides nothing (any more).</summary>
    public static string EndedStatement(string patientId, string statementId) =>
        Make(LedgerKind.EndedStatement, patientId, statementId);

    /// <summary>Key of a person who signs for the patient.</summary>
    public static string Delegate(string patientId, string delegateId) => Make(LedgerKind.Delegate, patientId, delegateId);

    /// <summary>Key of a signer that hospitals vouch for.</summary>
    public static string VouchedSigner(string patientId, string signerId) => Make(LedgerKind.VouchedSigner, patientId, signerId);

    /// <summary>Key of the confirmation of a delegate's permit.</summary>
    public static string Confirmation(string patientId, string statementId, string confirmer) =>
        Make(LedgerKind.Confirmation, patientId, statementId, confirmer);

    /// <summary>Key of a consent that a hospital vouches for.</summary>
    public static string Attestation(string patientId, string member, string attestationId) =>
        Make(LedgerKind.Attestation, patientId, member, attestationId);

    /// <summary>Key of a use of a counted permit.</summary>
    public static string Use(string patientId, string statementId, int slot) =>
        Make(LedgerKind.Use, patientId, statementId, slot.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Key of a record.</summary>
    public static string Record(string patientId, string custodian, string recordId) =>
        Make(LedgerKind.Record, patientId, custodian, recordId);

    /// <summary>Key of an access request.</summary>
    public static string Access(AccessRef access) =>
        Make(LedgerKind.Access, access.PatientId, access.Requester, access.AccessId);

    /// <summary>Key of a release.</summary>
    public static string Release(AccessRef access, string custodian, string releaseId) =>
        Make(LedgerKind.Release, access.PatientId, access.Requester, access.AccessId, custodian, releaseId);

    /// <summary>Key of what a custodian reports about an access.</summary>
    public static string Mismatch(AccessRef access, string custodian) =>
        Make(LedgerKind.Mismatch, access.PatientId, access.Requester, access.AccessId, custodian);

    /// <summary>Key of a merge.</summary>
    public static string Merge(string surviving, string merged) => Make(LedgerKind.Merge, surviving, merged);

    /// <summary>Key of the way from an id that goes to the one that stays.</summary>
    public static string MergedInto(string merged, string surviving) => Make(LedgerKind.MergedInto, merged, surviving);

    /// <summary>Key of what became of a record by a later one; by itself where it was withdrawn.</summary>
    public static string Supersession(string patientId, string custodian, string recordId, string? by) =>
        Make(LedgerKind.Supersession, patientId, custodian, recordId, by ?? recordId);

    /// <summary>Key of a hospital's report on an erasure.</summary>
    public static string ErasureReport(string patientId, string member) => Make(LedgerKind.ErasureReport, patientId, member);

    /// <summary>Key of a staff key.</summary>
    public static string StaffKey(string member, string credentialId) => Make(LedgerKind.StaffKey, member, credentialId);

    /// <summary>Key of an emergency session.</summary>
    public static string Emergency(EmergencyRef emergency) =>
        Make(LedgerKind.Emergency, emergency.PatientId, emergency.Member, emergency.EmergencyId);

    /// <summary>Key of a session's review.</summary>
    public static string EmergencyReview(EmergencyRef emergency) =>
        Make(LedgerKind.EmergencyReview, emergency.PatientId, emergency.Member, emergency.EmergencyId);

    /// <summary>Key that stands as long as a session is not reviewed.</summary>
    public static string OpenReview(EmergencyRef emergency) =>
        Make(LedgerKind.OpenReview, emergency.Member, emergency.PatientId, emergency.EmergencyId);

    /// <summary>Key of a label key's envelope in its sender's own private collection.</summary>
    public static string LabelKeyEnvelope(string patientId, string recipient) =>
        CompositeKey.Make("labelkey", patientId, recipient);

    /// <summary>Key of a release's envelope in its custodian's own private collection.</summary>
    public static string ReleaseEnvelope(AccessRef access, string releaseId) =>
        CompositeKey.Make("envelope", access.PatientId, access.Requester, access.AccessId, releaseId);

    /// <summary>Name of the private collection that only one member's peers hold.</summary>
    public static string OwnCollection(string mspId) => $"_implicit_org_{mspId}";

    /// <summary>Object type of a kind, the first component of its keys.</summary>
    public static string ObjectTypeOf(LedgerKind kind) => Of(kind).ObjectType;

    /// <summary>The common beginning of all keys of a kind whose first parts are given.</summary>
    public static string Prefix(LedgerKind kind, params IReadOnlyList<string> parts) =>
        CompositeKey.Make(ObjectTypeOf(kind), parts);

    /// <summary>Tells what a key of the public state holds; false for a key that is none of this layout.</summary>
    /// <param name="key">The key.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="parts">Its parts, as many as the kind has.</param>
    public static bool TryParse(string key, out LedgerKind kind, out IReadOnlyList<string> parts)
    {
        (kind, parts) = (default, []);
        if (!CompositeKey.IsComposite(key) || key.Length < 3 || key[^1] != '\0')
            return false;
        var (type, found) = CompositeKey.Split(key);
        foreach (var entry in Layout)
        {
            if (string.Equals(entry.ObjectType, type, StringComparison.Ordinal) && entry.Parts == found.Count)
            {
                (kind, parts) = (entry.Kind, found);
                return true;
            }
        }
        return false;
    }

    private static string Make(LedgerKind kind, params IReadOnlyList<string> parts) => Prefix(kind, parts);

    private static (LedgerKind Kind, string ObjectType, int Parts) Of(LedgerKind kind) =>
        Array.Find(Layout, entry => entry.Kind == kind);
}
